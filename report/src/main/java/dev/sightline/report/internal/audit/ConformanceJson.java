package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Probe;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.report.internal.page.JsonNodes;
import dev.sightline.tensor.internal.Excerpt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Declared against observed, as JSON: counts, and the worst offences with their names. The cells
 * themselves are on the page.
 */
final class ConformanceJson {
  /** A mask can be written out cell by cell, and be declared for each of a hundred attentions. */
  private static final int LONGEST_DECLARATION = 2_000;

  private ConformanceJson() {}

  static JsonNode of(@Nullable Conformance conformance, AttentionSites sites) {
    if (conformance == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object().put("samples", conformance.samples());
    node.set("tokens", JsonNodes.texts(conformance.tokens()));
    node.set("inside", FindingJson.of(Probe.DECLARED_INSIDE, conformance.inside()));
    node.set("outside", FindingJson.of(Probe.DECLARED_OUTSIDE, conformance.outside()));
    node.set("attentions", JsonNodes.array(conformance.attentions(), ConformanceJson::attention));
    node.set("reach", reach(conformance.reach()));
    node.set("notes", JsonNodes.texts(conformance.notes()));
    return node;
  }

  private static ObjectNode attention(Conformance.Attention attention) {
    ObjectNode node =
        JsonNodes.object().put("attention", attention.attention()).put("node", attention.node());
    node.set(
        "declared", JsonNodes.textOrNone(Excerpt.of(attention.declared(), LONGEST_DECLARATION)));
    node.put("state", attention.state().name());
    node.set("reason", JsonNodes.textOrNone(attention.reason()));
    node.put("cells", attention.cells())
        .put("forbidden", attention.forbidden())
        .put("offences", attention.offences())
        .put("unused", attention.unused())
        .put("narrower", attention.narrower())
        .put("skippedQueries", attention.skippedQueries());
    node.set(
        "largestAllowed",
        attention.cells() == 0 ? JsonNodes.none() : JsonNodes.number(attention.largestAllowed()));
    node.set("worst", JsonNodes.array(attention.worst(), ConformanceJson::offence));
    return node;
  }

  private static ObjectNode offence(Conformance.Offence offence) {
    ObjectNode node =
        JsonNodes.object()
            .put("row", offence.row())
            .put("head", offence.head())
            .put("query", offence.query())
            .put("key", offence.key())
            .put("queryName", offence.queryName())
            .put("keyName", offence.keyName());
    node.set("probability", JsonNodes.number(offence.probability()));
    return node;
  }

  private static ObjectNode reach(Conformance.Reach reach) {
    ObjectNode node =
        JsonNodes.object()
            .put("compared", reach.compared())
            .put("unreachable", reach.unreachable())
            .put("leaks", reach.leaks())
            .put("unmoved", reach.unmoved())
            .put("replaced", reach.replaced())
            .put("rows", reach.rows());
    node.set("outputs", JsonNodes.texts(reach.outputs()));
    node.set("worst", JsonNodes.array(reach.worst(), ConformanceJson::leak));
    return node;
  }

  private static ObjectNode leak(Conformance.Leak leak) {
    ObjectNode node =
        JsonNodes.object()
            .put("row", leak.row())
            .put("output", leak.output())
            .put("input", leak.input());
    node.set("change", JsonNodes.number(leak.change()));
    return node;
  }
}
