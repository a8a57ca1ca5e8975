package dev.sightline.audit.zoo;

import dev.sightline.audit.zoo.CachedModel.Fault;
import dev.sightline.audit.zoo.CachedModel.Kind;
import java.util.Arrays;
import java.util.stream.Stream;

/** Decoders with a cache, right ones and copies with one fault that shows in steps alone. */
public final class CacheZoo {
  private CacheZoo() {}

  /** Every kind without a fault. */
  public static Stream<CachedModel> correct() {
    return Arrays.stream(Kind.values()).map(kind -> new CachedModel(kind, Fault.NONE));
  }

  /** Models that must be found out. */
  public static Stream<CachedModel> faults() {
    return Stream.of(
            each(
                Fault.MASK_ONLY_AT_PREFILL,
                Kind.HEADS_FIRST,
                Kind.WINDOW,
                Kind.TOKENS_FIRST,
                Kind.TOKENS_OUTERMOST,
                Kind.OUTERMOST_UNNAMED,
                Kind.STACKED,
                Kind.TRANSPOSED,
                Kind.OTHER_NAMES,
                Kind.ROTARY,
                Kind.MASK_POSITIONS,
                Kind.CACHE_POSITIONS,
                Kind.MERGED,
                Kind.CROSS,
                Kind.LAST_LOGITS,
                Kind.QUANTISED,
                Kind.HALF,
                Kind.ONNX_ATTENTION,
                Kind.MULTI_HEAD),
            each(Fault.MASK_ONLY_AT_PREFILL_LAYER, Kind.HEADS_FIRST, Kind.ROTARY, Kind.STACKED),
            each(
                Fault.PAST_MASK_OF_ONES,
                Kind.HEADS_FIRST,
                Kind.WINDOW,
                Kind.STACKED,
                Kind.TRANSPOSED,
                Kind.ROTARY,
                Kind.MASK_POSITIONS,
                Kind.MERGED),
            each(
                Fault.POSITIONS_FROM_ZERO,
                Kind.HEADS_FIRST,
                Kind.ROTARY,
                Kind.CACHE_POSITIONS,
                Kind.NO_MASK,
                Kind.GROUP_QUERY,
                Kind.CROSS),
            each(
                Fault.CAUSAL_BY_STEP,
                Kind.HEADS_FIRST,
                Kind.TOKENS_FIRST,
                Kind.MULTI_HEAD,
                Kind.NO_MASK),
            each(
                Fault.PAST_AFTER_NEW,
                Kind.HEADS_FIRST,
                Kind.TOKENS_OUTERMOST,
                Kind.STACKED,
                Kind.TRANSPOSED,
                Kind.LAST_LOGITS),
            each(
                Fault.OTHER_ROW,
                Kind.HEADS_FIRST,
                Kind.TOKENS_FIRST,
                Kind.TOKENS_OUTERMOST,
                Kind.NO_MASK,
                Kind.CROSS),
            each(Fault.WRONG_LENGTHS, Kind.GROUP_QUERY))
        .flatMap(models -> models);
  }

  private static Stream<CachedModel> each(Fault fault, Kind... kinds) {
    return Arrays.stream(kinds).map(kind -> new CachedModel(kind, fault));
  }
}
