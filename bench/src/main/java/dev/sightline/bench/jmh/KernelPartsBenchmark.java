package dev.sightline.bench.jmh;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.Kernels;
import dev.sightline.attention.internal.plan.Engine;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time of each part of a tile, for one block of queries and 192 keys. Packing is done once for
 * all blocks that visit a tile, 64 of them in long texts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class KernelPartsBenchmark {
  private static final int KEYS = Engine.TILE_KEYS;

  @Param({"64", "128"})
  int headSize;

  private Kernel kernel = Kernels.scalar();
  private float[] queries = {};
  private float[] keys = {};
  private float[] packedKeys = {};
  private float[] packedValues = {};
  private float[] scores = {};
  private float[] weights = {};
  private float[] max = {};
  private float[] sum = {};
  private float[] rescale = {};
  private float[] output = {};
  private int[] words = {};

  @Setup
  public void setUp() {
    kernel = Kernels.chosen().kernel();
    int width = kernel.width();
    Random random = new Random(1);
    queries = normal(random, headSize * width);
    keys = normal(random, KEYS * headSize);
    packedKeys = normal(random, (KEYS + Kernel.PANEL) * Kernel.PACKED_STRIDE);
    packedValues = normal(random, KEYS * headSize);
    scores = normal(random, (KEYS + Kernel.SPARE_KEYS) * width);
    weights = normal(random, (KEYS + Kernel.SPARE_KEYS) * width);
    max = new float[width];
    sum = new float[width];
    rescale = new float[width];
    Arrays.fill(rescale, 0.5f);
    output = new float[headSize * width];
    words = new int[KEYS / 32 * width];
    Arrays.fill(words, 0x55555555);
  }

  private static float[] normal(Random random, int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian() * 0.2f;
    }
    return x;
  }

  @Benchmark
  public void productsOfPackedKeys() {
    kernel.packedScores(queries, headSize, packedKeys, 0, KEYS, scores);
  }

  @Benchmark
  public void productsOfStoredKeys() {
    kernel.scores(queries, headSize, keys, 0, headSize, 0, KEYS, scores);
  }

  /** Weights of weights: they stay between 0 and 1, so that all iterations do the same work. */
  @Benchmark
  public void softmax() {
    kernel.softmax(weights, 0, KEYS, max, sum, rescale);
  }

  @Benchmark
  public void maskOfAPartialTile() {
    kernel.forbid(scores, 0, KEYS, words, 0);
  }

  @Benchmark
  public void productsOfPackedValues() {
    kernel.packedAccumulate(weights, 0, KEYS, packedValues, KEYS, headSize, rescale, output);
  }

  @Benchmark
  public void productsOfStoredValues() {
    kernel.accumulate(weights, 0, KEYS, keys, 0, headSize, headSize, rescale, output);
  }

  @Benchmark
  public void packingValues() {
    kernel.packValues(keys, 0, headSize, KEYS, headSize, packedValues);
  }
}
