package dev.sightline.lab.internal.task;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes tasks from a seed: a scene of distinct things in the plane, and an instruction of 3 to 40
 * words that names one or two of them. The other things distract, and so do words that fill.
 */
public final class Episodes {
  /** Things of a scene. */
  public static final int THINGS = 6;

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
   * @param number decides what is asked, in which words, and which things there are
   * @param draw decides where everything is
   */
  public static Episode episode(long seed, long number, long draw) {
    SplittableRandom kinds = random(seed, number);
    SplittableRandom places = random(kinds.nextLong(), draw);
    List<Thing> things = scene(kinds, places);
    Thing taken = things.get(kinds.nextInt(THINGS));
    Subtask subtask = new Subtask(taken, null, null);
    List<Episode.Place> goals = new ArrayList<>();
    goals.add(new Episode.Place(taken.x(), taken.y()));
    if (kinds.nextInt(4) > 0) {
      Thing beside = things.get(kinds.nextInt(THINGS));
      Relation relation = Relation.values()[kinds.nextInt(Relation.values().length)];
      subtask = new Subtask(taken, relation, beside);
      goals.add(new Episode.Place(relation.x(beside), relation.y(beside)));
    }
    return new Episode(
        shuffled(things, places),
        words(subtask, kinds),
        subtask,
        place(places),
        place(places),
        goals);
  }

  /** Two numbers that are near each other must not begin alike, so they are mixed first. */
  private static SplittableRandom random(long seed, long number) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + number).split();
  }

  private static List<Thing> scene(SplittableRandom kinds, SplittableRandom places) {
    List<Thing> things = new ArrayList<>();
    while (things.size() < THINGS) {
      Thing.Colour colour = one(Thing.Colour.values(), kinds);
      Thing.Form form = one(Thing.Form.values(), kinds);
      if (things.stream().noneMatch(other -> other.is(colour, form))) {
        things.add(placed(colour, form, things, places));
      }
    }
    return things;
  }

  private static Thing placed(
      Thing.Colour colour, Thing.Form form, List<Thing> others, SplittableRandom places) {
    while (true) {
      Thing thing = new Thing(colour, form, place(places), place(places));
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
    if (random.nextInt(3) == 0) {
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
    for (int i = random.nextInt(4); i > 1; i--) {
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

  private static double place(SplittableRandom random) {
    return EDGE * (2 * random.nextDouble() - 1);
  }
}
