package dev.sightline.report.internal.audit;

import dev.sightline.audit.MaskText;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.report.internal.page.JsonNodes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/** The masks that a model implements, as JSON. */
final class ModelMaskJson {
  private ModelMaskJson() {}

  static JsonNode of(@Nullable ModelMask mask) {
    if (mask == null) {
      return JsonNodes.none();
    }
    ObjectNode node =
        JsonNodes.object()
            .put("text", MaskText.line(mask))
            .put("shortest", mask.shortest())
            .put("longest", mask.longest())
            .put("padding", mask.padding())
            .put("steps", mask.steps());
    node.set("layers", JsonNodes.array(mask.layers(), ModelMaskJson::layer));
    node.set("notes", JsonNodes.texts(mask.notes()));
    return node;
  }

  private static ObjectNode layer(ModelMask.Layer layer) {
    ObjectNode node =
        JsonNodes.object()
            .put("layer", layer.layer())
            .put("node", layer.node())
            .put("source", layer.source().name().toLowerCase(Locale.ROOT));
    node.set("notRead", JsonNodes.textOrNone(layer.whyNotRead()));
    node.set("masks", JsonNodes.array(layer.heads(), ModelMaskJson::heads));
    return node;
  }

  private static ObjectNode heads(ModelMask.Heads heads) {
    ObjectNode node = JsonNodes.object();
    node.set("heads", JsonNodes.array(heads.heads(), head -> IntNode.valueOf(head)));
    node.set("mask", JsonNodes.textOrNone(heads.mask()));
    node.set(
        "cases",
        JsonNodes.array(
            heads.cases(),
            each ->
                JsonNodes.object()
                    .put("of", each.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .put("mask", each.mask())));
    node.put("samples", heads.samples());
    return node;
  }
}
