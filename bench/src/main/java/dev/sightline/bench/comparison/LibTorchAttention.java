package dev.sightline.bench.comparison;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** {@code scaled_dot_product_attention} of {@code [B, H, L, D]}. */
final class LibTorchAttention implements TimedTask {
  private final PointerScope inputs = new PointerScope();

  /** Set for the calling thread: nothing is kept for gradients. */
  private final InferenceMode inference;

  private final int threads;
  private final int outputs;
  private final boolean causal;
  private final boolean grouped;
  private final Tensor query;
  private final Tensor key;
  private final Tensor value;
  private final TensorOptional mask;
  private final DoubleOptional scale;
  private @Nullable PointerScope run;
  private @Nullable Tensor output;

  /**
   * Loads LibTorch.
   *
   * @throws LinkageError if its natives are not there or not for this platform
   */
  LibTorchAttention(Workload workload, Inputs data, int threads) {
    Loader.load(torch.class);
    this.inference = new InferenceMode(true);
    this.threads = threads;
    this.outputs = data.query.length;
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
      leave(inputs);
    }
  }

  /** Stops a scope from collecting new pointers; it keeps those that it has. */
  private static void leave(PointerScope scope) {
    scope.extend();
    scope.close();
  }

  @Override
  public void run() {
    if (torch.get_num_threads() != threads) {
      torch.set_num_threads(threads);
    }
    run = new PointerScope();
    output =
        torch.scaled_dot_product_attention(query, key, value, mask, 0.0, causal, scale, grouped);
  }

  @Override
  public float[] output() {
    float[] values = new float[outputs];
    if (output != null) {
      try (PointerScope _ = new PointerScope()) {
        new FloatPointer(output.contiguous().data_ptr()).get(values);
      }
    }
    return values;
  }

  @Override
  public void release() {
    output = null;
    if (run != null) {
      run.close();
      run = null;
    }
  }

  @Override
  public void close() {
    release();
    inputs.close();
    inference.close();
  }
}
