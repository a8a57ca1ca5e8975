package dev.sightline.report.text;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.audit.result.MaskTrial.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What the mask is worth, for a terminal. */
final class TrialText {
  private TrialText() {}

  /** What the mask is worth in one sentence. */
  static String inShort(MaskTrial trial) {
    Estimate unpadded = trial.unpadded();
    return String.format(
        Locale.ROOT,
        "%s; a batch takes %.3g ms with it, %.3g ms without%s%s",
        VerdictText.of(trial),
        trial.masked().value(),
        trial.unmasked().value(),
        unpadded == null
            ? ""
            : String.format(
                Locale.ROOT,
                ", and %.2f x the time of its texts one by one",
                trial.masked().value() / unpadded.value()),
        trial.thumb().need() == Need.NO_DATA
            ? ""
            : "; by the rule of thumb a mask is " + VerdictText.of(trial.thumb().need()));
  }

  /** Pairs of a label and its value. */
  static List<List<String>> of(MaskTrial trial) {
    List<List<String>> lines = new ArrayList<>();
    Estimate cosine = trial.cosine();
    lines.add(
        List.of(
            "outputs",
            "change by "
                + with(trial.difference(), "%.3g", "")
                + (trial.isTwin()
                    ? " with a mask put in, mean over "
                    : " without the mask, mean over ")
                + trial.difference().count()
                + " texts"
                + (cosine == null
                    ? ""
                    : "; mean cosine of a text's embedding " + with(cosine, "%.4f", ""))));
    Estimate unpadded = trial.unpadded();
    lines.add(
        List.of(
            "time",
            "a batch under its mask "
                + with(trial.masked(), "%.3g", " ms")
                + (trial.isTwin() ? ", as the model is " : ", under ones ")
                + with(trial.unmasked(), "%.3g", " ms")
                + (unpadded == null
                    ? ""
                    : ", its texts one by one without padding "
                        + with(unpadded, "%.3g", " ms")
                        + String.format(
                            Locale.ROOT,
                            "; padding tax: %.2f x",
                            trial.masked().value() / unpadded.value()))));
    OptionalLong masked = trial.memory().masked();
    OptionalLong unmasked = trial.memory().unmasked();
    if (masked.isPresent() && unmasked.isPresent()) {
      lines.add(
          List.of(
              "memory",
              AuditTable.size(masked.getAsLong())
                  + " resident at most under the mask, "
                  + AuditTable.size(unmasked.getAsLong())
                  + (trial.isTwin() ? " as the model is" : " under ones")));
    }
    MaskTrial.Thumb thumb = trial.thumb();
    lines.add(
        List.of(
            "needed?",
            "by the rule of thumb: "
                + VerdictText.of(thumb.need())
                + "; relative length of padding's vectors "
                + known(thumb.norm())
                + " (redundant below 0.01, useful above 0.1), attention on padding without the mask"
                + " "
                + known(thumb.weight())
                + " (redundant below 0.001, useful above 0.01)"));
    return lines;
  }

  private static String known(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.3g", value.getAsDouble()) : "no data";
  }

  private static String with(Estimate interval, String format, String unit) {
    return String.format(
        Locale.ROOT,
        format + "%s (95 %%: " + format + " to " + format + ")",
        interval.value(),
        unit,
        interval.low(),
        interval.high());
  }
}
