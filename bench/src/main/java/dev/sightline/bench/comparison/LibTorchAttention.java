package dev.sightline.bench.comparison;

import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** {@code scaled_dot_product_attention} of {@code [B, H, L, D]}. */
final class LibTorchAttention implements TimedTask {
  static final String NAME = "libtorch";

  private final PointerScope inputs = new PointerScope();
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

  LibTorchAttention(Workload workload, Inputs data, int threads) {
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
      this.mask =
          workload.form() == Workload.Form.CELLS
              ? new TensorOptional(
                  Tensor.create(
                      BooleanMask.of(workload.bound(), Polarity.TRUE_ATTENDS),
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
  public String name() {
    return NAME;
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
  }
}
