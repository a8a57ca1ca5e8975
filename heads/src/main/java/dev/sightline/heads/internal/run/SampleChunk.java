package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A stretch of the rows of a file, which is sorted into batches of like lengths and enters the
 * statistics as a whole. Where it begins and ends follows from the rows alone, and so do its
 * batches: a run that was killed and resumed feeds the model the very batches of one that was not.
 */
public final class SampleChunk {
  private static final int MAX_ROWS = 4_096;
  private static final int MAX_SAMPLES = 512;

  /**
   * No state is worth saving within a window: a minute of a model that reads 300 tokens a second.
   */
  private static final int MAX_TOKENS = 1 << 14;

  private final List<HeadSample> samples = new ArrayList<>();
  private final List<Taken.Passed> passed = new ArrayList<>();
  private final double from;
  private double to;

  private SampleChunk(double from) {
    this.from = from;
  }

  /** Reads on to the end of a window or of the file; empty at the end of the file. */
  public static SampleChunk read(SampleReader reader, boolean strict) throws IOException {
    SampleChunk window = new SampleChunk(reader.fraction());
    long tokens = 0;
    while (window.samples.size() + window.passed.size() < MAX_ROWS
        && window.samples.size() < MAX_SAMPLES
        && tokens < MAX_TOKENS) {
      switch (reader.next()) {
        case null -> {
          return window;
        }
        case Taken.Usable usable -> {
          window.samples.add(usable.sample());
          window.to = reader.fraction();
          tokens += usable.sample().width();
        }
        case Taken.Passed row -> {
          if (strict) {
            throw new DataException(
                row.name()
                    + ": "
                    + row.reason()
                    + (row.detail().isEmpty() ? "" : ": " + row.detail()));
          }
          window.passed.add(row);
        }
      }
    }
    return window;
  }

  public boolean isEmpty() {
    return samples.isEmpty() && passed.isEmpty();
  }

  /** The share of the file that is done when {@code done} samples are. */
  public double fraction(int done) {
    return from + (to - from) * done / samples.size();
  }

  /** In the order of the file. */
  public List<HeadSample> samples() {
    return samples;
  }

  public List<Taken.Passed> passed() {
    return passed;
  }

  /** The places of the samples of each batch, shortest first. */
  public List<List<Integer>> batches(TokenStream stream, BatchSize size) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingInt(i -> samples.get(i).width())); // stable
    List<List<Integer>> batches = new ArrayList<>();
    List<Integer> batch = new ArrayList<>();
    int width = 0;
    for (int place : order) {
      int next = stream.fixedLength().orElse(samples.get(place).width());
      // Without a mask nothing would tell a text from the padding after it.
      boolean apart = !stream.marksPadding() && next != width;
      if (!batch.isEmpty() && (apart || !size.hasRoom(batch.size() + 1, next))) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(place);
      width = next;
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }
}
