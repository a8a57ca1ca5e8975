package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.NumberedRows;
import dev.sightline.data.internal.row.NumberedText;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Optional;

/**
 * What the rows of a data set are.
 *
 * @param data the name of the data set
 * @param json whether rows are JSON objects, and not plain texts
 * @param named whether rows have ids of their own
 */
public record RowForm(String data, boolean json, boolean named) implements Serializable {
  /**
   * Returns some rows as those of a file.
   *
   * @param inputs fields that JSON objects may have for a model's inputs
   */
  DataFile file(Iterator<NumberedText> rows, Optional<InputFields> inputs) {
    return DataFile.of(data, new NumberedRows(rows, json, named, inputs));
  }
}
