package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.AttendsToPadding;
import dev.sightline.audit.result.Cause.CausalShifted;
import dev.sightline.audit.result.Cause.Forbidden;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Cause.Narrower;
import dev.sightline.audit.result.Cause.NoPath;
import dev.sightline.audit.result.Cause.OtherPooling;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Where a fault is: layer, heads, the node of the graph, and what is wrong there. */
final class CauseText {
  private final AuditResult result;
  private final List<Finding> findings;

  private CauseText(AuditResult result, List<Finding> findings) {
    this.result = result;
    this.findings = findings;
  }

  static String of(AuditResult result, Probe.Group group, List<Finding> findings) {
    CauseText text = new CauseText(result, findings);
    if (result.conclusion().outcome() != Outcome.FAIL) {
      return text.remark();
    }
    return switch (group) {
      case PADDING -> text.padding();
      case CAUSALITY -> text.causality();
      case POOLING -> text.pooling();
      case POSITIONS -> text.positions();
      case ROWS, CACHE, DECLARED, ATTENTION, MASK, INSTRUMENTS -> text.first();
    };
  }

  /** What is no failure. */
  private String remark() {
    return switch (result.conclusion().summary()) {
      case QUANTISATION ->
          "the model rounds each tensor to 8 bits by the largest value in the whole batch";
      case NOISE -> "arithmetic: no more than beside other texts without any padding";
      case RIGHT_SIDE, LEFT_SIDE -> sideRemark();
      case NOTHING_TO_MASK -> "no attention was found in the graph, and no input is a mask";
      case TOKEN_WISE -> "another token changes the output of no token but its own";
      case NO_MASK_INPUT -> "no input says which tokens are padding";
      default -> first();
    };
  }

  private String sideRemark() {
    return findings.stream().anyMatch(f -> f.verdict().cause() == Kind.POSITIONS_FROM_ROW_START)
        ? "positions count from the start of the row, padding included"
        : first();
  }

  /** The sentence of the first finding that says most. */
  private String first() {
    Finding first =
        findings.stream()
            .filter(f ->
                cause(f) instanceof Forbidden
                    || cause(f) instanceof Narrower
                    || cause(f) instanceof NoPath)
            .findFirst()
            .orElse(findings.getFirst());
    return switch (cause(first)) {
      case Forbidden forbidden ->
          VerdictText.of(forbidden.worst())
              + MaskNames.inParentheses(result, forbidden.worst().attention());
      case Narrower narrower ->
          "attention "
              + narrower.first().attention()
              + ", head "
              + narrower.first().head()
              + ": "
              + narrower.first().queryName()
              + " cannot attend to "
              + narrower.first().keyName()
              + "; it implements "
              + narrower.implemented();
      case NoPath noPath -> VerdictText.of(noPath.worst());
      default -> asPhrase(VerdictText.of(first));
    };
  }

  private static Cause cause(Finding finding) {
    return finding.verdict().cause();
  }

  private static String asPhrase(String sentence) {
    String text = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    boolean acronym = text.length() > 1 && Character.isUpperCase(text.charAt(1));
    return acronym ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private @Nullable Leak leak() {
    return findings.stream()
        .map(f -> f.verdict() instanceof Verdict.Fail fail ? fail.leak() : null)
        .filter(leak -> leak != null)
        .findFirst()
        .orElse(null);
  }

  private String padding() {
    Leak leak = leak();
    if (isNotFinite()) {
      return leak == null
          ? "a row of the mask leaves no key to attend to, so its softmax is NaN"
          : place(leak)
              + ": a row without a key to attend to becomes NaN"
              + MaskNames.inParentheses(result, leak);
    }
    List<PaddingMass.Layer> leaking = leaking();
    if (!leaking.isEmpty()) {
      return leakingLayers(leaking);
    }
    Optional<MaskIgnored> ignored =
        findings.stream()
            .map(CauseText::cause)
            .filter(MaskIgnored.class::isInstance)
            .map(MaskIgnored.class::cast)
            .findFirst();
    if (ignored.isPresent()) {
      return ignored(ignored.get());
    }
    if (leak == null) {
      return findings.stream()
          .filter(f -> cause(f) instanceof Cause.Reached)
          .findFirst()
          .map(f -> asPhrase(VerdictText.of(f)))
          .orElseGet(this::first);
    }
    if (!leak.isOutsideAttention() && CounterfactualText.acquitsMask(result)) {
      return "outside attention: layer "
          + leak.layer().orElseThrow()
          + " is the first to change, and does with the right mask too";
    }
    return leak.isOutsideAttention()
        ? outside(leak) + ": no head attends to padding"
        : place(leak) + " is the first to change" + MaskNames.inParentheses(result, leak);
  }

  /** As in {@code layer 1, head 2}, or as {@link #outside}. */
  private static String place(Leak leak) {
    return leak.isOutsideAttention()
        ? outside(leak)
        : "layer " + leak.layer().orElseThrow() + head(leak);
  }

  /** As in {@code outside attention, at Conv /encoder/conv, before layer 1}. */
  private static String outside(Leak leak) {
    return "outside attention"
        + (leak.node().isEmpty() ? "" : ", at " + leak.operator() + " " + leak.node())
        + ", "
        + PlaceText.beforeLayer(leak);
  }

  /** As in {@code , head 2}; empty outside attention. */
  private static String head(Leak leak) {
    return leak.head().isPresent() ? ", head " + leak.head().getAsInt() : "";
  }

  private boolean isNotFinite() {
    return findings.stream()
        .anyMatch(f ->
            (cause(f) instanceof Cause.Reached reached && !reached.finite())
                || (cause(f) instanceof AttendsToPadding attends && !attends.finite()));
  }

  /** Layers with a head that attends to padding. */
  private List<PaddingMass.Layer> leaking() {
    PaddingMass mass = result.paddingMass();
    return mass == null
        ? List.of()
        : mass.layers().stream()
            .filter(layer -> layer.max().stream().anyMatch(share -> share != 0))
            .toList();
  }

  /** As in {@code layer 2, all 4 heads: attention_mask has no path to /h.2/attn/Softmax}. */
  private String leakingLayers(List<PaddingMass.Layer> layers) {
    List<Integer> numbers = layers.stream().map(PaddingMass.Layer::layer).toList();
    int first = numbers.getFirst();
    String which = layers(numbers) + ", " + heads(layers);
    String node = MaskNames.node(result, first);
    String at =
        node.isEmpty() ? "the scores" : numbers.size() == 1 ? node : "the scores, first " + node;
    TreeSet<MaskRoute> routes = new TreeSet<>();
    numbers.forEach(layer -> routes.add(MaskNames.route(result, layer)));
    String mask = MaskNames.of(result);
    if (routes.first() == MaskRoute.NONE) {
      return which + ": " + mask + " has no path to " + at;
    }
    if (routes.first() == MaskRoute.SHAPE_ONLY) {
      return which + ": only the shape of " + mask + " reaches " + at;
    }
    double most = layers.stream().flatMap(layer -> layer.max().stream()).reduce(0.0, Math::max);
    return which
        + ": padding gets up to "
        + Phrases.percent(most)
        + " of attention, though "
        + mask
        + " reaches "
        + at;
  }

  /** As in {@code all 12 layers}, {@code layers 0-3, 5} and {@code layer 2}. */
  private String layers(List<Integer> numbers) {
    int all = result.attention().found().size();
    return numbers.size() == all && all > 1
        ? "every layer"
        : (numbers.size() == 1 ? "layer " : "layers ") + Phrases.ranges(numbers);
  }

  private static String heads(List<PaddingMass.Layer> layers) {
    int leaking = 0;
    int total = 0;
    for (PaddingMass.Layer layer : layers) {
      leaking += (int) layer.max().stream().filter(share -> share != 0).count();
      total += layer.max().size();
    }
    if (leaking == total) {
      return layers.size() > 1
          ? "all heads"
          : total == 1 ? "its one head" : "all " + total + " heads";
    }
    if (layers.size() == 1) {
      List<Double> shares = layers.getFirst().max();
      List<Integer> which =
          IntStream.range(0, total).filter(h -> shares.get(h) != 0).boxed().toList();
      return (which.size() == 1 ? "head " : "heads ") + Phrases.ranges(which);
    }
    return leaking + " of " + total + " heads";
  }

  /** As in {@code all 4 heads}, where every head of these layers is at fault. */
  private String heads(SomeHeadsNotCausal some) {
    PaddingMass mass = result.paddingMass();
    int all =
        mass == null
            ? 0
            : mass.layers().stream()
                .filter(layer -> some.layers().contains(layer.layer()))
                .mapToInt(layer -> layer.max().size())
                .sum();
    return (all == some.heads() ? "all " : "") + Phrases.counted(some.heads(), "head");
  }

  private String ignored(MaskIgnored ignored) {
    String mask = MaskNames.of(result);
    if (ignored.attentions() == 0) {
      return "nothing that reaches an output reads " + mask + "; no attention was found";
    }
    if (ignored.cut().isEmpty()) {
      return mask + " reaches every attention layer and changes nothing";
    }
    return layers(ignored.cut())
        + ": "
        + (ignored.byShape()
            ? "only the shape of " + mask + " reaches "
            : mask + " has no path to ")
        + (ignored.cut().size() == 1 ? "" : "the scores, first ")
        + MaskNames.node(result, ignored.cut().getFirst());
  }

  private String causality() {
    Finding finding = findings.getFirst();
    Leak leak = leak();
    String node = leak == null ? "" : MaskNames.inParentheses(result, leak);
    return switch (cause(finding)) {
      case SomeHeadsNotCausal some ->
          (leak != null && some.heads() == 1
                  ? place(leak)
                  : layers(some.layers()) + ", " + heads(some))
              + ": no causal mask; the other "
              + (some.total() - some.heads())
              + " heads have one"
              + node;
      case CausalShifted(int tokens, boolean everyHead) ->
          "the causal mask is off by "
              + (everyHead ? "" : "up to ")
              + tokens
              + (everyHead ? " in every head" : "")
              + node;
      case Kind kind when kind == Kind.NOT_CAUSAL_UNPADDED ->
          "the causal mask is made only where a batch has padding";
      case Kind kind when kind == Kind.CAUSAL_UNPADDED_ONLY ->
          "the causal mask is made only where a batch has no padding";
      case Kind kind when kind == Kind.LATER_TOKENS_OUTSIDE_ATTENTION ->
          (leak == null ? "outside attention" : outside(leak)) + ": every head is causal";
      default -> asPhrase(VerdictText.of(finding));
    };
  }

  private String positions() {
    boolean ignored =
        findings.stream()
            .anyMatch(f ->
                cause(f) == Kind.POSITIONS_IGNORED || cause(f) == Kind.GIVEN_POSITIONS_IGNORED);
    return ignored
        ? MaskNames.positions(result) + " is not read: no output depends on it"
        : first();
  }

  private String pooling() {
    return switch (cause(findings.getFirst())) {
      case PoolsPadding(var pooling, var change) ->
          (pooling == null ? "the pooling" : "the pooling, a " + pooling.label() + ",")
              + switch (change) {
                case CONTENT -> " changes with what padding holds";
                case AMOUNT -> " changes with the amount of padding";
                case LEFT_SIDE -> " changes with padding on the left, though no token does";
              };
      case OtherPooling(var declared, var found) ->
          "the pooling is "
              + (found == null ? "another one" : found.label())
              + ", not the declared "
              + declared.label();
      default -> first();
    };
  }
}
