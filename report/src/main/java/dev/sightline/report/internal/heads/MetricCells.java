package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What all heads showed of one metric, read once: a summary sorts its sketch and its bootstrap anew
 * each time it is asked for.
 *
 * @param index the metric's place in the statistics
 * @param layers layer by layer, head by head
 */
public record MetricCells(int index, Metric metric, List<List<CellSummary>> layers) {
  public static List<MetricCells> of(HeadStatistics statistics) {
    List<MetricCells> all = new ArrayList<>();
    List<Integer> heads = statistics.provenance().headsPerLayer();
    for (Metric metric : statistics.provenance().metrics()) {
      int m = all.size();
      List<List<CellSummary>> layers = new ArrayList<>();
      for (int layer = 0; layer < heads.size(); layer++) {
        List<CellSummary> cells = new ArrayList<>();
        for (int head = 0; head < heads.get(layer); head++) {
          cells.add(statistics.cell(m, layer, head));
        }
        layers.add(cells);
      }
      all.add(new MetricCells(m, metric, layers));
    }
    return all;
  }

  Stream<CellSummary> cells() {
    return layers.stream().flatMap(List::stream);
  }

  static boolean isPartial(CellSummary cell) {
    return cell.samples() > 0 && (cell.absent() > 0 || cell.notFinite() > 0);
  }
}
