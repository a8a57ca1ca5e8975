package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.EncodedRow;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The samples of some rows, numbered as these, with their names. Owned by one thread. */
final class AuditRows implements Iterator<Sample>, AutoCloseable {
  private final DataFile file;
  private final RowEncoder encoder;
  private final boolean strict;
  private final Passing passed;
  private final Map<Long, String> names = new HashMap<>();
  private @Nullable Sample next;

  /** Told of each row that is passed over, and why. */
  @FunctionalInterface
  interface Passing {
    void passed(long line, String name, String reason);
  }

  /**
   * The samples of rows.
   *
   * @param tokenizer null if the model has none
   */
  AuditRows(
      AuditTask task,
      Iterator<NumberedText> rows,
      Model model,
      @Nullable Tokenizer tokenizer,
      Passing passed)
      throws IOException {
    this.file = task.rows().file(rows, Optional.empty());
    this.encoder =
        new RowEncoder(
            task.maxTokens() == 0
                ? SampleEncoder.of(model, tokenizer)
                : new SampleEncoder(model, tokenizer, task.maxTokens()));
    this.strict = task.strict();
    this.passed = passed;
  }

  /** Returns the first samples of some rows. */
  static List<Sample> first(
      AuditTask task, Model model, @Nullable Tokenizer tokenizer, Passing passed)
      throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (AuditRows rows = new AuditRows(task, task.trial().iterator(), model, tokenizer, passed)) {
      while (samples.size() < task.probed() && rows.hasNext()) {
        samples.add(rows.next());
      }
      return samples;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Returns the name of a sample's row, once; null if it was asked for before. */
  @Nullable String takeName(Sample sample) {
    return names.remove(sample.number());
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null) {
        Row row = file.next();
        if (row == null) {
          return false;
        }
        next = sample(row);
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Sample sample(Row row) throws IOException {
    return switch (encoder.encode(row)) {
      case EncodedRow.Passed bad -> {
        boolean saysMore = !bad.detail().isEmpty() && !bad.detail().equals(bad.name());
        yield pass(
            row.line(), bad.name(), saysMore ? bad.reason() + ": " + bad.detail() : bad.reason());
      }
      case EncodedRow.Usable usable when usable.tokens().length() == 0 ->
          pass(row.line(), usable.name(), "its text is empty");
      case EncodedRow.Usable usable -> {
        names.put(row.line(), usable.name());
        yield encoder.sample(row.line(), usable.label(), usable);
      }
    };
  }

  private @Nullable Sample pass(long line, String name, String reason) throws DataException {
    if (strict) {
      throw new DataException(name + ": " + reason);
    }
    passed.passed(line, name, reason);
    return null;
  }

  @Override
  public Sample next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("there are no more rows");
    }
    Sample sample = next;
    next = null;
    return sample;
  }

  @Override
  public void close() throws DataException {
    file.close();
  }
}
