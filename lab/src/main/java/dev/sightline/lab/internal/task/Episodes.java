package dev.sightline.lab.internal.task;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes tasks from a seed: a scene of distinct things in the plane, and an instruction of 3 to 40
 * words that names one or two of them. The other things distract, and so do words that fill.
 */
public final class Episodes {
  /** Things of a scene. */
  public static final int THINGS = 4;

  /** Words of the longest instruction. */
  public static final int LONGEST = 40;

  /** Farther from each other than a place beside a thing is from it, with room to miss. */
  private static final double APART = 0.5;

  private static final double EDGE = 0.8;

  private static final String[] TAKE = {"take", "grab", "fetch", "pick up", "get"};
  private static final String[] GO = {"go", "move", "come", "travel"};
  private static final String[] THEN = {"then", "and then", "after that", "next"};
  private static final String[] OPENING = {
    "please", "now", "robot", "when you are ready", "if it is not too much trouble", "kindly"
  };
  private static final String[] CLOSING = {
    "please",
    "thank you",
    "and take all the time you need",
    "and be careful on the way",
    "since the others can wait until tomorrow",
    "as we have done it many times before today"
  };

  private Episodes() {}

  /**
   * {@return a task of the world with this seed}
   *
   * @param seed of the world
   * @param number decides what is asked and in which words
   * @param draw decides which other things there are, and where everything is
   */
  public static Episode episode(long seed, long number, long draw) {
    SplittableRandom asked = random(seed, number);
    Thing.Colour colour = one(Thing.COLOURS, asked);
    Thing.Form form = one(Thing.FORMS, asked);
    SplittableRandom scene = random(asked.nextLong(), draw);
    List<Thing> things = new ArrayList<>();
    Thing taken = placed(colour, form, things, scene);
    things.add(taken);
    Subtask subtask = new Subtask(taken, null, null);
    if (asked.nextInt(4) > 0) {
      Thing beside = another(things, asked, scene);
      things.add(beside);
      Relation relation = one(Relation.values(), asked);
      subtask = new Subtask(taken, relation, beside);
    }
    String instruction = words(subtask, asked);
    while (things.size() < THINGS) {
      things.add(another(things, scene, scene));
    }
    return of(shuffled(things, scene), instruction, subtask, place(scene), place(scene));
  }

  /**
   * {@return a task in the same scene with another instruction, drawn at random: the best that can
   * be done without reading the instruction}
   */
  public static Episode guess(Episode episode, SplittableRandom random) {
    List<Thing> things = new ArrayList<>(episode.things());
    Thing taken = things.remove(random.nextInt(things.size()));
    boolean goesOn = random.nextInt(4) > 0;
    @Nullable Thing beside = goesOn ? things.get(random.nextInt(things.size())) : null;
    @Nullable Relation relation = goesOn ? one(Relation.values(), random) : null;
    return of(
        episode.things(),
        "",
        new Subtask(taken, relation, beside),
        episode.startX(),
        episode.startY());
  }

  private static Episode of(
      List<Thing> things, String instruction, Subtask subtask, double startX, double startY) {
    List<Episode.Place> goals = new ArrayList<>();
    goals.add(new Episode.Place(subtask.taken().x(), subtask.taken().y()));
    Relation relation = subtask.relation();
    Thing beside = subtask.beside();
    if (relation != null && beside != null) {
      goals.add(new Episode.Place(relation.x(beside), relation.y(beside)));
    }
    return new Episode(things, instruction, subtask, startX, startY, goals);
  }

  /** Two numbers that are near each other must not begin alike, so they are mixed first. */
  private static SplittableRandom random(long seed, long number) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + number).split();
  }

  private static Thing another(
      List<Thing> things, SplittableRandom kinds, SplittableRandom places) {
    while (true) {
      Thing.Colour colour = one(Thing.COLOURS, kinds);
      Thing.Form form = one(Thing.FORMS, kinds);
      if (things.stream().noneMatch(other -> other.is(colour, form))) {
        return placed(colour, form, things, places);
      }
    }
  }

  private static Thing placed(
      Thing.Colour colour, Thing.Form form, List<Thing> others, SplittableRandom random) {
    while (true) {
      Thing thing = new Thing(colour, form, place(random), place(random));
      if (others.stream().noneMatch(other -> other.distance(thing.x(), thing.y()) < APART)) {
        return thing;
      }
    }
  }

  private static List<Thing> shuffled(List<Thing> things, SplittableRandom random) {
    List<Thing> left = new ArrayList<>(things);
    List<Thing> order = new ArrayList<>();
    while (!left.isEmpty()) {
      order.add(left.remove(random.nextInt(left.size())));
    }
    return order;
  }

  private static String words(Subtask subtask, SplittableRandom random) {
    StringBuilder said = new StringBuilder();
    if (random.nextInt(4) == 0) {
      said.append(one(OPENING, random)).append(", ");
    }
    said.append(one(TAKE, random)).append(' ').append(named(subtask.taken(), random));
    Relation relation = subtask.relation();
    Thing beside = subtask.beside();
    if (relation != null && beside != null) {
      said.append(random.nextBoolean() ? ", " : " ").append(one(THEN, random)).append(' ');
      said.append(one(GO, random)).append(' ').append(one(relation.words(), random));
      said.append(' ').append(named(beside, random));
    }
    // Most instructions are short; one in 100 is several times as long.
    boolean isLong = random.nextInt(100) == 0;
    int fillers = isLong ? 2 + random.nextInt(2) : random.nextInt(4) / 3;
    for (int i = 0; i < fillers; i++) {
      said.append(", ").append(one(CLOSING, random));
    }
    return said.toString();
  }

  private static String named(Thing thing, SplittableRandom random) {
    String article = random.nextInt(3) == 0 ? "" : "the ";
    return article + one(thing.colour().words(), random) + " " + one(thing.form().words(), random);
  }

  private static <T> T one(T[] choices, SplittableRandom random) {
    return choices[random.nextInt(choices.length)];
  }

  private static <T> T one(List<T> choices, SplittableRandom random) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static double place(SplittableRandom random) {
    return EDGE * (2 * random.nextDouble() - 1);
  }
}
