package dev.sightline.attention;

import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Random;

/**
 * Made-up vectors of tokens: 4 numbers between -1.5 and 1.5 in steps of a half. The same token has
 * the same vectors wherever it is.
 */
final class ExampleVectors {
  private static final int SIZE = 4;
  private static final long SEED = 7;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private ExampleVectors() {}

  static Walkthrough.Head of(List<String> tokens) {
    return new Walkthrough.Head(
        "a small example, made from seed " + SEED,
        vectors(tokens, 1),
        vectors(tokens, 2),
        vectors(tokens, 3),
        (float) (1 / Math.sqrt(SIZE)),
        null);
  }

  /** Random and String.hashCode are specified to the bit, so that documents can quote numbers. */
  private static FloatTensor vectors(List<String> tokens, int which) {
    float[] data = new float[tokens.size() * SIZE];
    for (int i = 0; i < tokens.size(); i++) {
      // Random's first numbers of neighbouring seeds are alike, so the seeds are spread.
      long seed = (31 * (31 * SEED + which) + tokens.get(i).hashCode()) * SPREAD;
      Random random = new Random(seed ^ seed >>> 32);
      for (int d = 0; d < SIZE; d++) {
        data[i * SIZE + d] = (random.nextInt(7) - 3) / 2f;
      }
    }
    return FloatTensor.of(Shape.of(tokens.size(), SIZE), data);
  }
}
