package dev.sightline.data.internal.row;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.tensor.internal.Hash;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a data file of any {@link DataFormat}, one at a time. A row that cannot be used is
 * returned as {@link Row.Bad}, and the next one is read as usual. A file that changes while it is
 * read is an error. Owned by one thread.
 *
 * <p>Memory does not grow with the file, except for 8 to 16 bytes for each row with an id of its
 * own: duplicates are found among the first {@value IdSet#MOST} ids.
 */
public final class DataFile implements AutoCloseable {
  static final String REPEATED_ID = "its id was there before";

  private final String file;
  private final RowSource source;
  private final Supplier<Double> progress;
  private final IdSet ids = new IdSet();
  private long firstWithId = Long.MAX_VALUE;
  private long rows;
  private long last;
  private boolean ended;

  private DataFile(String file, RowSource source, Supplier<Double> progress) {
    this.file = file;
    this.source = source;
    this.progress = progress;
  }

  /**
   * Returns the rows of another source as those of a file.
   *
   * @param name the name of the source in messages
   * @param source the rows; closed with this
   */
  public static DataFile of(String name, RowSource source) {
    return new DataFile(name, source, () -> 0.0);
  }

  /**
   * Opens a file.
   *
   * @throws DataException if there is no such file, or it is not of that format
   */
  public static DataFile open(Path file, DataFormat format) throws DataException {
    return open(file, format, Optional.empty());
  }

  /**
   * Opens a file for a model.
   *
   * @param inputs fields that rows of JSON may have for its inputs
   * @throws DataException if there is no such file, it is not of that format, or rows of the format
   *     cannot have the fields that they must
   */
  public static DataFile open(Path file, DataFormat format, Optional<InputFields> inputs)
      throws DataException {
    if (format != DataFormat.JSONL && inputs.filter(InputFields::required).isPresent()) {
      throw new DataException(
          "'"
              + file
              + "' has texts or token ids, but "
              + inputs.get().expected()
              + "; expected a .jsonl file with these fields");
    }
    if (Files.isDirectory(file)) {
      throw new DataException("'" + file + "' is a folder, and not a data file");
    }
    if (!Files.isRegularFile(file)) {
      throw new DataException("there is no data file '" + file + "'");
    }
    try {
      if (format == DataFormat.PARQUET) {
        ParquetRows rows = new ParquetRows(file, file.toString());
        return new DataFile(file.toString(), rows, rows::fraction);
      }
      OpenedFile opened = OpenedFile.open(file);
      double size = Math.max(1, opened.length());
      OpenedFile.Bytes in = opened.stream();
      return new DataFile(
          file.toString(), text(in, format, file.toString(), inputs), () -> in.position() / size);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("'" + file + "' cannot be read: " + e.getMessage(), e);
    }
  }

  private static RowSource text(
      InputStream in, DataFormat format, String name, Optional<InputFields> inputs)
      throws IOException {
    try {
      return switch (format) {
        case CSV -> new CsvRows(in, ',', name);
        case TSV -> new CsvRows(in, '\t', name);
        case JSONL -> new LineRows(in, true, inputs.orElse(null));
        default -> new LineRows(in, false, null);
      };
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Reads the next row; null at the end of the file.
   *
   * @throws DataException if the file cannot be read further
   */
  public @Nullable Row next() throws DataException {
    Row row;
    try {
      row = source.next();
    } catch (IOException e) {
      throw new DataException(
          "'" + file + "' cannot be read beyond line " + last + ": " + e.getMessage(), e);
    }
    if (row == null) {
      ended = true;
      return null;
    }
    rows++;
    last = row.line();
    return switch (row) {
      case Row.Text text -> unlessSeen(row, text.id());
      case Row.Ids tokens -> unlessSeen(row, tokens.id());
      case Row.Inputs values -> unlessSeen(row, values.id());
      case Row.Bad bad -> bad;
    };
  }

  /** Passes over rows, good and bad, as if they were read. */
  public void skip(long count) throws DataException {
    for (long i = 0; i < count && next() != null; i++) {
      // The ids of these rows count for duplicates.
    }
  }

  /**
   * Returns the share of the file that was read, from 0 to 1: of its bytes, or of the rows of a
   * table. It is 1 at the end, and a little ahead of the rows, since files are read in pieces.
   */
  public double fraction() {
    return ended ? 1 : Math.clamp(progress.get(), 0.0, 1.0);
  }

  /** Returns the number of rows that were read or passed over, good and bad. */
  public long rows() {
    return rows;
  }

  /** Until a row gives an id, line numbers need not be kept: they do not repeat. */
  private Row unlessSeen(Row row, String id) {
    boolean own = !id.equals(Long.toString(row.line()));
    if (own) {
      firstWithId = Math.min(firstWithId, row.line());
    }
    if (firstWithId == Long.MAX_VALUE) {
      return row;
    }
    return isEarlierLine(id) || !ids.add(Hash.of(id))
        ? new Row.Bad(row.line(), source.badName(row.line(), id), REPEATED_ID, Quoted.shortened(id))
        : row;
  }

  private boolean isEarlierLine(String id) {
    return id.matches("[1-9]\\d{0,17}") && Long.parseLong(id) < firstWithId;
  }

  @Override
  public void close() throws DataException {
    try {
      source.close();
    } catch (IOException e) {
      throw new DataException("'" + file + "' cannot be closed: " + e.getMessage(), e);
    }
  }
}
