package dev.sightline.lab.internal.network;

import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What LibTorch's Java form says in several lines, in one. */
public final class Torch {
  private Torch() {}

  /** {@return what the work gives; every tensor that it made is freed} */
  public static <T> T scoped(Supplier<T> work) {
    PointerScope scope = new PointerScope();
    try {
      return work.get();
    } finally {
      scope.close();
    }
  }

  /** As {@link #scoped}, and nothing is kept for gradients. */
  public static <T> T withoutGradients(Supplier<T> work) {
    return scoped(() -> {
      NoGradGuard guard = new NoGradGuard();
      try {
        return work.get();
      } finally {
        guard.close();
      }
    });
  }

  /** {@return {@code a + number}} */
  public static Tensor plus(Tensor a, double number) {
    return a.add(new Scalar(number));
  }

  /** {@return {@code a * number}} */
  public static Tensor times(Tensor a, double number) {
    return a.mul(new Scalar(number));
  }

  /** {@return tensors one behind the other along the axis of tokens, axis 1} */
  public static Tensor tokens(Tensor... parts) {
    return torch.cat(new TensorVector(parts), 1);
  }

  /** {@return each token with mean 0 and deviation 1, without a gain} */
  public static Tensor normalised(Tensor x) {
    return torch.layer_norm(x, x.size(-1));
  }

  /** {@return a copy of the numbers} */
  public static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    Tensor whole = tensor.detach().contiguous();
    new FloatPointer(whole.data_ptr()).get(values);
    return values;
  }

  /**
   * {@return sines and cosines of the flow time, {@code [B, width]}}
   *
   * @param time one number from 0 to 1 for each row of the batch
   */
  public static Tensor timeFeatures(float[] time, int width) {
    Tensor angles =
        Tensor.create(time, time.length, 1).mul(Tensor.create(frequencies(width), 1, width / 2));
    return torch.cat(new TensorVector(angles.sin(), angles.cos()), 1);
  }

  /**
   * {@return the angles of the flow time 1, {@code [width / 2]}}: periods from 4 down to 0.004, as
   * those of pi0
   */
  public static float[] frequencies(int width) {
    float[] frequencies = new float[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double done = (double) i / (frequencies.length - 1);
      frequencies[i] = (float) (2 * Math.PI / (4 * Math.pow(0.001, done)));
    }
    return frequencies;
  }
}
