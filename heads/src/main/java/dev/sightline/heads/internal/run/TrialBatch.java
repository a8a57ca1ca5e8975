package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The first usable rows of a data set. What they show of the model enters the statistics, so they
 * must be the same in every shard and after a resumption.
 */
public final class TrialBatch {
  /** The most rows of a trial. */
  public static final int ROWS = 4;

  /** Probabilities of every layer leave the graph in the trial; they grow with its square. */
  private static final int TOKENS = 16;

  private TrialBatch() {}

  /**
   * Reads it.
   *
   * @param reader of the whole data set, at its beginning
   * @param data the data set in messages
   * @throws DataException if no row can be used
   */
  public static Batch read(Model model, SampleReader reader, long padId, String data)
      throws IOException {
    TokenStream stream = SampleEncoder.requireIds(model);
    List<Sample> samples = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    // Without a mask, only rows of one length can share a batch.
    int most = model.roles().fixedRows().orElse(ROWS);
    int rows = !stream.marksPadding() ? 1 : Math.min(ROWS, most);
    while (samples.size() < rows) {
      Taken taken = reader.next();
      if (taken == null) {
        break;
      }
      switch (taken) {
        case Taken.Usable usable -> samples.add(shortened(stream, usable.sample().sample()));
        case Taken.Passed row -> {
          if (passed.size() < 3) {
            passed.add(row.name() + ": " + row.reason());
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
    return Batch.of(model.roles(), filled(model, samples), padId);
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
  static List<Sample> filled(Model model, List<Sample> samples) {
    List<Sample> filled = new ArrayList<>(samples);
    int missing = model.roles().fixedRows().orElse(0) - samples.size();
    filled.addAll(Collections.nCopies(Math.max(0, missing), samples.getLast()));
    return filled;
  }
}
