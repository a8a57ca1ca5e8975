package dev.sightline.repair;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a repair says in English, for the terminal and the page. */
public final class RepairText {
  private static final int MOST_WRONG = 3;

  private RepairText() {}

  static String notSame(RepairResult.Sameness sameness) {
    return String.format(
        Locale.ROOT,
        "%,d of %,d output values of samples without padding changed, by up to %.3g",
        sameness.different(),
        sameness.values(),
        sameness.largest());
  }

  static String stillFails(Finding finding) {
    String stream = finding.stream().isEmpty() ? "" : " (" + finding.stream() + ")";
    String cure =
        finding.probe() == Probe.POOLING
            ? " --pooling cls, last or mean replaces it."
            : RepairProof.countsPadding(finding)
                ? " --positions from-mask counts real tokens."
                : "";
    return finding.probe().id() + stream + " fails: " + VerdictText.of(finding) + cure;
  }

  static String noLongerAsked(Finding finding) {
    return finding.probe().id()
        + " passed and cannot be asked of the new model: "
        + VerdictText.of(finding);
  }

  static String refused(int layer, String reason) {
    return (layer < 0 ? "" : "layer " + layer + ": ") + reason;
  }

  /**
   * {@return what was not done and why, in a sentence}
   *
   * @param refusal of an attention, or of the whole model
   */
  public static String of(RepairResult.Refusal refusal) {
    return refused(refusal.layer(), refusal.reason());
  }

  static String noMaskInput() {
    return "the model takes no mask; --add-input attention_mask gives it one";
  }

  static String noCure(Finding cause) {
    return "no attention mask cures this: " + VerdictText.of(cause);
  }

  static String positionsFromMask(Finding cause) {
    return "positions count padding; --positions from-mask counts real tokens: "
        + VerdictText.of(cause);
  }

  static RepairResult.FurtherChange fill(List<Integer> layers, float weak, OptionalDouble chosen) {
    return new RepairResult.FurtherChange(
        "fill",
        layers(layers),
        String.format(Locale.ROOT, "%.4g, too weak to keep padding out", weak),
        chosen.isPresent()
            ? String.format(Locale.ROOT, "%.4g", chosen.getAsDouble())
            : "the lowest number of the scores' type");
  }

  static String poolingFails(Finding cause) {
    return "the pooling takes padding; --pooling mean, cls or last replaces it: "
        + VerdictText.of(cause);
  }

  static String stillShifted(Finding finding) {
    boolean pools = finding.verdict().cause() == Cause.Kind.OTHER_SIDE;
    return finding.probe().id()
        + " is "
        + finding.verdict().outcome()
        + " with the new positions: "
        + VerdictText.of(finding)
        + (pools
            ? " --pooling cls, last or mean replaces a pooling by slots."
            : RepairProof.isInterior(finding)
                ? " Windows of masks and biases by distance count slots as well, and stay."
                : "");
  }

  /** The masks of an attention, by head where they differ. */
  static String masks(ModelMask.Layer layer) {
    return layer.heads().stream()
        .map(heads -> heads.mask().isEmpty() ? "unknown" : heads.mask())
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  /**
   * {@return the result in lines for a terminal}
   *
   * @param result the result of a repair
   */
  public static List<String> lines(RepairResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(headline(result));
    masksByLayers(result)
        .forEach((change, layers) -> lines.add("  mask      " + layers + ": " + change));
    for (RepairResult.FurtherChange change : result.further()) {
      lines.add("  %-9s %s".formatted(change.what(), further(change)));
    }
    if (result.outcome() == RepairResult.Outcome.WAS_RIGHT
        && result.before().findings().stream().anyMatch(RepairProof::countsPadding)) {
      lines.add(
          "  note      its positions count padding: pad on the right, or let --positions from-mask"
              + " count real tokens");
    }
    RepairResult.Sameness sameness = result.sameness();
    AuditResult after = result.after();
    if (sameness != null && after != null) {
      lines.add("  unpadded  " + unpadded(sameness));
      lines.add(
          String.format(
              Locale.ROOT,
              "  audit     %s -> %s; probes that fail: %d before, %d now",
              result.before().conclusion().outcome(),
              after.conclusion().outcome(),
              failures(result.before()),
              failures(after)));
      lines.add(
          String.format(Locale.ROOT, "  speed     %.2f of the old model's time", sameness.ratio()));
      lines.add("  graph     " + counts(result) + " (-v names the nodes)");
    }
    for (RepairResult.Refusal refusal : result.refused()) {
      lines.add("  refused   " + of(refusal));
    }
    result.stillWrong().stream()
        .limit(MOST_WRONG)
        .forEach(wrong -> lines.add("  wrong     " + wrong));
    if (result.stillWrong().size() > MOST_WRONG) {
      lines.add("  wrong     and " + (result.stillWrong().size() - MOST_WRONG) + " more");
    }
    return lines;
  }

  /**
   * {@return a change beside masks, in a line}
   *
   * @param change the change
   */
  public static String further(RepairResult.FurtherChange change) {
    return change.node()
        + ": "
        + (change.was().isEmpty() ? "" : change.was() + " -> ")
        + change.is();
  }

  /**
   * {@return how a repair ended, in a word or two}
   *
   * @param outcome of a repair
   */
  public static String word(RepairResult.Outcome outcome) {
    return switch (outcome) {
      case REPAIRED -> "REPAIRED";
      case WAS_RIGHT -> "RIGHT";
      case NOT_PROVED -> "NOT PROVED";
      case NO_CURE -> "NO CURE";
    };
  }

  /**
   * {@return how a repair ended, in a sentence}
   *
   * @param result the result of a repair
   */
  public static String meaning(RepairResult result) {
    return switch (result.outcome()) {
      case REPAIRED -> "The new model passes the audit, and is the old one where that was right.";
      case WAS_RIGHT -> "The model is right: there was nothing to repair, and nothing is written.";
      case NOT_PROVED ->
          result.file() == null
              ? "The new model does not pass, so it is not written; --force writes it all the same."
              : "The new model does not pass, and is written since it was forced.";
      case NO_CURE -> "No mask cures what is wrong, so nothing is written.";
    };
  }

  private static String headline(RepairResult result) {
    return switch (result.outcome()) {
      case REPAIRED -> "REPAIRED  " + result.before().model().name() + " -> " + result.file();
      case WAS_RIGHT ->
          "RIGHT     " + result.before().model().name() + ": nothing to repair, nothing written";
      case NOT_PROVED ->
          "NOT PROVED  "
              + result.before().model().name()
              + (result.file() == null
                  ? ": nothing written; --force writes it all the same"
                  : " -> " + result.file() + ", written since it was forced");
      case NO_CURE -> "NO CURE   " + result.before().model().name() + ": nothing written";
    };
  }

  private static Map<String, String> masksByLayers(RepairResult result) {
    Map<String, List<Integer>> layers = new LinkedHashMap<>();
    for (RepairResult.MaskChange change : result.masks()) {
      String was = change.was().isEmpty() ? "unknown" : change.was();
      layers
          .computeIfAbsent(was + " -> " + change.is(), key -> new ArrayList<>())
          .add(change.layer());
    }
    Map<String, String> text = new LinkedHashMap<>();
    layers.forEach((change, numbers) -> text.put(change, layers(numbers)));
    return text;
  }

  /**
   * {@return numbers of attentions, as in {@code layers 0-2, 5}}
   *
   * @param numbers from 0, in order
   */
  public static String layers(List<Integer> numbers) {
    return (numbers.size() == 1 ? "layer " : "layers ") + ranges(numbers);
  }

  private static String ranges(List<Integer> numbers) {
    List<String> ranges = new ArrayList<>();
    for (int n = 0; n < numbers.size(); ) {
      int end = n;
      while (end + 1 < numbers.size() && numbers.get(end + 1) == numbers.get(end) + 1) {
        end++;
      }
      ranges.add(end == n ? numbers.get(n).toString() : numbers.get(n) + "-" + numbers.get(end));
      n = end + 1;
    }
    return String.join(", ", ranges);
  }

  /**
   * {@return what is the same without padding, in a phrase}
   *
   * @param sameness of two models
   */
  public static String unpadded(RepairResult.Sameness sameness) {
    if (!sameness.expected() && sameness.otherLayers().isEmpty()) {
      return "the old pooling is another one without padding too: outputs change";
    }
    if (!sameness.expected()) {
      return "the old mask is another one without padding too, in "
          + layers(List.copyOf(sameness.otherLayers()))
          + ": outputs change";
    }
    String bits =
        sameness.different() == 0
            ? String.format(
                Locale.ROOT,
                "%d samples, all %,d output values equal to the bit, the optimiser off",
                sameness.samples(),
                sameness.values())
            : notSame(sameness);
    return String.format(
        Locale.ROOT,
        "%s; on, within %.2g (its own rounding: %.2g)",
        bits,
        sameness.optimised(),
        sameness.rounding());
  }

  private static long failures(AuditResult result) {
    return result.findings().stream()
        .filter(finding -> finding.verdict().outcome() == Outcome.FAIL)
        .count();
  }

  /**
   * {@return how many nodes were changed in which way, as in {@code 19 added, 2 rewired}}
   *
   * @param result the result of a repair
   */
  public static String counts(RepairResult result) {
    return Stream.of("added", "rewired", "removed")
        .filter(kind -> count(result, kind) > 0)
        .map(kind -> count(result, kind) + " " + kind)
        .collect(Collectors.joining(", "));
  }

  private static long count(RepairResult result, String kind) {
    return result.nodes().stream().filter(node -> node.kind().equals(kind)).count();
  }

  /**
   * {@return the changed nodes, a line each}
   *
   * @param result the result of a repair
   */
  public static List<String> nodes(RepairResult result) {
    return result.nodes().stream()
        .map(node ->
            String.format(
                    Locale.ROOT,
                    "  %-8s  %s %s  %s",
                    node.kind(),
                    node.operator(),
                    node.node(),
                    node.detail())
                .stripTrailing())
        .toList();
  }
}
