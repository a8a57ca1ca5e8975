package dev.sightline.lab.internal.task;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes tasks from a seed: a scene of distinct things in the plane, and an instruction of 3 to 40
 * words that names one of them. The other things distract, and so do words that fill.
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
    Relation relation = one(Relation.values(), asked);
    Thing.Colour colour = one(Thing.Colour.values(), asked);
    Thing.Form form = one(Thing.Form.values(), asked);
    String instruction = words(relation, colour, form, asked);
    SplittableRandom scene = random(asked.nextLong(), draw);
    List<Thing> things = new ArrayList<>();
    Thing thing = placed(colour, form, things, scene);
    things.add(thing);
    while (things.size() < THINGS) {
      Thing.Colour otherColour = one(Thing.Colour.values(), scene);
      Thing.Form otherForm = one(Thing.Form.values(), scene);
      if (things.stream().noneMatch(other -> other.is(otherColour, otherForm))) {
        things.add(placed(otherColour, otherForm, things, scene));
      }
    }
    return new Episode(
        shuffled(things, scene),
        instruction,
        new Subtask(relation, thing),
        place(scene),
        place(scene));
  }

  /** Two numbers that are near each other must not begin alike, so they are mixed first. */
  private static SplittableRandom random(long seed, long number) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + number).split();
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

  private static String words(
      Relation relation, Thing.Colour colour, Thing.Form form, SplittableRandom random) {
    StringBuilder said = new StringBuilder();
    if (random.nextInt(4) == 0) {
      said.append(one(OPENING, random)).append(", ");
    }
    if (relation == Relation.AT) {
      said.append(one(TAKE, random));
    } else {
      said.append(one(GO, random)).append(' ').append(one(relation.words(), random));
    }
    said.append(random.nextInt(3) == 0 ? " " : " the ");
    said.append(one(colour.words(), random)).append(' ').append(one(form.words(), random));
    // Most instructions are short; one in eight is several times as long.
    int fillers = random.nextInt(8) == 0 ? 1 + random.nextInt(3) : random.nextInt(2) * random.nextInt(2);
    for (int i = 0; i < fillers; i++) {
      said.append(", ").append(one(CLOSING, random));
    }
    return said.toString();
  }

  private static <T> T one(T[] choices, SplittableRandom random) {
    return choices[random.nextInt(choices.length)];
  }

  private static double place(SplittableRandom random) {
    return EDGE * (2 * random.nextDouble() - 1);
  }
}
