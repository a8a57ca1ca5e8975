package dev.sightline.bench.comparison;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The inputs of a workload as tensors {@code [B, H, L, D]}, with its mask. */
final class LibTorchCall implements AutoCloseable {
  private final PointerScope scope = new PointerScope();
  private final int threads;
  private final boolean causal;
  private final boolean grouped;
  private final Tensor query;
  private final Tensor key;
  private final Tensor value;
  private final TensorOptional mask;
  private final DoubleOptional scale;

  /**
   * Loads LibTorch.
   *
   * @param gradients whether the inputs are to have gradients
   * @throws LinkageError if its natives are not there or not for this platform
   */
  LibTorchCall(Workload workload, Inputs data, int threads, boolean gradients) {
    Loader.load(torch.class);
    this.threads = threads;
    this.causal = workload.form() == Workload.Form.CAUSAL_FLAG;
    this.grouped = workload.queryHeads() != workload.keyHeads();
    int size = workload.headSize();
    try {
      this.query =
          Tensor.create(
              data.query, workload.batch(), workload.queryHeads(), workload.queries(), size);
      this.key =
          Tensor.create(data.key, workload.batch(), workload.keyHeads(), workload.keys(), size);
      this.value =
          Tensor.create(data.value, workload.batch(), workload.keyHeads(), workload.keys(), size);
      if (gradients) {
        query.set_requires_grad(true);
        key.set_requires_grad(true);
        value.set_requires_grad(true);
      }
      boolean perKey = workload.form() == Workload.Form.KEYS;
      this.mask =
          perKey || workload.form() == Workload.Form.CELLS
              ? new TensorOptional(
                  Tensor.create(
                      MaskCells.of(workload),
                      perKey ? workload.batch() : 1,
                      1,
                      workload.queries(),
                      workload.keys()))
              : new TensorOptional();
      this.scale = new DoubleOptional();
    } finally {
      leave(scope);
    }
  }

  /** Stops a scope from collecting new pointers; it keeps those that it has. */
  static void leave(PointerScope scope) {
    scope.extend();
    scope.close();
  }

  /** {@code scaled_dot_product_attention}; the tensor belongs to the scope that is open. */
  Tensor attend() {
    if (torch.get_num_threads() != threads) {
      torch.set_num_threads(threads);
    }
    return torch.scaled_dot_product_attention(query, key, value, mask, 0.0, causal, scale, grouped);
  }

  /** Queries, keys and values. */
  TensorVector inputs() {
    return new TensorVector(query, key, value);
  }

  /** Copies the numbers of a tensor to an array, from an offset on. */
  static void copy(Tensor tensor, float[] to, int from) {
    try (PointerScope _ = new PointerScope()) {
      Tensor whole = tensor.contiguous();
      new FloatPointer(whole.data_ptr()).get(to, from, Math.toIntExact(whole.numel()));
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
