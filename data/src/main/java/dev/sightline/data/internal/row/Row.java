package dev.sightline.data.internal.row;

import dev.sightline.data.Sample;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.RawTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A row of a data file: a sample, or the reason why it is none. */
public sealed interface Row {
  /** The largest weight that a row may have. */
  double MAX_WEIGHT = 1e9;

  /** Returns the line of a text file that the row begins in, or the row of a table, from 1. */
  long line();

  /**
   * A text.
   *
   * @param line {@link #line()}
   * @param id from the file, or the line number
   * @param text not blank
   * @param span in characters (Unicode code points) of the text
   * @param weight 1 unless the file gives another
   */
  record Text(long line, String id, String text, Optional<Span> span, double weight)
      implements Row {}

  /**
   * Token ids.
   *
   * @param line {@link #line()}
   * @param id from the file, or the line number
   * @param tokens the real ones, where the mask is 1
   * @param masked whether the row says which ids are real
   * @param placement their positions, if padding is before or between them
   * @param span in real tokens
   * @param weight 1 unless the file gives another
   */
  record Ids(
      long line,
      String id,
      TokenizedText tokens,
      boolean masked,
      Optional<Sample.Placement> placement,
      Optional<Span> span,
      double weight)
      implements Row {}

  /**
   * A value for each input of a model.
   *
   * @param line {@link #line()}
   * @param id from the file, or the line number
   * @param values by the name of the input, in the order of the model, without the axis of rows
   * @param weight 1 unless the file gives another
   */
  record Inputs(long line, String id, Map<String, RawTensor> values, double weight) implements Row {
    public Inputs {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /**
   * A row that is passed over.
   *
   * @param line {@link #line()}
   * @param name its line, as in {@code line 7}, or its id where rows have no lines
   * @param reason a sentence that many rows may share
   * @param detail the value that the row has, shortened; may be empty
   */
  record Bad(long line, String name, String reason, String detail) implements Row {
    /** A row that is named by its line. */
    public Bad(long line, String reason, String detail) {
      this(line, "line " + line, reason, detail);
    }

    /**
     * Returns a sentence such as {@code line 7: its weight is not above 0 and at most 1.0E9: -3}.
     */
    @Override
    public String toString() {
      return name + ": " + reason + (detail.isEmpty() ? "" : ": " + detail);
    }
  }
}
