package dev.sightline.report;

import dev.sightline.heads.CellDifference;
import dev.sightline.heads.Interval;
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
final class DifferenceData {
  private final Map<String, Integer> reasons = new LinkedHashMap<>();

  private DifferenceData() {}

  /** Safe inside a script element. */
  static String of(List<MetricDifference> metrics) {
    DifferenceData data = new DifferenceData();
    ObjectNode root = Nodes.object();
    root.set(
        "heads", Nodes.array(metrics.getFirst().layers(), layer -> Nodes.integer(layer.size())));
    ArrayNode all = root.putArray("metrics");
    for (MetricDifference metric : metrics) {
      ObjectNode node = all.addObject();
      node.put("name", Unseen.shown(metric.metric().name()));
      node.put("unit", Unseen.shown(metric.metric().unit()));
      ArrayNode cells = node.putArray("cells");
      metric.layers().forEach(layer -> layer.forEach(head -> cells.add(data.cell(head))));
    }
    root.set("reasons", Nodes.texts(data.reasons.keySet()));
    return Unseen.inScript(JsonMapper.shared().writeValueAsString(root));
  }

  private ArrayNode cell(MetricDifference.Head head) {
    CellDifference cell = head.difference();
    ArrayNode node =
        Nodes.list()
            .add(DifferenceView.verdict(cell.verdict()))
            .add(cell.samplesA())
            .add(cell.samplesB())
            .add(Nodes.shortened(head.a()))
            .add(Nodes.shortened(head.b()))
            .add(Nodes.shortened(cell.difference()))
            .add(Nodes.shortened(cell.interval().map(Interval::low)))
            .add(Nodes.shortened(cell.interval().map(Interval::high)))
            .add(Nodes.shortened(cell.effect()))
            .add(Nodes.shortened(cell.adjusted()));
    cell.reason()
        .ifPresent(
            reason -> node.add(reasons.computeIfAbsent(Unseen.shown(reason), r -> reasons.size())));
    return node;
  }
}
