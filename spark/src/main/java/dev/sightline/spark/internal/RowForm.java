package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.NumberedRows;
import java.io.Serializable;
import java.util.Iterator;

/**
 * What the rows of a data set are.
 *
 * @param data the name of the data set
 * @param json whether rows are JSON objects, and not plain texts
 * @param named whether rows have ids of their own
 */
public record RowForm(String data, boolean json, boolean named) implements Serializable {
  /** Returns some rows as those of a file. */
  DataFile file(Iterator<NumberedText> rows) {
    Iterator<NumberedRows.Numbered> numbered =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public NumberedRows.Numbered next() {
            NumberedText next = rows.next();
            return new NumberedRows.Numbered(next.line(), next.text());
          }
        };
    return DataFile.of(data, new NumberedRows(numbered, json, named));
  }
}
