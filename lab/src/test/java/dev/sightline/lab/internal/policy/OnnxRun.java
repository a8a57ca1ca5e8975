package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Torch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Runs an exported model on LibTorch's tensors. */
final class OnnxRun {
  private OnnxRun() {}

  static Map<String, FloatTensor> of(
      byte[] onnx, Map<String, RawTensor> inputs, List<String> outputs) throws ModelException {
    try (ModelSession session = Model.parse(onnx, "policy").session()) {
      return session.run(inputs, outputs);
    }
  }

  static RawTensor tensor(Tensor tensor) {
    return RawTensor.of(
        ElementType.FLOAT32,
        Shape.of(tensor.sizes().vec().get()),
        TensorBytes.of(Torch.floats(tensor)));
  }

  static RawTensor times(float[] times) {
    return RawTensor.of(ElementType.FLOAT32, Shape.of(times.length), TensorBytes.of(times));
  }

  static RawTensor longs(long[] values, long... dims) {
    return RawTensor.of(ElementType.INT64, Shape.of(dims), TensorBytes.of(values));
  }

  /** {@return 1 at the first tokens of each row, {@code [B, tokens]}} */
  static RawTensor attentionMask(int[] real, int tokens) {
    long[] mask = new long[real.length * tokens];
    for (int row = 0; row < real.length; row++) {
      Arrays.fill(mask, row * tokens, row * tokens + real[row], 1);
    }
    return longs(mask, real.length, tokens);
  }
}
