package dev.sightline.heads.statistics;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cells of all heads, by metric, layer and head. */
final class CellGrid {
  private final Cell[][][] cells;

  /** Empty cells for each metric, layer and head of a model. */
  CellGrid(Provenance provenance) {
    int layers = provenance.headsPerLayer().size();
    cells = new Cell[provenance.metrics().size()][layers][];
    for (Cell[][] metric : cells) {
      for (int layer = 0; layer < layers; layer++) {
        metric[layer] = new Cell[provenance.headsPerLayer().get(layer)];
        for (int head = 0; head < metric[layer].length; head++) {
          metric[layer][head] = new Cell();
        }
      }
    }
  }

  Cell get(int metric, int layer, int head) {
    return cells[metric][layer][head];
  }

  void set(int metric, int layer, int head, Cell cell) {
    cells[metric][layer][head] = cell;
  }

  boolean hasLayer(int metric, int layer) {
    return metric >= 0 && metric < cells.length && layer >= 0 && layer < cells[metric].length;
  }

  /** Whether no head of a layer has a sample. */
  boolean isEmpty(int metric, int layer) {
    for (Cell cell : cells[metric][layer]) {
      if (cell.samples() > 0) {
        return false;
      }
    }
    return true;
  }

  /** Adds the values of samples, in their order. */
  void add(List<SampleValues> samples, Cell.Block block) {
    double[] @Nullable [] rows = new double[samples.size()] @Nullable [];
    for (int m = 0; m < cells.length; m++) {
      for (int layer = 0; layer < cells[m].length; layer++) {
        for (int s = 0; s < rows.length; s++) {
          rows[s] = samples.get(s).values().get(m).get(layer);
        }
        for (int head = 0; head < cells[m][layer].length; head++) {
          cells[m][layer][head].add(rows, head, block);
        }
      }
    }
  }

  void merge(CellGrid other) {
    for (int m = 0; m < cells.length; m++) {
      for (int layer = 0; layer < cells[m].length; layer++) {
        for (int head = 0; head < cells[m][layer].length; head++) {
          cells[m][layer][head].merge(other.cells[m][layer][head]);
        }
      }
    }
  }

  /** Lets the cells that have all samples share one array of the replicates' weights. */
  void share(long samples, Map<Weighting, double[]> replicateWeights) {
    for (Cell[][] metric : cells) {
      for (Cell[] layer : metric) {
        for (Cell cell : layer) {
          if (cell.samples() == samples) {
            cell.share(replicateWeights);
          }
        }
      }
    }
  }

  /**
   * Checks that a sample has a value for each cell, or none for a layer.
   *
   * @throws IllegalArgumentException if its metrics, layers or heads are others
   */
  void requireShape(SampleValues sample, Provenance provenance) {
    List<? extends List<double @Nullable []>> values = sample.values();
    if (values.size() != cells.length) {
      throw new IllegalArgumentException(
          "values of " + values.size() + " metrics are not those of " + provenance.metrics());
    }
    for (int m = 0; m < cells.length; m++) {
      if (values.get(m).size() != cells[m].length) {
        throw new IllegalArgumentException(
            "values of " + values.get(m).size() + " layers are not those of " + cells[m].length);
      }
      for (int layer = 0; layer < cells[m].length; layer++) {
        double[] heads = values.get(m).get(layer);
        if (heads != null && heads.length != cells[m][layer].length) {
          throw new IllegalArgumentException(
              "layer "
                  + layer
                  + " has "
                  + cells[m][layer].length
                  + " heads, and "
                  + heads.length
                  + " values were given");
        }
      }
    }
  }
}
