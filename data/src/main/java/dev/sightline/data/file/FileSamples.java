package dev.sightline.data.file;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.data.internal.row.RowSource;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Samples of a data file for a model, read one at a time. Each iterator reads the file from its
 * start and ends the one before. An iterator throws {@link UncheckedIOException} if the file cannot
 * be read further, or does not fit the model. Owned by one thread.
 */
public final class FileSamples implements Iterable<Sample>, AutoCloseable {
  private final RowEncoder encoder;
  private final Path file;
  private final DataFormat format;
  private final Consumer<String> notes;
  private @Nullable DataFile open;

  /**
   * Opens a file.
   *
   * @param model reads the samples
   * @param tokenizer null if all rows have ids
   * @param file one sample a row
   * @param format of the file
   * @param notes told which rows were left out or cut, and why
   * @throws ModelException if the model has an input that token ids cannot fill
   * @throws DataException if there is no such file, or it is not of that format
   * @throws IOException if the file cannot be closed
   */
  public FileSamples(
      Model model,
      @Nullable Tokenizer tokenizer,
      Path file,
      DataFormat format,
      Consumer<String> notes)
      throws IOException {
    this.encoder = new RowEncoder(SampleEncoder.of(model, tokenizer));
    this.file = file;
    this.format = format;
    this.notes = notes;
    DataFile.open(file, format).close();
  }

  @Override
  public Iterator<Sample> iterator() {
    try {
      close();
      DataFile rows = DataFile.open(file, format);
      open = rows;
      return new SampleIterator(encoder, new FileRows(rows), " of '" + file + "'", notes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Counts the rows of the file, for a progress bar. It reads the file once, which takes little of
   * what a model takes for its texts.
   *
   * @return the rows; those before the first that cannot be read, if there is one
   * @throws DataException if the file is no longer there
   */
  public long countRows() throws DataException {
    try (DataFile rows = DataFile.open(file, format)) {
      try {
        while (rows.next() != null) {}
      } catch (DataException e) {
        return rows.rows(); // said when it is reached
      }
      return rows.rows();
    }
  }

  private record FileRows(DataFile file) implements RowSource {
    @Override
    public @Nullable Row next() throws DataException {
      return file.next();
    }

    @Override
    public void close() throws DataException {
      file.close();
    }
  }

  @Override
  public void close() throws DataException {
    DataFile rows = open;
    open = null;
    if (rows != null) {
      rows.close();
    }
  }
}
