package dev.sightline.audit.declared;

import dev.sightline.data.Padding;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The sides of a text on which its padding must do no harm. */
public enum Sides {
  /** Padding after the text. */
  RIGHT,
  /** Padding before the text. */
  LEFT,
  /** Padding on either side of the text. */
  BOTH;

  /**
   * {@return the sides of a name}
   *
   * @param name {@code right}, {@code left} or {@code both}
   * @throws IllegalArgumentException if there is no such name, with those that there are
   */
  public static Sides parse(String name) {
    for (Sides sides : values()) {
      if (sides.label().equals(name.strip().toLowerCase(Locale.ROOT))) {
        return sides;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + name
            + "' is no side of a text; expected one of "
            + Arrays.stream(values()).map(Sides::label).collect(Collectors.joining(", ")));
  }

  /** {@return the name in lower case, as {@link #parse} takes it} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * {@return whether padding at this place is among them; padding inside a text is on both sides}
   *
   * @param padding the place of the padding
   */
  public boolean include(Padding padding) {
    return switch (padding) {
      case RIGHT -> this != LEFT;
      case LEFT -> this != RIGHT;
      case INTERIOR -> this == BOTH;
    };
  }
}
