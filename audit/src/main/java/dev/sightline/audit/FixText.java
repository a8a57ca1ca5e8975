package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.CacheHolds;
import dev.sightline.audit.result.Cause.Forbidden;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What to do now: at which node of the graph, and until then. */
final class FixText {
  private static final String ALONE = "; until then run texts alone";

  private final AuditResult result;

  private FixText(AuditResult result) {
    this.result = result;
  }

  static String of(AuditResult result) {
    return new FixText(result).text();
  }

  private String text() {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS -> declared();
      case DECLARED_MASK_NARROWER ->
          "declare the mask that it implements, or export it again with the declared one";
      case MASK_NOT_READ -> mask() + ALONE;
      case PADDING_REACHES -> mask() + ALONE;
      case PADDING_BEFORE_TEXT_REACHES -> mask() + "; until then pad on the right";
      case NOT_CAUSAL -> causal();
      case NOT_CAUSAL_UNPADDED ->
          "make the causal mask for every batch; until then let every batch have padding";
      case CAUSAL_UNPADDED_ONLY ->
          "make the causal mask for every batch; until then batch texts of one length";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          mixing("look for a convolution or a mean over all tokens", leak());
      case NOT_FINITE ->
          "mask with a large negative number, such as -1e9, in place of minus infinity; until then"
              + " batch texts of one length";
      case RIGHT_SIDE -> "pad on the right";
      case LEFT_SIDE -> "pad on the left";
      case ROWS_DEPEND -> "run texts alone until the model is exported again";
      case POOLING_FAILS -> "pool the token vectors yourself, over real tokens only";
      case POSITIONS_FAIL ->
          "export again with positions that are read; until then pad "
              + (leftHolds() ? "beside a text, not inside it" : "on the right");
      case CACHE_FAILS ->
          hasCause(Kind.STEP_DIFFERS)
              ? "count the cached tokens in the mask and the positions; until then run the whole"
                  + " text for each new token"
              : "export again with the mask over the past too; until then run texts alone";
      case HARMLESS_AFTER_TEXT -> "pad on the right, and read no output at padding";
      case QUANTISATION ->
          "run texts alone or use the float32 model, if vectors must not depend on the batch";
      case NOISE -> "compare outputs with a limit, not for equality";
      case DECLARED_MASK_HOLDS -> "check the declaration again after every export";
      case MASK_HOLDS -> batches();
      case PADDING_FROM_IDS -> "pad with this id and no other";
      case TOKEN_WISE -> "none is needed: a token's output depends on that token alone";
      case NO_MASK_INPUT, NOTHING_TO_MASK -> "batch texts of one length, or run each alone";
      case NOTHING_PROVED ->
          "give longer texts, or texts of different lengths, with --text or --data";
      case NO_DATA -> "audit a model that takes an attention_mask, with texts of different lengths";
    };
  }

  /** Where batches are safe. */
  private String batches() {
    Optional<String> untried =
        result.findings().stream()
            .filter(f -> f.probe() == Probe.CACHE)
            .map(f -> f.verdict().cause())
            .filter(NotMeasured.class::isInstance)
            .map(cause -> ((NotMeasured) cause).reason())
            .findFirst();
    boolean shifted =
        result.findings().stream()
            .anyMatch(f -> f.verdict().cause() instanceof CacheHolds holds && holds.shifted());
    if (shifted) {
      return "pad on the right where a text runs at once; run steps with a cache on texts of one"
          + " length";
    }
    if (untried.isPresent()) {
      return "compare steps with a cache against one run of the whole text first: they were not"
          + " tried, since "
          + untried.get();
    }
    Finding left =
        result.findings().stream()
            .filter(f -> f.probe() == Probe.PAD_LEFT)
            .findFirst()
            .orElse(null);
    if (left != null && left.verdict().outcome() == Outcome.PAD_RIGHT_ONLY) {
      Evidence evidence = left.verdict().evidence();
      String effect =
          evidence == null || evidence.effect() == null
              ? ""
              : ", " + EffectText.of(evidence.effect(), "");
      return "pad on the right; padding on the left shifts positions" + effect;
    }
    return left != null && left.verdict().outcome() == Outcome.PASS
        ? "pad on either side"
        : "pad on the right";
  }

  private boolean leftHolds() {
    return result.findings().stream()
        .anyMatch(f -> f.probe() == Probe.PAD_LEFT && f.verdict().outcome() == Outcome.PASS);
  }

  private boolean hasCause(Kind kind) {
    return result.findings().stream().anyMatch(f -> f.verdict().cause() == kind);
  }

  private String declared() {
    List<Integer> layers =
        result.findings().stream()
            .map(f -> f.verdict().cause())
            .filter(Forbidden.class::isInstance)
            .flatMap(cause -> ((Forbidden) cause).attentions().stream())
            .toList();
    return layers.isEmpty()
        ? "look where tokens are mixed outside attention, or in an attention before"
        : "apply the declared mask at the scores of " + Phrases.listed("layer", layers);
  }

  private String mask() {
    PaddingMass mass = result.paddingMass();
    List<Integer> layers =
        mass == null
            ? List.of()
            : mass.layers().stream()
                .filter(layer -> layer.max().stream().anyMatch(share -> share != 0))
                .map(PaddingMass.Layer::layer)
                .toList();
    if (layers.isEmpty()) {
      Leak leak = leak();
      boolean outside = leak != null && leak.isOutsideAttention();
      return outside || CounterfactualText.acquitsMask(result)
          ? mixing(
              "look for a convolution, a norm or a mean over all tokens", outside ? leak : null)
          : repair() + "export again with " + MaskNames.of(result) + " applied at every attention";
    }
    boolean reached = layers.stream().anyMatch(l -> MaskNames.route(result, l) == MaskRoute.VALUE);
    String at =
        layers.size() == result.attention().found().size()
            ? "every layer"
            : (layers.size() == 1 ? "layer " : "layers ") + Phrases.ranges(layers);
    return repair()
        + (reached
            ? "mend how " + MaskNames.of(result) + " is applied"
            : "apply " + MaskNames.of(result))
        + " at the scores of "
        + at;
  }

  /** The command that does what the rest of the sentence says, where a mask is what is missing. */
  private String repair() {
    return result.attention().found().isEmpty()
        ? ""
        : "run 'sightline repair " + result.model().name() + " -o fixed.onnx', or ";
  }

  private String causal() {
    Leak leak = leak();
    List<Integer> layers =
        result.findings().stream()
            .map(f -> f.verdict().cause())
            .filter(SomeHeadsNotCausal.class::isInstance)
            .flatMap(cause -> ((SomeHeadsNotCausal) cause).layers().stream())
            .toList();
    OptionalInt first =
        !layers.isEmpty()
            ? OptionalInt.of(layers.getFirst())
            : leak == null ? OptionalInt.empty() : leak.layer();
    return first.isEmpty()
        ? "export again with a causal mask"
        : repair()
            + "apply the causal mask at the scores of "
            + (layers.isEmpty()
                ? "every layer, from layer " + first.getAsInt() + " on"
                : Phrases.listed("layer", layers));
  }

  /** Where something else than attention mixes tokens. */
  private static String mixing(String otherwise, @Nullable Leak leak) {
    if (leak == null) {
      return otherwise;
    }
    return leak.node().isEmpty()
        ? otherwise + " " + PlaceText.beforeLayer(leak)
        : "mask the input of " + leak.operator() + " " + leak.node();
  }

  private @Nullable Leak leak() {
    return result.findings().stream()
        .map(f -> f.verdict() instanceof Verdict.Fail fail ? fail.leak() : null)
        .filter(leak -> leak != null)
        .findFirst()
        .orElse(null);
  }
}
