package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Effect.ClassProbability;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Effect.NotFinite;
import dev.sightline.audit.result.Effect.TokenCosine;
import dev.sightline.audit.result.Effect.TopToken;
import dev.sightline.report.internal.page.JsonNodes;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How much a change matters, as JSON. */
final class EffectJson {
  private EffectJson() {}

  static JsonNode of(@Nullable Effect effect) {
    if (effect == null) {
      return JsonNodes.none();
    }
    ObjectNode node =
        switch (effect) {
          case EmbeddingCosine cosine -> {
            ObjectNode own = kind("embedding-cosine");
            own.set("value", JsonNodes.number(cosine.value()));
            yield own.put("text", cosine.text());
          }
          case TokenCosine cosine -> {
            ObjectNode own = kind("token-cosine");
            own.set("value", JsonNodes.number(cosine.value()));
            yield at(own, cosine.text(), OptionalInt.of(cosine.token()));
          }
          case ClassProbability p -> {
            ObjectNode own = kind("class-probability").put("label", p.label());
            own.set("before", JsonNodes.number(p.before()));
            own.set("after", JsonNodes.number(p.after()));
            yield at(own, p.text(), p.token())
                .put("changed", p.changed())
                .put("compared", p.compared());
          }
          case TopToken top -> {
            ObjectNode own =
                kind("top-token").put("changed", top.changed()).put("compared", top.compared());
            own.set("logitChange", JsonNodes.number(top.logitChange()));
            own.set("gap", JsonNodes.number(top.gap()));
            yield at(own, top.text(), top.token());
          }
          case NotFinite values ->
              kind("not-finite")
                  .put("changed", values.positions())
                  .put("compared", values.compared());
        };
    return node.put("meaning", VerdictText.of(effect));
  }

  private static ObjectNode kind(String kind) {
    return JsonNodes.object().put("kind", kind);
  }

  private static ObjectNode at(ObjectNode node, long text, OptionalInt token) {
    node.put("text", text);
    node.set("token", token.isEmpty() ? JsonNodes.none() : JsonNodes.integer(token.getAsInt()));
    return node;
  }
}
