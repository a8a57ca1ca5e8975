package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.report.internal.page.JsonNodes;
import dev.sightline.tensor.internal.Excerpt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the mask is worth, as JSON. */
final class TrialJson {
  private static final int MOST_ROWS = 100;
  private static final int LONGEST_LABEL = 200;

  private TrialJson() {}

  static JsonNode of(@Nullable MaskTrial trial) {
    if (trial == null) {
      return JsonNodes.none();
    }
    ObjectNode node =
        JsonNodes.object().put("samples", trial.rows().size()).put("maskPutIn", trial.isTwin());
    node.set("difference", interval(trial.difference()));
    node.set("cosine", interval(trial.cosine()));
    node.set("maskedMilliseconds", interval(trial.masked()));
    node.set("unmaskedMilliseconds", interval(trial.unmasked()));
    node.set("unpaddedMilliseconds", interval(trial.unpadded()));
    ObjectNode memory = node.putObject("memory");
    memory.set("maskedBytes", JsonNodes.integer(trial.memory().masked()));
    memory.set("unmaskedBytes", JsonNodes.integer(trial.memory().unmasked()));
    node.set("thumb", thumb(trial.thumb()));
    node.set(
        "rows", JsonNodes.array(trial.rows().stream().limit(MOST_ROWS).toList(), TrialJson::row));
    return node;
  }

  private static JsonNode interval(@Nullable Estimate interval) {
    if (interval == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object();
    node.set("value", JsonNodes.number(interval.value()));
    node.set("low", JsonNodes.number(interval.low()));
    node.set("high", JsonNodes.number(interval.high()));
    return node.put("count", interval.count());
  }

  private static ObjectNode thumb(MaskTrial.Thumb thumb) {
    ObjectNode node = JsonNodes.object();
    node.set("norm", JsonNodes.number(thumb.norm()));
    node.set("weight", JsonNodes.number(thumb.weight()));
    node.put("says", VerdictText.of(thumb.need()));
    node.putObject("thresholds")
        .put("redundantNormBelow", 0.01)
        .put("redundantWeightBelow", 0.001)
        .put("usefulNormAbove", 0.1)
        .put("usefulWeightAbove", 0.01);
    return node;
  }

  private static ObjectNode row(MaskTrial.Row row) {
    ObjectNode node =
        JsonNodes.object()
            .put("text", row.number())
            .put("label", Excerpt.of(row.label(), LONGEST_LABEL))
            .put("tokens", row.tokens())
            .put("padding", row.padding());
    node.set("difference", JsonNodes.number(row.difference()));
    node.set("cosine", JsonNodes.number(row.cosine()));
    return node;
  }
}
