package dev.sightline.lab.internal.task;

import java.util.List;

/** An object of a scene: its colour, its shape, and its place in the plane, from -1 to 1. */
public record Thing(Colour colour, Form form, double x, double y) {
  static final List<Colour> COLOURS = List.of(Colour.values());
  static final List<Form> FORMS = List.of(Form.values());

  /**
   * Numbers of a thing's feature token: one for each colour and form, and its place from the hand.
   */
  public static final int FEATURES = COLOURS.size() + FORMS.size() + 2;

  /** The colours that things have, with the words for each. */
  public enum Colour {
    RED("red", "crimson"),
    GREEN("green", "emerald"),
    BLUE("blue", "navy"),
    YELLOW("yellow", "golden");

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> words;

    Colour(String... words) {
      this.words = List.of(words);
    }

    List<String> words() {
      return words;
    }
  }

  /** The shapes that things have, with the words for each. */
  public enum Form {
    CUBE("cube", "block"),
    BALL("ball", "sphere"),
    RING("ring", "hoop");

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> words;

    Form(String... words) {
      this.words = List.of(words);
    }

    List<String> words() {
      return words;
    }
  }

  int colourNumber() {
    return COLOURS.indexOf(colour);
  }

  int formNumber() {
    return FORMS.indexOf(form);
  }

  boolean is(Colour otherColour, Form otherForm) {
    return colour == otherColour && form == otherForm;
  }

  double distance(double toX, double toY) {
    return Math.hypot(x - toX, y - toY);
  }

  void writeFeatures(float[] target, int offset, double handX, double handY) {
    target[offset + colourNumber()] = 1;
    target[offset + COLOURS.size() + formNumber()] = 1;
    target[offset + FEATURES - 2] = (float) (x - handX);
    target[offset + FEATURES - 1] = (float) (y - handY);
  }
}
