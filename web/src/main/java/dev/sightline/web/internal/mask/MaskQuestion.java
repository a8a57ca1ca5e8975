package dev.sightline.web.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.report.internal.mask.GivenSizes;
import dev.sightline.web.internal.http.HttpProblem;
import dev.sightline.web.internal.http.JsonBody;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a page asks about: one mask or two, sizes, and the batch row and head that it shows.
 *
 * @param text the mask
 * @param other the mask beside it; empty if there is none
 * @param sizes the sizes as they were given
 * @param batch batch row
 * @param head head
 * @param which of the two masks is asked about: a or b
 */
record MaskQuestion(
    String text, String other, GivenSizes sizes, int batch, int head, String which) {
  /** More is refused: a mask of so many words is made by a program, which has the library. */
  static final int LONGEST = 64 << 10;

  static MaskQuestion of(JsonBody body) {
    String text = body.text("mask", LONGEST);
    if (text.isBlank()) {
      throw new HttpProblem(422, "type a mask, such as causal & window(2,0)", 0);
    }
    return new MaskQuestion(
        text,
        body.text("other", LONGEST),
        new GivenSizes(size(body, "q"), size(body, "k")),
        body.number("batch").orElse(0),
        body.number("head").orElse(0),
        body.text("which", 1));
  }

  private static OptionalInt size(JsonBody body, String name) {
    OptionalInt size = body.number(name);
    if (size.isPresent() && size.getAsInt() < 1) {
      throw new HttpProblem(422, "the number of tokens must be at least 1");
    }
    return size;
  }

  boolean hasOther() {
    return !other.isBlank();
  }

  /** Whether it is the second of the two masks that is asked about. */
  boolean isAboutOther() {
    return which.equals("b") && hasOther();
  }

  /** The text of the mask that is asked about. */
  String shownText() {
    return isAboutOther() ? other : text;
  }

  /** The masks, bound to sizes that are the same for both. */
  List<BoundMask> bound() {
    Mask mask = Mask.parse(text);
    if (!hasOther()) {
      return List.of(mask.over(sizes.drawingFor(mask)));
    }
    Mask second = second();
    MaskShape shape = sizes.sampleFor(1, mask, second);
    return List.of(mask.over(shape), second.over(shape));
  }

  private Mask second() {
    try {
      return Mask.parse(other);
    } catch (IllegalArgumentException e) {
      throw new HttpProblem(422, "the second mask: " + e.getMessage());
    }
  }

  Cell from(int query, int key) {
    return new Cell(batch, head, query, key);
  }
}
