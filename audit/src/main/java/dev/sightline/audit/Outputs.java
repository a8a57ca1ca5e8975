package dev.sightline.audit;

import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.TensorSpec;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which outputs of a model can be compared between runs, and how: those with a vector for each
 * token {@code [B, S, ...]}, on real tokens only, and pooled ones {@code [B, D]}, whole.
 *
 * @param tokenLevel names of outputs {@code [B, S, ...]}
 * @param pooled names of outputs {@code [B, D]}
 * @param epsilon the coarsest rounding step at 1 of their types
 */
record Outputs(List<String> tokenLevel, List<String> pooled, double epsilon) {
  static Outputs of(OnnxModel model) throws OnnxModelException {
    List<String> tokenLevel = new ArrayList<>();
    List<String> pooled = new ArrayList<>();
    double epsilon = 0;
    for (TensorSpec output : model.outputs()) {
      int rank = output.dims().size();
      boolean perToken = rank >= 2 && !output.isFixed(1);
      if (!output.type().isFloat() || !(perToken || rank == 2)) {
        continue;
      }
      (perToken ? tokenLevel : pooled).add(output.name());
      epsilon = Math.max(epsilon, output.type().epsilon());
    }
    if (tokenLevel.isEmpty() && pooled.isEmpty()) {
      throw new OnnxModelException(
          model
              + " gives nothing to compare; expected a floating-point output [batch, sequence, ...]"
              + " or [batch, size], but it gives "
              + model.outputs());
    }
    return new Outputs(List.copyOf(tokenLevel), List.copyOf(pooled), epsilon);
  }

  List<String> names() {
    List<String> names = new ArrayList<>(tokenLevel);
    names.addAll(pooled);
    return names;
  }

  /** Floats that a run hands out for each token, as far as the file says; for sizing batches. */
  static int floatsPerToken(OnnxModel model) {
    long floats = 0;
    for (TensorSpec output : model.outputs()) {
      int last = output.dims().size() - 1;
      if (output.type().isFloat() && last >= 1) {
        String dim = output.dims().get(last);
        // An unnamed hidden size is rarely above 1024.
        floats += output.isFixed(last) && dim.length() < 10 ? Long.parseLong(dim) : 1024;
      }
    }
    return Math.clamp(floats, 1, Integer.MAX_VALUE);
  }

  /**
   * The vector that stands for a row's text: its pooled output, else the mean over its real tokens
   * of the first output with one vector a token. Empty if the model gives neither.
   */
  double[] embedding(Map<String, FloatTensor> run, int row, int realTokens) {
    if (!pooled.isEmpty()) {
      FloatTensor tensor = tensor(run, pooled.getFirst());
      return mean(tensor, row * tensor.shape().dim(1), 1, tensor.shape().dim(1));
    }
    FloatTensor tensor = tensor(run, tokenLevel.getFirst());
    int size = tensor.shape().size() / (tensor.shape().dim(0) * tensor.shape().dim(1));
    return size < 2 ? new double[0] : mean(tensor, tensor.offset(row), realTokens, size);
  }

  private static double[] mean(FloatTensor tensor, int offset, int vectors, int size) {
    double[] mean = new double[size];
    for (int v = 0; v < vectors; v++) {
      for (int d = 0; d < size; d++) {
        mean[d] += tensor.data()[offset + v * size + d] / vectors;
      }
    }
    return mean;
  }

  static FloatTensor tensor(Map<String, FloatTensor> run, String output) {
    FloatTensor tensor = run.get(output);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + output);
    }
    return tensor;
  }
}
