package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.Interval;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.report.internal.page.JsonNodes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The numbers of two runs for the page's script, each once.
 *
 * <pre>
 * heads    how many each layer has
 * reasons  why there is no data, [text]
 * metrics  [{name, unit, cells}]
 * cells    layer by layer, head by head: [verdict, samples of A, of B, mean of A, of B,
 *          difference, low and high end of its interval, effect, adjusted p-value, reason]
 * </pre>
 */
public final class DifferenceData {
  private final Map<String, Integer> reasons = new LinkedHashMap<>();

  private DifferenceData() {}

  /** Safe inside a script element. */
  public static String of(List<MetricDifference> metrics) {
    DifferenceData data = new DifferenceData();
    ObjectNode root = JsonNodes.object();
    root.set(
        "heads",
        JsonNodes.array(metrics.getFirst().layers(), layer -> JsonNodes.integer(layer.size())));
    ArrayNode all = root.putArray("metrics");
    for (MetricDifference metric : metrics) {
      ObjectNode node = all.addObject();
      node.put("name", ControlCharacters.shown(metric.metric().name()));
      node.put("unit", ControlCharacters.shown(metric.metric().unit()));
      ArrayNode cells = node.putArray("cells");
      metric.layers().forEach(layer -> layer.forEach(head -> cells.add(data.cell(head))));
    }
    root.set("reasons", JsonNodes.texts(data.reasons.keySet()));
    return ControlCharacters.inScript(JsonMapper.shared().writeValueAsString(root));
  }

  private ArrayNode cell(MetricDifference.Head head) {
    CellDifference cell = head.difference();
    ArrayNode node =
        JsonNodes.list()
            .add(DifferenceView.verdict(cell.verdict()))
            .add(cell.samplesA())
            .add(cell.samplesB())
            .add(JsonNodes.shortened(head.a()))
            .add(JsonNodes.shortened(head.b()))
            .add(JsonNodes.shortened(cell.difference()))
            .add(JsonNodes.shortened(cell.interval().map(Interval::low)))
            .add(JsonNodes.shortened(cell.interval().map(Interval::high)))
            .add(JsonNodes.shortened(cell.effect()))
            .add(JsonNodes.shortened(cell.adjusted()));
    cell.reason()
        .ifPresent(reason ->
            node.add(
                reasons.computeIfAbsent(ControlCharacters.shown(reason), r -> reasons.size())));
    return node;
  }
}
