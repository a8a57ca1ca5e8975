package dev.sightline.bench.comparison;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The peak of fused multiply-adds, in a loop that uses registers only. Twelve chains, because a
 * result is ready after four or five cycles and two start in each; with the two constants they
 * still fit into the 16 registers of AVX2. A chain is what is added to, as that operand of the
 * instruction is overwritten: {@code a = a.fma(x, y)} copies y first, and reached 85 GFLOP/s where
 * this loop and its twin in C reach 104.
 */
final class FmaProbe implements TimedTask {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int STEPS = 4_000_000;

  private final Threads pool;
  private final float[] results;

  FmaProbe(int threads) {
    this.pool = new Threads(threads);
    this.results = new float[threads * 64]; // a cache line and more apart
  }

  @Override
  public void run() {
    pool.run(i -> results[i * 64] = chains(STEPS));
  }

  /** The operations of one run. */
  static double flops(int threads) {
    return 2.0 * CHAINS * STEPS * SPECIES.length() * threads;
  }

  /** The width of the vectors. */
  static int vectorBits() {
    return SPECIES.vectorBitSize();
  }

  private static float chains(int steps) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int step = 0; step < steps; step++) {
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k);
    return sum.add(l).lane(0);
  }

  @Override
  public float[] output() {
    return new float[0];
  }

  @Override
  public void close() {
    pool.close();
  }
}
