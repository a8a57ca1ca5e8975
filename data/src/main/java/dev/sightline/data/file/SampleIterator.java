package dev.sightline.data.file;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.row.EncodedRow;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.data.internal.row.RowSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Samples of rows, read one ahead. Rows that no sample can be made of are noted and passed over.
 */
final class SampleIterator implements Iterator<Sample> {
  private final RowEncoder encoder;
  private final RowSource rows;
  private final String source;
  private final Consumer<String> notes;
  private @Nullable Sample next;
  private long read;
  private long number;
  private boolean ended;

  /**
   * Samples of rows.
   *
   * @param source the file, as in {@code " of 'a.csv'"}, for the notes
   */
  SampleIterator(RowEncoder encoder, RowSource rows, String source, Consumer<String> notes) {
    this.encoder = encoder;
    this.rows = rows;
    this.source = source;
    this.notes = notes;
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && !ended) {
        Row row = rows.next();
        if (row == null) {
          ended = true;
          if (read == 0) {
            notes.accept("there are no rows" + source);
          }
        } else {
          read++;
          next = sample(row);
        }
      }
      return next != null;
    } catch (IOException e) {
      ended = true;
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Sample sample(Row row) throws IOException {
    return switch (encoder.encode(row)) {
      case EncodedRow.Passed passed -> {
        notes.accept(
            passed.name()
                + source
                + " was passed over: "
                + passed.reason()
                + (passed.detail().isEmpty() ? "" : ": " + passed.detail()));
        yield null;
      }
      case EncodedRow.Usable usable -> sample(usable);
    };
  }

  private @Nullable Sample sample(EncodedRow.Usable usable) {
    if (usable.label().isBlank() || usable.tokens().length() == 0) {
      notes.accept("an empty text was passed over");
      return null;
    }
    number++;
    int dropped = usable.tokens().dropped();
    if (dropped > 0) {
      notes.accept(
          "text "
              + number
              + " has "
              + (usable.tokens().length() + dropped)
              + " tokens; the model takes "
              + encoder.maxTokens()
              + ", so the rest was cut off");
    }
    return encoder.sample(number, usable.label(), usable);
  }

  @Override
  public Sample next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("there is no sample after " + number);
    }
    Sample sample = next;
    next = null;
    return sample;
  }
}
