package dev.sightline.bench.comparison;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The read bandwidth: the sum of 512 MB, in equal parts on the threads. */
final class ReadProbe implements TimedTask {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int FLOATS = 1 << 27;

  private final Threads pool;
  private final float[] memory;
  private final float[] results;

  ReadProbe(int threads) {
    this.pool = new Threads(threads);
    this.memory = memory();
    this.results = new float[threads * 64]; // a cache line and more apart
  }

  private static float[] memory() {
    float[] memory = new float[FLOATS];
    Arrays.fill(memory, 0.001f); // pages that were never written may all be one page
    return memory;
  }

  @Override
  public void run() {
    int part = part(pool.threads());
    pool.run(i -> results[i * 64] = sum(memory, i * part, (i + 1) * part));
  }

  /** The bytes that one run reads. */
  static double bytes(int threads) {
    return (double) Float.BYTES * part(threads) * threads;
  }

  private static int part(int threads) {
    return FLOATS / threads / 64 * 64;
  }

  /** Four sums, so that the additions do not wait for each other. */
  private static float sum(float[] values, int from, int to) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int lanes = SPECIES.length();
    for (int i = from; i <= to - 4 * lanes; i += 4 * lanes) {
      a = a.add(FloatVector.fromArray(SPECIES, values, i));
      b = b.add(FloatVector.fromArray(SPECIES, values, i + lanes));
      c = c.add(FloatVector.fromArray(SPECIES, values, i + 2 * lanes));
      d = d.add(FloatVector.fromArray(SPECIES, values, i + 3 * lanes));
    }
    return a.add(b).add(c).add(d).lane(0);
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
