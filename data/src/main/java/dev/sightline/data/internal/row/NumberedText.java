package dev.sightline.data.internal.row;

import dev.sightline.data.internal.row.TextLines.Line;
import dev.sightline.tensor.internal.Quoted;
import java.io.Serializable;
import java.util.Optional;

/**
 * A row of a data set that is read in parts, on its way to where it is measured.
 *
 * @param line its number in the data set, counted from 1
 * @param text a text, or a JSON object with the fields of a sample
 * @param reason why it cannot be used; empty if it can
 * @param detail what a message quotes with the reason; may be empty
 */
public record NumberedText(long line, String text, String reason, String detail)
    implements Serializable {
  /** Of a line, or of a cell of a table. */
  public static final int MOST_BYTES = TextLines.MAX_LINE_BYTES;

  public static final String TOO_LONG = TextLines.TOO_LONG;

  public static final String NOT_UTF8 = TextLines.NOT_UTF8;

  /** A row that can be used. */
  public NumberedText(long line, String text) {
    this(line, text, "", "");
  }

  /**
   * Returns a line of a file as a file's reader sees it.
   *
   * @param json whether it is a JSON object, which may have what a model reads besides
   */
  public static NumberedText of(long number, byte[] line, boolean json) {
    int most = json ? InputRows.MAX_LINE_BYTES : MOST_BYTES;
    return switch (TextLines.line(number, line, most)) {
      case Line.Text text -> new NumberedText(number, text.text());
      case Line.Bad bad -> new NumberedText(number, "", bad.reason(), "");
    };
  }

  /** Returns the same row with a number. */
  public NumberedText at(long number) {
    return new NumberedText(number, text, reason, detail);
  }

  /** Returns the id that a usable JSON object gives itself; empty if it gives none. */
  public Optional<String> ownId() {
    if (!reason.isEmpty() || !text.contains("\"id\"")) {
      return Optional.empty();
    }
    String id =
        switch (LineRows.object(line, text, null)) {
          case Row.Text row -> row.id();
          case Row.Ids row -> row.id();
          case Row.Inputs row -> row.id();
          case Row.Bad bad -> "";
        };
    return Optional.of(id).filter(own -> !own.isEmpty() && !own.equals(Long.toString(line)));
  }

  /** Returns the same row as one whose id was there before. */
  public NumberedText repeated() {
    return new NumberedText(
        line, text, DataFile.REPEATED_ID, ownId().map(Quoted::shortened).orElse(""));
  }

  /** Returns whether it is a blank line, which is no row. */
  public boolean isBlank() {
    return reason.isEmpty() && text.isBlank();
  }
}
