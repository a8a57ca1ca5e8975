package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Place;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Sums up attention on padding over batches, for each layer and head, from real queries only. */
public final class MassTally {
  private final List<Site> sites;
  private final double[][] max;
  private final double[][] sum;
  private final long[] queries;
  private double largest;
  private @Nullable Place worst;

  public MassTally(List<Site> sites) {
    this.sites = sites;
    this.max = new double[sites.size()][0];
    this.sum = new double[sites.size()][0];
    this.queries = new long[sites.size()];
  }

  /**
   * Adds a batch.
   *
   * @param masses for each site {@code [B, H, Lq]}
   */
  public void add(List<FloatTensor> masses, Batch batch) {
    for (int i = 0; i < sites.size(); i++) {
      FloatTensor mass = masses.get(i);
      int heads = mass.shape().dim(1);
      if (max[i].length == 0) {
        max[i] = new double[heads];
        sum[i] = new double[heads];
      }
      for (int row = 0; row < batch.rows(); row++) {
        for (int h = 0; h < heads; h++) {
          addRow(i, h, mass, mass.offset(row, h), batch, row);
        }
        queries[i] += real(sites.get(i).queries(), batch, row);
      }
    }
  }

  private static int real(TokenAxis axis, Batch batch, int row) {
    int real = 0;
    for (int q = 0; q < axis.length(batch); q++) {
      real += axis.isReal(batch, row, q) ? 1 : 0;
    }
    return real;
  }

  private void addRow(int i, int head, FloatTensor mass, int from, Batch batch, int row) {
    TokenAxis axis = sites.get(i).queries();
    for (int q = 0; q < axis.length(batch); q++) {
      if (!axis.isReal(batch, row, q)) {
        continue;
      }
      double share = mass.data()[from + q];
      max[i][head] = Math.max(max[i][head], share);
      sum[i][head] += share;
      if (share > largest || (Double.isNaN(share) && !Double.isNaN(largest))) {
        largest = share;
        worst = place(axis, batch, row, q, sites.get(i).attention().node());
      }
    }
  }

  private static Place place(TokenAxis axis, Batch batch, int row, int query, String node) {
    TokenAxis.Position position = axis.at(batch, query);
    int stream = position.stream();
    int token = 0;
    while (batch.position(stream, row, token) != position.index()) {
      token++;
    }
    return Place.of(
        batch.samples().get(row), stream, OptionalInt.of(token), node, batch.toString());
  }

  double largest() {
    return largest;
  }

  /**
   * The tally as a result.
   *
   * @param unread layers whose attention could not be read, with the reason
   */
  public PaddingMass result(Map<Integer, String> unread) {
    List<PaddingMass.Layer> layers = new ArrayList<>();
    unread.forEach(
        (layer, reason) -> layers.add(new PaddingMass.Layer(layer, reason, List.of(), List.of())));
    long most = 0;
    for (int i = 0; i < sites.size(); i++) {
      if (queries[i] == 0) {
        layers.add(
            new PaddingMass.Layer(
                sites.get(i).layer(), "no query of a real token was read", List.of(), List.of()));
        continue;
      }
      List<Double> maxima = new ArrayList<>();
      List<Double> means = new ArrayList<>();
      for (int h = 0; h < max[i].length; h++) {
        maxima.add(max[i][h]);
        means.add(sum[i][h] / queries[i]);
      }
      layers.add(new PaddingMass.Layer(sites.get(i).layer(), null, maxima, means));
      most = Math.max(most, queries[i]);
    }
    layers.sort(Comparator.comparingInt(PaddingMass.Layer::layer));
    return new PaddingMass(layers, most, worst);
  }
}
