package dev.sightline.audit.internal.recover;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.MaskSample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.RawTensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a row of a batch says about the tokens of an attention, from what the model is fed. */
public final class SampleTokens {
  private SampleTokens() {}

  /** The tokens of a step over a cache. */
  static MaskSample ofStep(Batch batch, MaskRun.Step step, int row) {
    boolean[] real = new boolean[step.to()];
    for (int position = 0; position < real.length; position++) {
      real[position] = batch.isReal(step.stream(), row, position);
    }
    return MaskSample.step(step.to() - step.from(), step.to()).realKeys(real);
  }

  /**
   * The tokens of a row.
   *
   * @param feed what the model is fed
   * @param queries Lq
   * @param keys Lk
   */
  public static MaskSample of(
      Model model,
      Batch batch,
      Map<String, RawTensor> feed,
      TokenAxis.Pair axes,
      int row,
      int queries,
      int keys) {
    boolean last =
        axes.keys().first() <= axes.queries().first()
            && axes.queries().last() == axes.keys().last()
            && queries <= keys;
    MaskSample sample = last ? MaskSample.step(queries, keys) : MaskSample.cross(queries, keys);
    boolean[] realQueries = new boolean[queries];
    for (int q = 0; q < queries; q++) {
      realQueries[q] = axes.queries().isReal(batch, row, q);
    }
    boolean[] realKeys = new boolean[keys];
    for (int k = 0; k < keys; k++) {
      realKeys[k] = axes.keys().isReal(batch, row, k);
    }
    sample = sample.realKeys(realKeys).realQueries(realQueries);
    if (axes.keys().isOneStream()) {
      TokenStream stream = model.roles().streams().get(axes.keys().first());
      int[] types = numbers(feed, stream.tokenTypes(), row, keys);
      sample = types == null ? sample : sample.tokenTypes(types);
      int[] positions = numbers(feed, stream.positions(), row, keys);
      sample = positions == null ? sample : sample.positions(positions);
    }
    for (TensorSpec other : model.roles().others()) {
      if (MaskRuns.isMask(other)) {
        sample = withMask(sample, feed, other, row);
      }
    }
    return sample;
  }

  private static int @Nullable [] numbers(
      Map<String, RawTensor> feed, @Nullable TensorSpec input, int row, int keys) {
    RawTensor values = input == null ? null : feed.get(input.name());
    if (values == null
        || values.shape().rank() != 2
        || values.shape().dim(1) != keys
        || values.shape().dim(0) <= row) {
      return null;
    }
    long[] all = values.toLongs();
    int[] own = new int[keys];
    for (int k = 0; k < keys; k++) {
      own[k] = Math.toIntExact(all[row * keys + k]);
    }
    return own;
  }

  /**
   * Marks of keys {@code [B, Lk]}, or pairs {@code [B, ..., Lq, Lk]}, additive if they are floats.
   */
  private static MaskSample withMask(
      MaskSample sample, Map<String, RawTensor> feed, TensorSpec input, int row) {
    RawTensor values = feed.get(input.name());
    if (values == null || values.shape().rank() < 2 || values.shape().dim(0) <= row) {
      return sample;
    }
    int rank = values.shape().rank();
    int keys = values.shape().dim(rank - 1);
    int queries = rank == 2 ? 1 : values.shape().dim(rank - 2);
    boolean pairs = rank > 2 && queries == sample.queries();
    if (keys != sample.keys() || (rank > 2 && !pairs)) {
      return sample;
    }
    float[] all = values.toFloats().data();
    int from = row * (all.length / values.shape().dim(0));
    boolean additive = input.isFloat() && rank > 2;
    boolean[][] allowed = new boolean[queries][keys];
    for (int q = 0; q < queries; q++) {
      for (int k = 0; k < keys; k++) {
        float value = all[from + q * keys + k];
        allowed[q][k] = additive ? value > -CellReader.GAP : value != 0;
      }
    }
    return pairs ? sample.given(input.name(), allowed) : sample.marked(input.name(), allowed[0]);
  }
}
