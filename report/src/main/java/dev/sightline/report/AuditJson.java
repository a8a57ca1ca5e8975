package dev.sightline.report;

import dev.sightline.audit.AuditResult;
import dev.sightline.audit.AuditResult.Conditions;
import dev.sightline.audit.AuditResult.ModelFacts;
import dev.sightline.audit.AuditResult.NoiseFloor;
import dev.sightline.audit.Evidence;
import dev.sightline.audit.Finding;
import dev.sightline.audit.PaddingMass;
import dev.sightline.audit.Place;
import dev.sightline.audit.Verdict;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSites;
import dev.sightline.onnx.MaskPath;
import dev.sightline.onnx.TensorSpec;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An audit's result as JSON; {@link AuditReport#json} says what stands in it. */
final class AuditJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private AuditJson() {}

  static String of(AuditResult result, String command) {
    ObjectNode root = NODES.objectNode();
    root.put("schema", "sightline.audit");
    root.put("version", 2);
    root.put("command", command.isBlank() ? null : command);
    root.set("model", model(result.model()));
    root.set("conditions", conditions(result.conditions()));
    root.set(
        "conclusion",
        NODES
            .objectNode()
            .put("outcome", result.conclusion().outcome().name())
            .put("meaning", result.conclusion().meaning())
            .put("advice", result.conclusion().advice()));
    root.set("findings", array(result.findings(), AuditJson::finding));
    root.set("noiseFloor", noiseFloor(result.noiseFloor()));
    root.set("attention", attention(result.attention()));
    root.set("paddingMass", paddingMass(result.paddingMass()));
    root.set(
        "paddingNorms",
        array(
            result.paddingNorms(),
            norms -> {
              ObjectNode node = NODES.objectNode().put("layer", norms.layer());
              node.set("padding", number(norms.padding()));
              node.set("real", number(norms.real()));
              return node;
            }));
    // The line break of the machine would make the same result differ between machines.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    String json = JsonMapper.shared().writer().with(printer).writeValueAsString(root);
    return Unseen.inJson(json) + "\n";
  }

  private static ObjectNode model(ModelFacts model) {
    ObjectNode node =
        NODES
            .objectNode()
            .put("name", model.name())
            .put("producer", model.producer())
            .put("opset", model.opset())
            .put("fileBytes", model.fileBytes())
            .put("quantizesDynamically", model.quantizesDynamically());
    node.set("inputs", array(model.inputs(), AuditJson::tensor));
    node.set("outputs", array(model.outputs(), AuditJson::tensor));
    node.set("compared", array(model.compared(), NODES::stringNode));
    return node;
  }

  private static ObjectNode tensor(TensorSpec spec) {
    ObjectNode node = NODES.objectNode().put("name", spec.name()).put("type", spec.type().label());
    node.set("dims", array(spec.dims(), NODES::stringNode));
    return node;
  }

  private static ObjectNode conditions(Conditions conditions) {
    ObjectNode node =
        NODES
            .objectNode()
            .put("texts", conditions.texts())
            .put("tokens", conditions.tokens())
            .put("longest", conditions.longest())
            .put("shortest", conditions.shortest());
    node.set("notes", array(conditions.notes(), NODES::stringNode));
    node.put("seed", conditions.seed()).put("runtime", conditions.runtime());
    node.set("seconds", number(conditions.seconds()));
    // A model without a mask never ran.
    node.set(
        "plainSeconds", conditions.plainSeconds() > 0 ? number(conditions.plainSeconds()) : none());
    return node;
  }

  private static ObjectNode finding(Finding finding) {
    Verdict verdict = finding.verdict();
    ObjectNode node =
        NODES
            .objectNode()
            .put("probe", finding.probe().id())
            .put("stream", finding.stream().isEmpty() ? null : finding.stream())
            .put("question", finding.probe().question())
            .put("method", finding.probe().method())
            .put("verdict", verdict.outcome().name())
            .put("meaning", verdict.meaning());
    node.set("evidence", evidence(verdict.evidence()));
    node.set("leak", verdict instanceof Verdict.Fail fail ? leak(fail.leak()) : none());
    return node;
  }

  private static JsonNode evidence(@Nullable Evidence evidence) {
    if (evidence == null) {
      return none();
    }
    ObjectNode node = NODES.objectNode();
    node.set("difference", number(evidence.difference()));
    ObjectNode tolerance = node.putObject("tolerance");
    tolerance.set("value", number(evidence.tolerance().value()));
    tolerance.put("origin", evidence.tolerance().origin());
    node.put("compared", evidence.compared());
    node.set("worst", place(evidence.worst()));
    node.set(
        "cosine", evidence.cosine().isPresent() ? number(evidence.cosine().getAsDouble()) : none());
    Evidence.Control control = evidence.control();
    if (control == null) {
      node.putNull("control");
    } else {
      ObjectNode controlNode = node.putObject("control").put("change", control.change());
      controlNode.set("difference", number(control.difference()));
    }
    return node;
  }

  private static JsonNode place(@Nullable Place place) {
    if (place == null) {
      return none();
    }
    ObjectNode node = NODES.objectNode().put("text", place.text()).put("excerpt", place.excerpt());
    boolean wholeText = place.token() < 0;
    node.set("token", wholeText ? none() : NODES.numberNode(place.token()));
    node.put("spelling", wholeText ? null : place.spelling());
    return node.put("output", place.output()).put("batch", place.batch());
  }

  private static JsonNode leak(Verdict.@Nullable Leak leak) {
    if (leak == null) {
      return none();
    }
    ObjectNode node = NODES.objectNode().put("layer", leak.layer());
    node.set("head", leak.isOutsideAttention() ? none() : NODES.numberNode(leak.head()));
    node.put("outsideAttention", leak.isOutsideAttention());
    node.set("mass", number(leak.mass()));
    return node;
  }

  private static ObjectNode noiseFloor(NoiseFloor noise) {
    ObjectNode node = NODES.objectNode();
    node.set("difference", noise.compared() == 0 ? none() : number(noise.difference()));
    return node.put("method", noise.method()).put("compared", noise.compared());
  }

  private static ObjectNode attention(AttentionSites sites) {
    ObjectNode node = NODES.objectNode();
    node.set("found", array(sites.found(), AuditJson::site));
    node.set(
        "rejected",
        array(
            sites.rejected(),
            r -> NODES.objectNode().put("node", r.node()).put("reason", r.reason())));
    return node;
  }

  private static ObjectNode site(AttentionSite site) {
    ObjectNode node =
        NODES
            .objectNode()
            .put("layer", site.layer())
            .put("node", site.node())
            .put("operator", site.operator())
            .put("source", site.source().name())
            .put("unreadable", site.whyNotReadable().isEmpty() ? null : site.whyNotReadable());
    node.set("masks", array(site.masks(), AuditJson::maskPath));
    return node;
  }

  private static ObjectNode maskPath(MaskPath path) {
    ObjectNode node =
        NODES.objectNode().put("input", path.input()).put("route", path.route().name());
    node.set("operands", array(path.operands(), NODES::stringNode));
    return node;
  }

  private static JsonNode paddingMass(@Nullable PaddingMass mass) {
    if (mass == null) {
      return none();
    }
    ObjectNode node = NODES.objectNode().put("queries", mass.queries());
    node.set("max", mass.hasData() ? number(mass.max()) : none());
    node.set("worst", place(mass.worst()));
    node.set("layers", array(mass.layers(), AuditJson::layer));
    return node;
  }

  private static ObjectNode layer(PaddingMass.Layer layer) {
    ObjectNode node = NODES.objectNode().put("layer", layer.layer()).put("reason", layer.reason());
    node.set("max", shares(layer.max()));
    node.set("mean", shares(layer.mean()));
    return node;
  }

  private static JsonNode shares(List<Double> shares) {
    return shares.isEmpty() ? none() : array(shares, AuditJson::number);
  }

  private static <T> ArrayNode array(Collection<T> values, Function<T, ? extends JsonNode> map) {
    ArrayNode array = NODES.arrayNode();
    values.forEach(value -> array.add(map.apply(value)));
    return array;
  }

  /** JSON has no word for NaN and the infinities. */
  private static JsonNode number(double value) {
    return Double.isFinite(value) ? NODES.numberNode(value) : none();
  }

  private static JsonNode none() {
    return NODES.nullNode();
  }
}
