package dev.sightline.bench.race;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The fastest the machine reads: the sum of 512 MB, in equal parts to the threads. */
final class ReadProbe implements Contestant {
  static final String NAME = "read";

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int FLOATS = 1 << 27;

  private final Crew crew;
  private final float[][] parts;
  private final float[] results;

  ReadProbe(int threads) {
    this.crew = new Crew(threads);
    this.parts = new float[threads][];
    this.results = new float[threads * 64]; // a cache line and more apart
    int part = FLOATS / threads / 64 * 64;
    crew.run(i -> {
      parts[i] = new float[part];
      Arrays.fill(parts[i], 1f / (1 + i)); // pages that were never written are one page
    });
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void run() {
    crew.run(i -> results[i * 64] = sum(parts[i]));
  }

  /** What one run reads. */
  double bytes() {
    return (double) Float.BYTES * parts.length * parts[0].length;
  }

  /** Four sums, so that the additions do not wait for each other. */
  private static float sum(float[] values) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int lanes = SPECIES.length();
    for (int i = 0; i <= values.length - 4 * lanes; i += 4 * lanes) {
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
    crew.close();
  }
}
