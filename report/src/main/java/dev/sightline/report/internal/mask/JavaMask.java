package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;

/** A mask over sizes as Java code. */
final class JavaMask {
  private static final int LONGEST = 20_000;

  private JavaMask() {}

  static String of(BoundMask mask) {
    MaskShape shape = mask.shape();
    String text = mask.mask().toString();
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "the text of this mask has "
              + text.length()
              + " characters; keep it in a file and give its content to Mask.parse");
    }
    return "Mask mask = Mask.parse(\""
        + text.replace("\\", "\\\\").replace("\"", "\\\"")
        + "\");\nBoundMask bound = mask.over(new MaskShape("
        + shape.batch()
        + ", "
        + shape.heads()
        + ", "
        + shape.queries()
        + ", "
        + shape.keys()
        + "));\nboolean allowed = bound.allowed(0, 0, 0, 0); // batch row, head, query, key\n";
  }
}
