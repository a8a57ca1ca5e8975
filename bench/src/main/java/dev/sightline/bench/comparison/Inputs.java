package dev.sightline.bench.comparison;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Q {@code [B, Hq, Lq, D]}, K and V {@code [B, Hkv, Lk, D]}, the same for every backend. */
final class Inputs {
  final float[] query;
  final float[] key;
  final float[] value;

  private Inputs(float[] query, float[] key, float[] value) {
    this.query = query;
    this.key = key;
    this.value = value;
  }

  /** Normally distributed numbers, the same in every run. */
  static Inputs of(Workload workload) {
    if (workload.kind() == WorkloadKind.COMPILE) {
      return new Inputs(new float[0], new float[0], new float[0]);
    }
    int perQueryHead = workload.queries() * workload.headSize();
    int perKeyHead = workload.keys() * workload.headSize();
    return new Inputs(
        normal(1, workload.batch() * workload.queryHeads() * perQueryHead),
        normal(2, workload.batch() * workload.keyHeads() * perKeyHead),
        normal(3, workload.batch() * workload.keyHeads() * perKeyHead));
  }

  /** The gradient of the output, {@code [B, Hq, Lq, D]}. */
  static float[] outputGradient(Workload workload) {
    return normal(
        5, workload.batch() * workload.queryHeads() * workload.queries() * workload.headSize());
  }

  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  private static float[] normal(long seed, int size) {
    RandomGenerator random = random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
