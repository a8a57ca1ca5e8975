package dev.sightline.bench.comparison;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code scaled_dot_product_attention} of {@code [B, H, L, D]}. */
final class LibTorchAttention implements TimedTask {
  /** Set for the calling thread: nothing is kept for gradients. */
  private final InferenceMode inference;

  private final LibTorchCall call;
  private final int outputs;
  private @Nullable PointerScope run;
  private @Nullable Tensor output;

  /**
   * Loads LibTorch.
   *
   * @throws LinkageError if its natives are not there or not for this platform
   */
  LibTorchAttention(Workload workload, Inputs data, int threads) {
    this.inference = new InferenceMode(true);
    this.call = new LibTorchCall(workload, data, threads, false);
    this.outputs = data.query.length;
  }

  @Override
  public void run() {
    run = new PointerScope();
    output = call.attend();
  }

  @Override
  public float[] output() {
    float[] values = new float[outputs];
    if (output != null) {
      LibTorchCall.copy(output, values, 0);
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
    call.close();
    inference.close();
  }
}
