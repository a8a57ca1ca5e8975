package dev.sightline.data.internal.row;

import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a part of a table, each a text or a JSON object with a number. Blank texts are passed
 * over, as blank lines of a file are.
 */
public final class NumberedRows implements RowSource {
  private final Iterator<NumberedText> rows;
  private final boolean json;
  private final boolean named;
  private final @Nullable InputFields inputs;

  /**
   * The rows.
   *
   * @param json whether each is a JSON object with the fields of a sample, and not a plain text
   * @param named whether the rows have ids, by which those that are passed over are named
   * @param inputs fields that JSON objects may have for a model's inputs
   */
  public NumberedRows(
      Iterator<NumberedText> rows, boolean json, boolean named, Optional<InputFields> inputs) {
    this.inputs = inputs.orElse(null);
    this.rows = rows;
    this.json = json;
    this.named = named;
  }

  @Override
  public @Nullable Row next() {
    while (rows.hasNext()) {
      NumberedText next = rows.next();
      if (!next.isBlank()) {
        return row(next);
      }
    }
    return null;
  }

  private Row row(NumberedText next) {
    if (!json && next.reason().isEmpty()) {
      return LineRows.plain(next.line(), next.text());
    }
    Row row =
        next.reason().isEmpty()
            ? LineRows.object(next.line(), next.text(), inputs)
            : new Row.Bad(next.line(), next.reason(), next.detail());
    return named && row instanceof Row.Bad bad
        ? new Row.Bad(
            bad.line(), LineRows.ownId(next.text()).orElse(bad.name()), bad.reason(), bad.detail())
        : row;
  }

  @Override
  public String badName(long line, String id) {
    return named ? id : RowSource.super.badName(line, id);
  }

  @Override
  public void close() {}
}
