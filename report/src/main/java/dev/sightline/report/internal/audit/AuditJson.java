package dev.sightline.report.internal.audit;

import dev.sightline.audit.Answer;
import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.SampleText;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Counterfactual;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.PaddingNorms;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.report.AuditReport;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.report.internal.page.JsonNodes;
import dev.sightline.tensor.internal.Excerpt;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/** An audit's result as JSON; {@link AuditReport#json} says what is in it. */
public final class AuditJson {
  private static final int LONGEST_TEXT = 2_000;

  private AuditJson() {}

  public static String of(AuditResult result, String command, String version) {
    ObjectNode root = JsonNodes.object();
    root.put("schema", "sightline.audit");
    root.put("version", 3);
    root.put("sightline", version.isEmpty() ? null : version);
    root.put("finished", result.conditions().finished().toString());
    root.put("command", command.isBlank() ? null : command);
    root.set("model", model(result.model()));
    root.set("conditions", conditions(result.conditions()));
    root.set("conclusion", conclusion(result));
    root.set("findings", JsonNodes.array(result.findings(), finding -> FindingJson.of(finding)));
    root.set("noiseFloor", noiseFloor(result.noiseFloor()));
    root.set("attention", attention(result.attention()));
    root.set("paddingMass", paddingMass(result.paddingMass()));
    root.set("paddingNorms", JsonNodes.array(result.paddingNorms(), AuditJson::norms));
    root.set("picture", picture(result.picture()));
    root.set("conformance", ConformanceJson.of(result.conformance(), result.attention()));
    root.set("mask", ModelMaskJson.of(result.mask()));
    root.set("trial", TrialJson.of(result.trial()));
    return text(root);
  }

  /** Indented, and the same on every machine. */
  static String text(ObjectNode root) {
    // The line break of the machine would make the same result differ between machines.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    String json = JsonMapper.shared().writer().with(printer).writeValueAsString(root);
    return ControlCharacters.inJson(json) + "\n";
  }

  private static ObjectNode model(ModelFacts model) {
    ObjectNode node =
        JsonNodes.object()
            .put("name", model.name())
            .put("producer", model.producer())
            .put("opset", model.opset())
            .put("fileBytes", model.fileBytes())
            .put("sha256", model.sha256())
            .put("quantizesDynamically", model.quantizesDynamically());
    node.set("inputs", JsonNodes.array(model.inputs(), AuditJson::tensor));
    node.set("outputs", JsonNodes.array(model.outputs(), AuditJson::tensor));
    node.set("compared", JsonNodes.texts(model.compared()));
    return node;
  }

  private static ObjectNode tensor(TensorSpec spec) {
    ObjectNode node = JsonNodes.object().put("name", spec.name()).put("type", spec.typeLabel());
    node.set("dims", JsonNodes.texts(spec.dims()));
    return node;
  }

  private static ObjectNode conditions(Conditions conditions) {
    ObjectNode node =
        JsonNodes.object()
            .put("origin", conditions.origin().kind().name())
            .put("texts", conditions.texts())
            .put("probed", conditions.probed())
            .put("tokens", conditions.tokens())
            .put("longest", conditions.longest())
            .put("shortest", conditions.shortest());
    node.set("tokenizerSearch", JsonNodes.texts(SampleText.search(conditions.origin())));
    node.set("notes", JsonNodes.texts(conditions.notes()));
    node.put("seed", conditions.seed()).put("runtime", conditions.runtime());
    node.set("seconds", JsonNodes.number(conditions.seconds()));
    node.set("forwardPassSeconds", JsonNodes.number(conditions.forwardPassSeconds()));
    return node;
  }

  private static ObjectNode conclusion(AuditResult result) {
    Answer answer = Answer.of(result);
    ObjectNode node =
        JsonNodes.object()
            .put("outcome", result.conclusion().outcome().name())
            .put("headline", answer.headline());
    node.set("causes", JsonNodes.texts(answer.faults().stream().map(Fault::cause).toList()));
    node.set("counterfactual", counterfactual(result.counterfactual()));
    return node.put("effect", answer.effect().isEmpty() ? null : answer.effect())
        .put("fix", answer.fix());
  }

  /** What failed with the right mask put in; null if it was not tried. */
  private static JsonNode counterfactual(@Nullable Counterfactual counterfactual) {
    if (counterfactual == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object();
    node.set("layers", JsonNodes.array(counterfactual.layers(), IntNode::new));
    node.set("cured", JsonNodes.texts(ids(counterfactual.cured())));
    node.set("remaining", JsonNodes.texts(ids(counterfactual.remaining())));
    node.set("whyNot", JsonNodes.textOrNone(counterfactual.whyNot()));
    return node;
  }

  private static List<String> ids(List<Finding> findings) {
    return findings.stream().map(finding -> finding.probe().id()).toList();
  }

  private static ObjectNode noiseFloor(@Nullable NoiseFloor noise) {
    ObjectNode node = JsonNodes.object();
    node.set("difference", noise == null ? JsonNodes.none() : JsonNodes.number(noise.difference()));
    return node.put("method", VerdictText.method(noise))
        .put("compared", noise == null ? 0 : noise.compared());
  }

  private static ObjectNode attention(AttentionSites sites) {
    ObjectNode node = JsonNodes.object();
    node.set("found", JsonNodes.array(sites.found(), AuditJson::site));
    node.set(
        "rejected",
        JsonNodes.array(
            sites.rejected(),
            r -> JsonNodes.object().put("node", r.node()).put("reason", r.reason())));
    return node;
  }

  private static ObjectNode site(AttentionSite site) {
    ObjectNode node =
        JsonNodes.object()
            .put("layer", site.layer())
            .put("node", site.node())
            .put("operator", site.operator())
            .put("source", site.source().name());
    node.set("unreadable", JsonNodes.textOrNone(site.whyNotReadable()));
    node.set("masks", JsonNodes.array(site.masks(), AuditJson::maskPath));
    return node;
  }

  private static ObjectNode maskPath(MaskPath path) {
    ObjectNode node =
        JsonNodes.object().put("input", path.input()).put("route", path.route().name());
    node.set("operands", JsonNodes.texts(path.operands()));
    return node;
  }

  private static JsonNode paddingMass(@Nullable PaddingMass mass) {
    if (mass == null) {
      return JsonNodes.none();
    }
    ObjectNode node = JsonNodes.object().put("queries", mass.queries());
    node.set("max", JsonNodes.number(mass.max()));
    node.set("worst", FindingJson.place(mass.worst()));
    node.set("layers", JsonNodes.array(mass.layers(), AuditJson::layer));
    return node;
  }

  private static ObjectNode layer(PaddingMass.Layer layer) {
    ObjectNode node = JsonNodes.object().put("layer", layer.layer()).put("reason", layer.reason());
    node.set("max", shares(layer.max()));
    node.set("mean", shares(layer.mean()));
    return node;
  }

  private static JsonNode shares(List<Double> shares) {
    return shares.isEmpty()
        ? JsonNodes.none()
        : JsonNodes.array(shares, share -> JsonNodes.number((double) share));
  }

  private static ObjectNode norms(PaddingNorms norms) {
    ObjectNode node = JsonNodes.object().put("layer", norms.layer());
    node.set("padding", JsonNodes.number(norms.padding()));
    node.set("real", JsonNodes.number(norms.real()));
    return node;
  }

  /** What the picture is of, and how much of it is a fault; the squares are on the page. */
  private static JsonNode picture(@Nullable AttentionPicture picture) {
    if (picture == null) {
      return JsonNodes.none();
    }
    List<Integer> tokens = IntStream.range(0, picture.tokens().size()).boxed().toList();
    ObjectNode node = JsonNodes.object().put("text", Excerpt.of(picture.text(), LONGEST_TEXT));
    node.set("tokens", JsonNodes.texts(picture.tokens()));
    node.set(
        "padding",
        JsonNodes.array(
            tokens.stream().filter(picture::isPadding).toList(),
            token -> JsonNodes.integer(token)));
    node.put("causal", picture.isCausal());
    node.set(
        "layers",
        JsonNodes.array(
            picture.layers(),
            layer -> {
              ObjectNode counts = JsonNodes.object().put("layer", layer.layer());
              counts.set(
                  "forbiddenAndLit",
                  JsonNodes.array(
                      IntStream.range(0, layer.heads()).boxed().toList(),
                      head -> JsonNodes.integer(HeadSquares.offences(picture, layer, head))));
              return counts;
            }));
    return node;
  }
}
