package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.CellSummary.Estimate;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Interval;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.report.internal.page.JsonNodes;
import dev.sightline.report.internal.page.Viridis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The numbers of a run for the page's script, each once.
 *
 * <pre>
 * anchors  the colour scale, [colour]
 * heads    how many each layer has
 * reasons  why there is no data, [text]
 * metrics  [{name, unit, scales {own, shared {macro, micro [low, high]}}, cells}]
 * cells    layer by layer, head by head; one without data is [reason, not finite, absent], others
 *          are [samples, not finite, absent, macro's mean, deviation, low and high end of its
 *          interval, the same of micro, least, values at shares 0.05 to 0.95, largest]
 * </pre>
 */
public final class HeadsData {
  /** Between the least and the largest value, which are exact; those at these shares are not. */
  private static final double[] SHARES =
      IntStream.rangeClosed(1, 19).mapToDouble(i -> i / 20.0).toArray();

  private final HeadStatistics statistics;
  private final Map<String, Integer> reasons = new LinkedHashMap<>();

  private HeadsData(HeadStatistics statistics) {
    this.statistics = statistics;
  }

  /** Safe inside a script element. */
  public static String of(
      HeadStatistics statistics, List<MetricCells> metrics, ColourScales scales) {
    HeadsData data = new HeadsData(statistics);
    ObjectNode root = JsonNodes.object();
    root.set("anchors", JsonNodes.texts(Viridis.anchors()));
    root.set(
        "heads",
        JsonNodes.array(
            statistics.provenance().headsPerLayer(), heads -> JsonNodes.integer(heads)));
    ArrayNode all = root.putArray("metrics");
    metrics.forEach(metric -> data.addTo(all.addObject(), metric, scales));
    root.set("reasons", JsonNodes.texts(data.reasons.keySet()));
    return ControlCharacters.inScript(JsonMapper.shared().writeValueAsString(root));
  }

  private void addTo(ObjectNode node, MetricCells metric, ColourScales scales) {
    node.put("name", ControlCharacters.shown(metric.metric().name()));
    node.put("unit", ControlCharacters.shown(metric.metric().unit()));
    ObjectNode each = node.putObject("scales");
    ObjectNode own = each.putObject("own");
    ObjectNode shared = each.putObject("shared");
    for (Weighting weighting : Weighting.values()) {
      String name = weighting == Weighting.MACRO ? "macro" : "micro";
      own.set(name, ends(scales.own(metric, weighting)));
      shared.set(name, ends(scales.shared(metric, weighting)));
    }
    ArrayNode cells = node.putArray("cells");
    for (int layer = 0; layer < metric.layers().size(); layer++) {
      for (int head = 0; head < metric.layers().get(layer).size(); head++) {
        CellSummary cell = metric.layers().get(layer).get(head);
        double[] quantiles =
            cell.samples() == 0
                ? new double[0]
                : statistics.quantiles(metric.index(), layer, head, SHARES);
        cells.add(cell(cell, quantiles));
      }
    }
  }

  private static JsonNode ends(ColourScales.@Nullable Ends ends) {
    return ends == null
        ? JsonNodes.none()
        : JsonNodes.array(List.of(ends.low(), ends.high()), JsonNodes::shortened);
  }

  private ArrayNode cell(CellSummary cell, double[] quantiles) {
    ArrayNode node = JsonNodes.list();
    if (cell.samples() == 0) {
      return node.add(reason(cell.reason().orElse("no reason was given")))
          .add(cell.notFinite())
          .add(cell.absent());
    }
    node.add(cell.samples()).add(cell.notFinite()).add(cell.absent());
    for (Weighting weighting : Weighting.values()) {
      Estimate estimate = cell.estimate(weighting);
      node.add(JsonNodes.shortened(estimate.mean()));
      node.add(JsonNodes.shortened(estimate.deviation()));
      node.add(JsonNodes.shortened(estimate.interval().map(Interval::low)));
      node.add(JsonNodes.shortened(estimate.interval().map(Interval::high)));
    }
    node.add(JsonNodes.shortened(cell.min()));
    for (double value : quantiles) {
      node.add(JsonNodes.shortened(value));
    }
    node.add(JsonNodes.shortened(cell.max()));
    return node;
  }

  private int reason(String reason) {
    return reasons.computeIfAbsent(ControlCharacters.shown(reason), shown -> reasons.size());
  }
}
