package dev.sightline.audit;

import dev.sightline.audit.result.Cause.CacheHolds;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What verdicts on steps with a cache say. */
final class CacheText {
  private CacheText() {}

  static String holds(CacheHolds holds) {
    return "Steps with a cache give what the whole text gives"
        + (holds.masked() ? ", whatever the cache of padding holds" : "")
        + (holds.shifted() ? ", but padding in it shifts the positions of the steps" : "")
        + (holds.chunks() ? "." : "; each step was one token.");
  }

  static String of(Kind kind, Outcome outcome, double difference, @Nullable Leak leak) {
    String by = Double.isNaN(difference) ? "to NaN" : "by " + Phrases.number(difference);
    return switch (kind) {
      case PAST_MASK_IGNORED ->
          "The mask over the past is ignored: what the cache holds for padding changes a step "
              + by
              + where(leak);
      case STEP_DIFFERS ->
          "A step with the cache is not what the whole text gives: it differs " + by + ".";
      case STEP_DIFFERS_PADDED ->
          "A step whose past has padding is not what it is without: it differs "
              + by
              + ", though the values in the padding do not matter.";
      case CACHE_ROWS_MIX -> "A row of a step depends on the cache of another row, " + by + ".";
      case SAME_WITHOUT_CACHE ->
          "Steps with a cache differ " + by + ": the fault that shows without a cache.";
      default -> PlainCauseText.plain(Probe.CACHE, kind, outcome, leak);
    };
  }

  private static String where(@Nullable Leak leak) {
    return leak == null || leak.head().isEmpty() || leak.mass().isEmpty()
        ? "."
        : String.format(
            Locale.ROOT,
            ": from layer %d on, its query attends to it (head %d gives it up to %s of its"
                + " attention).",
            leak.layer().orElseThrow(),
            leak.head().getAsInt(),
            Phrases.percent(leak.mass().getAsDouble()));
  }
}
