package dev.sightline.bench.comparison;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The peak of fused multiply-adds, in a loop that uses registers only. Twelve chains, because a
 * result is ready after four or five cycles and two start in each; with the two constants they
 * still fit into the 16 registers of AVX2.
 */
final class FmaProbe implements TimedTask {
  static final String NAME = "fma";

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
  public String name() {
    return NAME;
  }

  @Override
  public void run() {
    pool.run(i -> results[i * 64] = chains(STEPS));
  }

  int threads() {
    return pool.threads();
  }

  /** The operations of one run. */
  double flops() {
    return 2.0 * CHAINS * STEPS * SPECIES.length() * pool.threads();
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
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
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
