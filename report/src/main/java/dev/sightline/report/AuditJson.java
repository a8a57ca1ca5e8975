package dev.sightline.report;

import dev.sightline.audit.AttentionPicture;
import dev.sightline.audit.AuditResult;
import dev.sightline.audit.AuditResult.Conclusion;
import dev.sightline.audit.AuditResult.Conditions;
import dev.sightline.audit.AuditResult.ModelFacts;
import dev.sightline.audit.AuditResult.NoiseFloor;
import dev.sightline.audit.PaddingMass;
import dev.sightline.audit.PaddingNorms;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSites;
import dev.sightline.onnx.MaskPath;
import dev.sightline.onnx.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An audit's result as JSON; {@link AuditReport#json} says what stands in it. */
final class AuditJson {
  private static final int LONGEST_TEXT = 2_000;

  private AuditJson() {}

  static String of(AuditResult result, String command) {
    ObjectNode root = Nodes.object();
    root.put("schema", "sightline.audit");
    root.put("version", 2);
    root.put("command", command.isBlank() ? null : command);
    root.set("model", model(result.model()));
    root.set("conditions", conditions(result.conditions()));
    root.set("conclusion", conclusion(result.conclusion()));
    root.set(
        "findings",
        Nodes.array(result.findings(), finding -> FindingJson.of(finding, result.attention())));
    root.set("noiseFloor", noiseFloor(result.noiseFloor()));
    root.set("attention", attention(result.attention()));
    root.set("paddingMass", paddingMass(result.paddingMass()));
    root.set("paddingNorms", Nodes.array(result.paddingNorms(), AuditJson::norms));
    root.set("picture", picture(result.picture()));
    root.set("conformance", ConformanceJson.of(result.conformance(), result.attention()));
    root.set("trial", TrialJson.of(result.trial()));
    // The line break of the machine would make the same result differ between machines.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    String json = JsonMapper.shared().writer().with(printer).writeValueAsString(root);
    return Unseen.inJson(json) + "\n";
  }

  private static ObjectNode model(ModelFacts model) {
    ObjectNode node =
        Nodes.object()
            .put("name", model.name())
            .put("producer", model.producer())
            .put("opset", model.opset())
            .put("fileBytes", model.fileBytes())
            .put("quantizesDynamically", model.quantizesDynamically());
    node.set("inputs", Nodes.array(model.inputs(), AuditJson::tensor));
    node.set("outputs", Nodes.array(model.outputs(), AuditJson::tensor));
    node.set("compared", Nodes.texts(model.compared()));
    return node;
  }

  private static ObjectNode tensor(TensorSpec spec) {
    ObjectNode node = Nodes.object().put("name", spec.name()).put("type", spec.type().label());
    node.set("dims", Nodes.texts(spec.dims()));
    return node;
  }

  private static ObjectNode conditions(Conditions conditions) {
    ObjectNode node =
        Nodes.object()
            .put("texts", conditions.texts())
            .put("tokens", conditions.tokens())
            .put("longest", conditions.longest())
            .put("shortest", conditions.shortest());
    node.set("notes", Nodes.texts(conditions.notes()));
    node.put("seed", conditions.seed()).put("runtime", conditions.runtime());
    node.set("seconds", Nodes.number(conditions.seconds()));
    node.set(
        "plainSeconds",
        conditions.plainSeconds() > 0 ? Nodes.number(conditions.plainSeconds()) : Nodes.none());
    return node;
  }

  private static ObjectNode conclusion(Conclusion conclusion) {
    return Nodes.object()
        .put("outcome", conclusion.outcome().name())
        .put("meaning", conclusion.meaning())
        .put("advice", conclusion.advice());
  }

  private static ObjectNode noiseFloor(NoiseFloor noise) {
    ObjectNode node = Nodes.object();
    node.set("difference", noise.compared() == 0 ? Nodes.none() : Nodes.number(noise.difference()));
    return node.put("method", noise.method()).put("compared", noise.compared());
  }

  private static ObjectNode attention(AttentionSites sites) {
    ObjectNode node = Nodes.object();
    node.set("found", Nodes.array(sites.found(), AuditJson::site));
    node.set(
        "rejected",
        Nodes.array(
            sites.rejected(), r -> Nodes.object().put("node", r.node()).put("reason", r.reason())));
    return node;
  }

  private static ObjectNode site(AttentionSite site) {
    ObjectNode node =
        Nodes.object()
            .put("layer", site.layer())
            .put("node", site.node())
            .put("operator", site.operator())
            .put("source", site.source().name());
    node.set("unreadable", Nodes.textOrNone(site.whyNotReadable()));
    node.set("masks", Nodes.array(site.masks(), AuditJson::maskPath));
    return node;
  }

  private static ObjectNode maskPath(MaskPath path) {
    ObjectNode node = Nodes.object().put("input", path.input()).put("route", path.route().name());
    node.set("operands", Nodes.texts(path.operands()));
    return node;
  }

  private static JsonNode paddingMass(@Nullable PaddingMass mass) {
    if (mass == null) {
      return Nodes.none();
    }
    ObjectNode node = Nodes.object().put("queries", mass.queries());
    node.set("max", mass.hasData() ? Nodes.number(mass.max()) : Nodes.none());
    node.set("worst", FindingJson.place(mass.worst()));
    node.set("layers", Nodes.array(mass.layers(), AuditJson::layer));
    return node;
  }

  private static ObjectNode layer(PaddingMass.Layer layer) {
    ObjectNode node = Nodes.object().put("layer", layer.layer()).put("reason", layer.reason());
    node.set("max", shares(layer.max()));
    node.set("mean", shares(layer.mean()));
    return node;
  }

  private static JsonNode shares(List<Double> shares) {
    return shares.isEmpty()
        ? Nodes.none()
        : Nodes.array(shares, share -> Nodes.number((double) share));
  }

  private static ObjectNode norms(PaddingNorms norms) {
    ObjectNode node = Nodes.object().put("layer", norms.layer());
    node.set("padding", Nodes.number(norms.padding()));
    node.set("real", Nodes.number(norms.real()));
    return node;
  }

  /** What the picture is of, and how much of it is a fault; the squares are on the page. */
  private static JsonNode picture(@Nullable AttentionPicture picture) {
    if (picture == null) {
      return Nodes.none();
    }
    List<Integer> tokens = IntStream.range(0, picture.tokens().size()).boxed().toList();
    ObjectNode node = Nodes.object().put("text", Excerpt.of(picture.text(), LONGEST_TEXT));
    node.set("tokens", Nodes.texts(picture.tokens()));
    node.set(
        "padding",
        Nodes.array(
            tokens.stream().filter(picture::isPadding).toList(), token -> Nodes.integer(token)));
    node.put("causal", picture.isCausal());
    node.set(
        "layers",
        Nodes.array(
            picture.layers(),
            layer -> {
              ObjectNode counts = Nodes.object().put("layer", layer.layer());
              counts.set(
                  "forbiddenAndLit",
                  Nodes.array(
                      IntStream.range(0, layer.heads()).boxed().toList(),
                      head -> Nodes.integer(HeadSquares.offences(picture, layer, head))));
              return counts;
            }));
    return node;
  }
}
