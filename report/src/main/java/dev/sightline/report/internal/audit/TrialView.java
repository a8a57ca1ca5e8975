package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.report.internal.audit.AuditView.Fact;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.tensor.internal.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** What the mask is worth on these samples, in words: information, and no verdict. */
final class TrialView {
  private static final int MOST_ROWS = 50;
  private static final int LONGEST_LABEL = 80;

  private static final String ONES =
      "The same padded batches, once under their true mask and once under a mask of all ones. This"
          + " is information, not a verdict: it says what a missing mask costs on these texts.";

  private static final String TWIN =
      "The model reads no mask, so a mask over padding was put in at every attention. The same"
          + " padded batches, once with this mask and once through the model as it is. This is"
          + " information, not a verdict: it says what the missing mask costs on these texts.";

  private TrialView() {}

  /**
   * The section.
   *
   * @param sentence the answer
   * @param lead what was compared
   * @param numbers figures with unit and interval
   * @param says what the rule of thumb says
   * @param gauges what it goes by
   * @param rows the samples, at most {@value #MOST_ROWS}
   * @param notListed how many are not among them; empty if none
   */
  public record Section(
      String sentence,
      String lead,
      List<Fact> numbers,
      String says,
      String saysPlain,
      List<Gauge> gauges,
      List<Row> rows,
      String notListed) {}

  /** A quantity of the rule of thumb and its two thresholds. */
  public record Gauge(String quantity, String measured, String redundant, String useful) {}

  /** A sample. */
  public record Row(
      long number, String label, int tokens, int padding, String difference, String cosine) {}

  static @Nullable Section of(@Nullable MaskTrial trial) {
    if (trial == null) {
      return null;
    }
    MaskTrial.Thumb thumb = trial.thumb();
    int hidden = trial.rows().size() - MOST_ROWS;
    return new Section(
        FindingView.sentence(VerdictText.of(trial)),
        trial.isTwin() ? TWIN : ONES,
        numbers(trial),
        VerdictText.of(thumb.need()),
        VerdictText.reason(thumb.need()),
        List.of(
            new Gauge(
                "length of padding's vectors, relative to real tokens' (largest over layers)",
                known(thumb.norm(), Numbers::of),
                "below 0.01",
                "above 0.1"),
            new Gauge(
                "mean attention on padding without the mask",
                known(thumb.weight(), Numbers::share),
                "below 0.1\u00A0% (0.001)",
                "above 1\u00A0% (0.01)")),
        trial.rows().stream().limit(MOST_ROWS).map(TrialView::row).toList(),
        hidden > 0 ? "and " + Numbers.count(hidden, "more text") : "");
  }

  private static String known(OptionalDouble value, DoubleFunction<String> words) {
    return value.isPresent() ? words.apply(value.getAsDouble()) : "no data";
  }

  private static List<Fact> numbers(MaskTrial trial) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(
            "Outputs change by",
            Numbers.of(trial.difference().value())
                + ", in the unit of the model's outputs"
                + interval(trial.difference(), 1, "", "texts")));
    Estimate cosine = trial.cosine();
    facts.add(
        new Fact(
            "Mean cosine of a text's embedding",
            cosine == null
                ? "no data: no two vectors of a text have an angle"
                : cosine(cosine.value()) + interval(cosine, 1, "", "texts")));
    facts.add(new Fact("Batch under its mask", time(trial.masked())));
    facts.add(
        new Fact(
            trial.isTwin() ? "Batch, as the model is" : "Batch under a mask of ones",
            time(trial.unmasked())));
    Estimate unpadded = trial.unpadded();
    if (unpadded == null) {
      facts.add(new Fact("Texts one by one", "no data: the model takes a fixed number of rows"));
    } else {
      facts.add(new Fact("Texts one by one, no padding", time(unpadded)));
      facts.add(new Fact("Padding tax", tax(trial.masked(), unpadded)));
    }
    facts.add(
        new Fact(
            "Memory of the process",
            memory(trial.memory().masked())
                + " at most under the mask, "
                + memory(trial.memory().unmasked())
                + (trial.isTwin() ? " as the model is" : " under ones")
                + " (resident; all that this process holds)"));
    return facts;
  }

  private static String tax(Estimate masked, Estimate unpadded) {
    double ratio = masked.value() / unpadded.value();
    return Numbers.of(ratio)
        + " times the time of the same texts one by one without padding: batching "
        + (ratio < 1 ? "gains more than its padding costs" : "costs more in padding than it gains");
  }

  private static String memory(OptionalLong bytes) {
    return bytes.isPresent() ? Numbers.bytes(bytes.getAsLong()) : "no data";
  }

  private static String time(Estimate time) {
    return Numbers.seconds(time.value() / 1000) + interval(time, 1e-3, "s", "runs, median");
  }

  private static String interval(Estimate interval, double scale, String unit, String what) {
    return " (95\u00A0% interval "
        + amount(interval.low() * scale, unit)
        + " to "
        + amount(interval.high() * scale, unit)
        + ", "
        + Numbers.count(interval.count())
        + " "
        + what
        + ")";
  }

  private static String amount(double value, String unit) {
    return unit.equals("s") ? Numbers.seconds(value) : Numbers.of(value);
  }

  /** Four digits: what matters is how far it is from 1. */
  private static String cosine(double cosine) {
    return Double.isFinite(cosine)
        ? cosine == 1 ? "1 (exact)" : String.format(java.util.Locale.ROOT, "%.4f", cosine)
        : "no data";
  }

  private static Row row(MaskTrial.Row row) {
    return new Row(
        row.number(),
        Excerpt.of(row.label(), LONGEST_LABEL),
        row.tokens(),
        row.padding(),
        Numbers.of(row.difference()),
        row.cosine().isPresent() ? cosine(row.cosine().getAsDouble()) : "no data");
  }
}
