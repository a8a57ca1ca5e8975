package examples;

import dev.sightline.attention.Attention;
import dev.sightline.audit.ImplementedMask;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Runs attention under a mask, and reads back the mask that a model implements. */
public final class MaskedAttention {
  private static final Random RANDOM = new Random(1);

  public static void main(String[] args) throws IOException {
    FloatTensor q = random(1, 4, 256, 32); // [B, H, L, D]
    FloatTensor k = random(1, 4, 256, 32);
    FloatTensor v = random(1, 4, 256, 32);
    FloatTensor out = Attention.under(Mask.parse("causal & window(63,0)")).run(q, k, v);
    System.out.println("attention " + out.shape());

    // Query 100 sees the keys from 37 to 100: key 36 changes nothing, key 37 does.
    for (int key = 36; key <= 37; key++) {
      float before = out.data()[out.offset(0, 0, 100)];
      v.data()[v.offset(0, 0, key)] += 1;
      FloatTensor after = Attention.under(Mask.parse("causal & window(63,0)")).run(q, k, v);
      boolean same = after.data()[after.offset(0, 0, 100)] == before;
      System.out.println("key " + key + (same ? " is not seen" : " is seen"));
    }

    Path path = Path.of("decoder.onnx");
    Mask mask = ImplementedMask.of(Model.open(path)).layer(0);                 // what the model really does
    System.out.println("decoder.onnx implements " + mask);
  }

  private static FloatTensor random(int... shape) {
    Shape of = Shape.of(shape);
    float[] data = new float[of.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) RANDOM.nextGaussian();
    }
    return FloatTensor.of(of, data);
  }
}
