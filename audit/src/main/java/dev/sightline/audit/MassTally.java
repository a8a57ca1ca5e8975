package dev.sightline.audit;

import dev.sightline.audit.Difference.NumberedText;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sums up attention on padding over batches, for each layer and head, from real queries only. */
final class MassTally {
  private final List<AttentionSite> sites;
  private final double[][] max;
  private final double[][] sum;
  private long queries;
  private double largest;
  private @Nullable Place worst;

  MassTally(List<AttentionSite> sites) {
    this.sites = sites;
    this.max = new double[sites.size()][0];
    this.sum = new double[sites.size()][0];
  }

  /**
   * Adds a batch.
   *
   * @param masses for each site {@code [B, H, Lq, 1]}
   */
  void add(List<FloatTensor> masses, List<NumberedText> texts, int width) {
    for (int i = 0; i < sites.size(); i++) {
      FloatTensor mass = masses.get(i);
      int heads = mass.shape().dim(1);
      if (max[i].length == 0) {
        max[i] = new double[heads];
        sum[i] = new double[heads];
      }
      for (int b = 0; b < texts.size(); b++) {
        for (int h = 0; h < heads; h++) {
          addRow(i, h, mass, mass.offset(b, h), texts.get(b), texts.size(), width);
        }
      }
    }
    for (NumberedText text : texts) {
      queries += text.tokens().length();
    }
  }

  private void addRow(
      int i, int head, FloatTensor mass, int from, NumberedText text, int rows, int width) {
    for (int q = 0; q < text.tokens().length(); q++) {
      double share = mass.data()[from + q];
      max[i][head] = Math.max(max[i][head], share);
      sum[i][head] += share;
      if (share > largest || (Double.isNaN(share) && !Double.isNaN(largest))) {
        largest = share;
        worst = text.place(q, sites.get(i).softmax(), "[" + rows + ", " + width + "]");
      }
    }
  }

  double largest() {
    return largest;
  }

  /**
   * The tally as a result.
   *
   * @param untapped layers whose attention could not be read, with the reason
   */
  PaddingMass result(List<PaddingMass.Layer> untapped) {
    List<PaddingMass.Layer> layers = new ArrayList<>(untapped);
    for (int i = 0; i < sites.size(); i++) {
      List<Double> maxima = new ArrayList<>();
      List<Double> means = new ArrayList<>();
      for (int h = 0; h < max[i].length; h++) {
        maxima.add(max[i][h]);
        means.add(sum[i][h] / queries);
      }
      layers.add(new PaddingMass.Layer(sites.get(i).layer(), null, maxima, means));
    }
    layers.sort(java.util.Comparator.comparingInt(PaddingMass.Layer::layer));
    return new PaddingMass(layers, queries, worst);
  }
}
