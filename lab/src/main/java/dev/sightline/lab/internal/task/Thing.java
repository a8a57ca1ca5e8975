package dev.sightline.lab.internal.task;

/** An object of a scene: its colour, its shape, and its place in the plane, from -1 to 1. */
public record Thing(Colour colour, Form form, double x, double y) {
  /**
   * Numbers of a thing's feature token: one for each colour and form, and its place from the hand.
   */
  public static final int FEATURES = Colour.values().length + Form.values().length + 2;

  /** The colours that things have, with the words for each. */
  public enum Colour {
    RED("red", "crimson"),
    GREEN("green", "emerald"),
    BLUE("blue", "navy"),
    YELLOW("yellow", "golden");

    private final String[] words;

    Colour(String... words) {
      this.words = words;
    }

    String[] words() {
      return words;
    }
  }

  /** The shapes that things have, with the words for each. */
  public enum Form {
    CUBE("cube", "block"),
    BALL("ball", "sphere"),
    RING("ring", "hoop");

    private final String[] words;

    Form(String... words) {
      this.words = words;
    }

    String[] words() {
      return words;
    }
  }

  boolean is(Colour otherColour, Form otherForm) {
    return colour == otherColour && form == otherForm;
  }

  double distance(double toX, double toY) {
    return Math.hypot(x - toX, y - toY);
  }

  void writeFeatures(float[] target, int offset, double handX, double handY) {
    target[offset + colour.ordinal()] = 1;
    target[offset + Colour.values().length + form.ordinal()] = 1;
    target[offset + FEATURES - 2] = (float) (x - handX);
    target[offset + FEATURES - 1] = (float) (y - handY);
  }
}
