package dev.sightline.data.internal.row;

import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a part of a table, each a text or a JSON object with a number. Blank texts are passed
 * over, as blank lines of a file are.
 */
public final class NumberedRows implements RowSource {
  private final Iterator<Numbered> rows;
  private final boolean json;
  private final boolean named;
  private final @Nullable InputFields inputs;

  /**
   * A row.
   *
   * @param line its number in the table, counted from 1
   */
  public record Numbered(long line, String text) {}

  /**
   * The rows.
   *
   * @param json whether each is a JSON object with the fields of a sample, and not a plain text
   * @param named whether the rows have ids, by which those that are passed over are named
   * @param inputs fields that JSON objects may have for a model's inputs
   */
  public NumberedRows(
      Iterator<Numbered> rows, boolean json, boolean named, Optional<InputFields> inputs) {
    this.inputs = inputs.orElse(null);
    this.rows = rows;
    this.json = json;
    this.named = named;
  }

  @Override
  public @Nullable Row next() {
    while (rows.hasNext()) {
      Numbered next = rows.next();
      if (!next.text().isBlank()) {
        return json ? object(next) : LineRows.plain(next.line(), next.text());
      }
    }
    return null;
  }

  private Row object(Numbered next) {
    Row row = LineRows.object(next.line(), next.text(), inputs);
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
