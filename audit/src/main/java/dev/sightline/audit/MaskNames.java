package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.onnx.inventory.TensorSpec;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What masks and attention layers are called in a model's graph. */
final class MaskNames {
  private MaskNames() {}

  /** The name of the mask input, as in {@code attention_mask}. */
  static String of(AuditResult result) {
    Stream<String> reaching =
        result.attention().found().stream()
            .flatMap(site -> site.masks().stream())
            .map(MaskPath::input);
    Stream<String> named =
        result.model().inputs().stream().map(TensorSpec::name).filter(n -> n.contains("mask"));
    List<String> names = Stream.concat(reaching, named).distinct().toList();
    return names.isEmpty() ? "the mask" : names.getFirst();
  }

  /** The name of the position input, as in {@code position_ids}. */
  static String positions(AuditResult result) {
    return result.model().inputs().stream()
        .map(TensorSpec::name)
        .filter(name -> name.contains("position"))
        .findFirst()
        .orElse("the position input");
  }

  /** The node of a layer; empty if there is none of that number. */
  static String node(AuditResult result, int layer) {
    return result.attention().found().stream()
        .filter(site -> site.layer() == layer)
        .map(AttentionSite::node)
        .findFirst()
        .orElse("");
  }

  /** The node of a leak's layer in parentheses, after a space. */
  static String inParentheses(AuditResult result, Leak leak) {
    return leak.layer().isEmpty() ? "" : inParentheses(result, leak.layer().getAsInt());
  }

  /** The node of a layer in parentheses, after a space. */
  static String inParentheses(AuditResult result, int layer) {
    String node = node(result, layer);
    return node.isEmpty() ? "" : " (" + node + ")";
  }

  /** The strongest way on which any mask reaches a layer. */
  static MaskRoute route(AuditResult result, int layer) {
    return result.attention().found().stream()
        .filter(site -> site.layer() == layer)
        .flatMap(site -> site.masks().stream())
        .map(MaskPath::route)
        .min(Comparator.naturalOrder())
        .orElse(MaskRoute.NONE);
  }
}
