package dev.sightline.attention.internal.kernel;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The width of the vectors, and the operations that the vector kernels share. */
final class Lanes {
  static final VectorSpecies<Float> SPECIES = species();
  static final int LANES = SPECIES.length();

  /** The number of queries of a block. */
  static final int WIDTH = 2 * LANES;

  private static final boolean FENCES = System.getProperty("os.arch").equals("amd64");

  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(SPECIES, 1, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);

  /** Adding it rounds to an integer; the lowest bits of the sum are that integer plus 127. */
  static final float ROUND = 0x1.8p23f + 127;

  // 2^r for |r| <= 1/2, relative error 9.2e-8 before rounding: least squares, reweighted to
  // minimax.
  static final float C1 = 0.693147f;
  static final float C2 = 0.24022242f;
  static final float C3 = 0.055507336f;
  static final float C4 = 0.009671513f;
  static final float C5 = 0.0013264727f;

  private Lanes() {}

  private static VectorSpecies<Float> species() {
    String bits = System.getProperty(Kernels.BITS, "");
    return switch (bits) {
      case "" -> FloatVector.SPECIES_PREFERRED;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "system property "
                  + Kernels.BITS
                  + " must be 128, 256 or 512, but is \""
                  + bits
                  + "\"");
    };
  }

  /**
   * Keeps C2 from loading the operands of the next step before those of this step are used. It
   * costs no instruction on x86, where loads are never reordered; elsewhere it would.
   */
  static void loadFence() {
    if (FENCES) {
      VarHandle.loadLoadFence();
    }
  }

  /**
   * The sum of all lanes in a fixed order. That of reduceLanes is not specified, and differs
   * between compiled code and the interpreter, so that results would change in the last bit as a
   * JVM warms up.
   */
  static float sum(FloatVector x) {
    if (LANES > 8) {
      x = x.add(x.rearrange(BY_8));
    }
    if (LANES > 4) {
      x = x.add(x.rearrange(BY_4));
    }
    x = x.add(x.rearrange(BY_2));
    return x.add(x.rearrange(BY_1)).lane(0);
  }

  /** Exactly 0 below 2^-126, NaN for NaN. Arguments are at most a few units above 0. */
  static FloatVector exp2(FloatVector x) {
    FloatVector shifted = x.add(ROUND);
    FloatVector r = x.sub(shifted.sub(ROUND));
    FloatVector power =
        shifted.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 23).viewAsFloatingLanes();
    FloatVector p = r.fma(FloatVector.broadcast(SPECIES, C5), FloatVector.broadcast(SPECIES, C4));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C3));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C2));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C1));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    return p.mul(power).blend(0f, x.compare(VectorOperators.LT, -126f));
  }
}
