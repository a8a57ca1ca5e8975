package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.report.internal.page.JsonNodes;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Verdicts and what they rest on, as JSON. */
final class FindingJson {
  private FindingJson() {}

  static ObjectNode of(Finding finding) {
    ObjectNode node = JsonNodes.object().put("probe", finding.probe().id());
    node.set("stream", JsonNodes.textOrNone(finding.stream()));
    node.put("question", VerdictText.question(finding.probe()))
        .put("method", VerdictText.method(finding.probe()));
    return addTo(node, finding.probe(), finding.verdict());
  }

  /** The verdict alone. */
  static ObjectNode of(Probe probe, Verdict verdict) {
    return addTo(JsonNodes.object(), probe, verdict);
  }

  private static ObjectNode addTo(ObjectNode node, Probe probe, Verdict verdict) {
    node.put("verdict", verdict.outcome().name()).put("meaning", VerdictText.of(probe, verdict));
    node.set("evidence", evidence(verdict.evidence()));
    node.set("leak", verdict instanceof Verdict.Fail fail ? leak(fail.leak()) : JsonNodes.none());
    return node;
  }

  private static JsonNode evidence(@Nullable Evidence evidence) {
    if (evidence == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object();
    node.set("difference", JsonNodes.number(evidence.difference()));
    ObjectNode limit = node.putObject("limit");
    limit.set("value", JsonNodes.number(evidence.limit().value()));
    limit.put("origin", VerdictText.origin(evidence.limit()));
    node.put("compared", evidence.compared());
    node.set("worst", place(evidence.worst()));
    node.set("effect", EffectJson.of(evidence.effect()));
    Evidence.Control control = evidence.control();
    if (control == null) {
      node.putNull("control");
    } else {
      ObjectNode controlNode = node.putObject("control").put("change", VerdictText.change(control));
      controlNode.set("difference", JsonNodes.number(control.difference()));
    }
    return node;
  }

  static JsonNode place(@Nullable Place place) {
    if (place == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object().put("text", place.text()).put("excerpt", place.excerpt());
    node.set("token", JsonNodes.integer(place.token()));
    node.put("spelling", place.token().isPresent() ? place.spelling() : null);
    return node.put("output", place.output()).put("batch", place.batch());
  }

  private static JsonNode leak(Verdict.@Nullable Leak leak) {
    if (leak == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object();
    node.set(
        "layer",
        leak.layer().isEmpty() ? JsonNodes.none() : JsonNodes.integer(leak.layer().getAsInt()));
    node.put("operator", leak.operator()).put("node", leak.node()).put("stream", leak.stream());
    node.set("head", JsonNodes.integer(leak.head()));
    node.put("outsideAttention", leak.isOutsideAttention());
    node.set("mass", JsonNodes.number(leak.mass()));
    return node;
  }
}
