package dev.sightline.data.internal.row;

import dev.sightline.data.Sample;
import dev.sightline.onnx.TokenizedText;
import java.util.Optional;

/** A row of a data file: a sample, or the reason why it is none. */
public sealed interface Row {
  /** The largest weight that a row may have. */
  double MAX_WEIGHT = 1e9;

  /** Where it begins: the line of a text file, the row of a table; counted from 1. */
  long line();

  /**
   * A text.
   *
   * @param id from the file, or the line number
   * @param span in characters (Unicode code points) of the text
   * @param weight 1 unless the file gives another
   */
  record Text(long line, String id, String text, Optional<Span> span, double weight)
      implements Row {}

  /**
   * Token ids.
   *
   * @param id from the file, or the line number
   * @param tokens the real ones, those under a 1 of the mask
   * @param masked whether the row says itself which ids are real
   * @param place where they stand, if padding is before or between them
   * @param span in real tokens
   * @param weight 1 unless the file gives another
   */
  record Ids(
      long line,
      String id,
      TokenizedText tokens,
      boolean masked,
      Optional<Sample.Place> place,
      Optional<Span> span,
      double weight)
      implements Row {}

  /**
   * A row that is passed over.
   *
   * @param reason a sentence that many rows may share
   * @param detail what stood there, shortened; may be empty
   */
  record Bad(long line, String reason, String detail) implements Row {
    /** As in {@code line 7: its weight is not above 0 and at most 1.0E9: -3}. */
    @Override
    public String toString() {
      return "line " + line + ": " + reason + (detail.isEmpty() ? "" : ": " + detail);
    }
  }
}
