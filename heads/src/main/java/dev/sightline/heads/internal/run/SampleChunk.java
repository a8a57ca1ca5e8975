package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.SampleEncoder;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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

  /**
   * The places of the samples of each batch: texts and ids, shortest first, then rows that give
   * every input, those of equal shapes together.
   *
   * @param alone whether each row that gives every input needs a run of its own
   */
  List<List<Integer>> batches(Model model, BatchSize size, boolean alone) throws ModelException {
    List<Integer> encoded = new ArrayList<>();
    Map<List<Shape>, List<Integer>> given = new LinkedHashMap<>();
    for (int i = 0; i < samples.size(); i++) {
      (samples.get(i).isGiven()
              ? given.computeIfAbsent(samples.get(i).shapes(), shapes -> new ArrayList<>())
              : encoded)
          .add(i);
    }
    List<List<Integer>> batches = new ArrayList<>();
    if (!encoded.isEmpty()) {
      batches.addAll(batches(SampleEncoder.requireIds(model), size, encoded));
    }
    for (List<Integer> alike : given.values()) {
      int width = samples.get(alike.getFirst()).width();
      int rows = alone ? 1 : Math.clamp(size.positions() / width, 1, size.rows());
      for (int from = 0; from < alike.size(); from += rows) {
        batches.add(alike.subList(from, Math.min(from + rows, alike.size())));
      }
    }
    return batches;
  }

  /** The places of the samples of each batch, shortest first; none of them gives every input. */
  public List<List<Integer>> batches(TokenStream stream, BatchSize size) {
    return batches(stream, size, IntStream.range(0, samples.size()).boxed().toList());
  }

  private List<List<Integer>> batches(TokenStream stream, BatchSize size, List<Integer> places) {
    List<Integer> order = new ArrayList<>(places);
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
