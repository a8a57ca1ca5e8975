package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The first usable rows of a data set. What they show of the model enters the statistics, so they
 * must be the same in every shard and after a resumption.
 */
public final class TrialBatch {
  /** The most rows of a trial. */
  public static final int ROWS = 4;

  /** The most rows that are looked through for such of other lengths. */
  private static final int LOOKED_THROUGH = 64;

  /** Probabilities of every layer leave the graph in the trial; they grow with its square. */
  private static final int TOKENS = 16;

  private TrialBatch() {}

  /**
   * Reads it. Rows that give every input are batches of their own, of other lengths each as far as
   * there are such: lengths tell what an attention is between.
   *
   * @return at least one batch
   * @param reader of the whole data set, at its beginning
   * @param data the data set in messages
   * @throws DataException if no row can be used
   */
  public static List<Batch> read(Model model, SampleReader reader, long padId, String data)
      throws IOException {
    List<HeadSample> samples = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    for (int looked = 0; looked < LOOKED_THROUGH && samples.size() < rows(model, samples); ) {
      Taken taken = reader.next();
      if (taken == null) {
        break;
      }
      switch (taken) {
        case Taken.Usable usable -> {
          looked++;
          if (isOfUse(usable.sample(), samples)) {
            samples.add(usable.sample());
          }
        }
        case Taken.Passed row -> {
          if (passed.size() < 3) {
            passed.add(
                row.name()
                    + ": "
                    + row.reason()
                    + (row.detail().isEmpty() ? "" : ": " + row.detail()));
          }
        }
      }
    }
    if (samples.isEmpty()) {
      throw new DataException(
          "no row of "
              + data
              + " can be used"
              + (passed.isEmpty()
                  ? ": it has none"
                  : "; " + passed.stream().collect(Collectors.joining("; "))));
    }
    if (samples.getFirst().isGiven()) {
      // All but the lengths is read from the first, and probabilities grow with its square.
      samples.sort(Comparator.comparingInt(HeadSample::width));
      List<Batch> batches = new ArrayList<>();
      for (HeadSample sample : samples) {
        batches.add(batch(model, List.of(sample), padId));
      }
      return batches;
    }
    TokenStream stream = SampleEncoder.requireIds(model);
    List<Sample> shortened =
        samples.stream().map(sample -> shortened(stream, sample.sample())).toList();
    return List.of(Batch.of(model.roles(), filled(model, shortened), padId));
  }

  private static int rows(Model model, List<HeadSample> soFar) throws ModelException {
    if (soFar.isEmpty()) {
      return 1;
    }
    if (soFar.getFirst().isGiven()) {
      return ROWS;
    }
    // Without a mask, only rows of one length can share a batch.
    int most = Math.min(ROWS, model.roles().fixedRows().orElse(ROWS));
    return SampleEncoder.requireIds(model).marksPadding() ? most : 1;
  }

  /** Rows of a trial are all given or none; given ones have other lengths each. */
  private static boolean isOfUse(HeadSample sample, List<HeadSample> soFar) {
    return soFar.isEmpty()
        || (sample.isGiven() == soFar.getFirst().isGiven()
            && (!sample.isGiven()
                || soFar.stream().noneMatch(each -> each.shapes().equals(sample.shapes()))));
  }

  /** Lays out samples, all given with equal shapes or none. */
  static Batch batch(Model model, List<HeadSample> samples, long padId) {
    List<HeadSample> filled = filled(model, samples);
    List<Sample> rows = filled.stream().map(HeadSample::sample).toList();
    return samples.getFirst().isGiven()
        ? Batch.ofGiven(model, rows, filled.stream().map(HeadSample::inputs).toList())
        : Batch.of(model.roles(), rows, padId);
  }

  /** Cuts a sample to its first tokens, unless the model has a fixed length. */
  private static Sample shortened(TokenStream stream, Sample sample) {
    if (stream.fixedLength().isPresent()) {
      return sample;
    }
    Sample shorter = sample;
    for (int s = 0; s < sample.streams().size(); s++) {
      Tokens tokens = sample.streams().get(s);
      int most = s == 0 ? TOKENS : TOKENS / 2;
      if (tokens instanceof TokenizedText text && tokens.length() > most) {
        shorter = shorter.with(s, text.first(most));
      }
    }
    return shorter;
  }

  /** Repeats the last sample up to the model's fixed number of rows, if it has one. */
  private static <T> List<T> filled(Model model, List<T> samples) {
    List<T> filled = new ArrayList<>(samples);
    int missing = model.roles().fixedRows().orElse(0) - samples.size();
    filled.addAll(Collections.nCopies(Math.max(0, missing), samples.getLast()));
    return filled;
  }
}
