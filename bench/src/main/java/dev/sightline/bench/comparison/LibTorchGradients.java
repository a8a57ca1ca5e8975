package dev.sightline.bench.comparison;

import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * LibTorch's autograd through {@code scaled_dot_product_attention}. For gradients alone the forward
 * pass is run once, and its graph, which holds the output and the log-sum-exp, is kept for all
 * runs.
 */
final class LibTorchGradients implements TimedTask {
  private final PointerScope inputs = new PointerScope();
  private final LibTorchCall call;
  private final boolean both;
  private final int numbers;
  private final TensorVector outputGradient;
  private final @Nullable TensorVector kept;
  private @Nullable PointerScope run;
  private @Nullable TensorVector gradients;

  /**
   * Loads LibTorch.
   *
   * @throws LinkageError if its natives are not there or not for this platform
   */
  LibTorchGradients(Workload workload, Inputs data, int threads) {
    this.both = workload.kind() == WorkloadKind.FORWARD_AND_BACKWARD;
    this.numbers = data.query.length + data.key.length + data.value.length;
    try {
      this.call = new LibTorchCall(workload, data, threads, true);
      this.outputGradient =
          new TensorVector(
              Tensor.create(
                  Inputs.outputGradient(workload),
                  workload.batch(),
                  workload.queryHeads(),
                  workload.queries(),
                  workload.headSize()));
      this.kept = both ? null : new TensorVector(call.attend());
    } finally {
      LibTorchCall.leave(inputs);
    }
  }

  @Override
  public void run() {
    run = new PointerScope();
    TensorVector outputs = both ? new TensorVector(call.attend()) : Objects.requireNonNull(kept);
    gradients =
        torch.grad(outputs, call.inputs(), outputGradient, new BoolOptional(!both), false, false);
  }

  @Override
  public float[] output() {
    float[] values = new float[numbers];
    TensorVector last = Objects.requireNonNull(gradients);
    int at = 0;
    for (int i = 0; i < 3; i++) {
      Tensor gradient = last.get(i);
      LibTorchCall.copy(gradient, values, at);
      at += Math.toIntExact(gradient.numel());
    }
    return values;
  }

  @Override
  public void release() {
    gradients = null;
    if (run != null) {
      run.close();
      run = null;
    }
  }

  @Override
  public void close() {
    release();
    call.close();
    inputs.close();
  }
}
