package dev.sightline.heads.internal.run;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether padding before a text changes the values of its heads, as in a model that counts
 * positions by index. One text is measured without padding and with some before it.
 */
public final class PositionShift {
  private static final int PADDING = 5;

  /** Of a value, or of 1 if that is more: sums in another order move a thousandth of it. */
  private static final double ROUNDING = 1e-3;

  /** Padding moves all values a little where a model quantises at run time. */
  private static final double QUANTISATION = 0.1;

  private PositionShift() {}

  /**
   * Measures a text with and without padding before it.
   *
   * @param text a usable row of the data
   * @return the remark on texts with padding before or between their tokens; empty if padding there
   *     changes nothing, or if the model takes no padding
   * @throws ModelException if the model refuses the text
   */
  public static String remark(Model model, HeadMeter meter, Sample text, long padId)
      throws ModelException {
    TokenStream stream = model.roles().streams().getFirst();
    int length = text.length(0);
    int most = model.maxTokens(stream).orElse(Integer.MAX_VALUE);
    int padding = Math.min(PADDING, most - length);
    if (stream.mask() == null || stream.lengths() != null || padding < 1) {
      return "";
    }
    Sample moved =
        text.withPlacement(
            0,
            new Sample.Placement(
                IntStream.range(padding, padding + length).boxed().toList(), padding + length));
    SampleValues without = values(model, meter, text.with(0, text.streams().getFirst()), padId);
    SampleValues with = values(model, meter, moved, padId);
    String largest = largest(model, meter.metrics(), without, with);
    return largest.isEmpty()
        ? ""
        : "padding before or between its tokens shifts their positions ("
            + padding
            + " tokens of it change "
            + largest
            + "); give rows without it";
  }

  private static SampleValues values(Model model, HeadMeter meter, Sample sample, long padId)
      throws ModelException {
    List<Sample> rows = new ArrayList<>(List.of(sample));
    rows.addAll(Collections.nCopies(model.roles().fixedRows().orElse(1) - 1, sample));
    HeadSample read =
        new HeadSample(
            "", "", sample, null, new TokenChoice.Read(0, sample.length(0)), 1, List.of());
    return meter.measure(Batch.of(model.roles(), rows, padId), List.of(read)).getFirst();
  }

  /** The value that moves most, in a few words; empty if none moves beyond rounding. */
  private static String largest(
      Model model, List<Metric> metrics, SampleValues without, SampleValues with) {
    double limit = model.quantizesDynamically() ? QUANTISATION : ROUNDING;
    double most = 0;
    String words = "";
    for (int m = 0; m < metrics.size(); m++) {
      for (int layer = 0; layer < without.values().get(m).size(); layer++) {
        double @Nullable [] before = without.values().get(m).get(layer);
        double @Nullable [] after = with.values().get(m).get(layer);
        for (int head = 0; before != null && after != null && head < before.length; head++) {
          double change =
              Math.abs(before[head] - after[head]) / Math.max(1, Math.abs(before[head]));
          if (change > limit && change > most) {
            most = change;
            words =
                String.format(
                    Locale.ROOT,
                    "%s of layer %d, head %d from %.3g to %.3g",
                    metrics.get(m).name(),
                    layer,
                    head,
                    before[head],
                    after[head]);
          }
        }
      }
    }
    return words;
  }
}
