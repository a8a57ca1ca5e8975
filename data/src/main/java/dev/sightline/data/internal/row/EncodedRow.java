package dev.sightline.data.internal.row;

import dev.sightline.data.Sample;
import dev.sightline.onnx.TokenizedText;
import java.util.List;
import java.util.Optional;

/** A row of a data file as tokens of a model, or the reason why the model cannot take it. */
public sealed interface EncodedRow {
  /** Returns the row's own id, or its line, as in {@code line 7}. */
  String name();

  /**
   * A row that the model can take.
   *
   * @param id from the file, or the line number
   * @param name {@link #name()}
   * @param label the text, or the name where the row has ids
   * @param tokens the real tokens
   * @param placement the positions of the tokens, if padding is before or between them
   * @param span in tokens
   * @param weight from the file, or 1
   * @param remarks what the user should know about it, such as that it was cut
   */
  record Usable(
      String id,
      String name,
      String label,
      TokenizedText tokens,
      Optional<Sample.Placement> placement,
      Optional<Span> span,
      double weight,
      List<String> remarks)
      implements EncodedRow {
    public Usable {
      remarks = List.copyOf(remarks);
    }

    /** Returns the number of positions that the tokens need in a batch. */
    public int width() {
      return placement.map(Sample.Placement::width).orElse(tokens.length());
    }
  }

  /**
   * A row that is passed over.
   *
   * @param name {@link #name()}
   * @param reason a sentence that many rows may share
   * @param detail the value that the row has; may be empty
   */
  record Passed(String name, String reason, String detail) implements EncodedRow {}
}
