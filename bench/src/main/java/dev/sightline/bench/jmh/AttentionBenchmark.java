package dev.sightline.bench.jmh;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.Provider;
import dev.sightline.mask.Mask;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The time of a run of a plan of 8 heads, and with {@code -prof gc} that it allocates nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AttentionBenchmark {
  private static final int HEADS = 8;

  @Param({"full", "causal", "causal & window(255,0)"})
  String mask = "";

  @Param({"1024"})
  int length;

  @Param({"64", "128"})
  int headSize;

  @Param({"VECTOR"})
  Provider provider = Provider.VECTOR;

  @Param({"1"})
  int threads;

  private final AttentionPlan[] plan = new AttentionPlan[1];
  private final AttentionCall[] call = new AttentionCall[1];

  @Setup
  public void setUp() {
    AttentionShape shape = AttentionShape.of(1, HEADS, length, headSize);
    plan[0] = Attention.under(Mask.parse(mask)).threads(threads).provider(provider).plan(shape);
    Random random = new Random(1);
    int size = HEADS * length * headSize;
    call[0] =
        AttentionCall.of(
            normal(random, size), normal(random, size), normal(random, size), new float[size]);
  }

  private static float[] normal(Random random, int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @TearDown
  public void tearDown() {
    plan[0].close();
  }

  @Benchmark
  public void run() {
    plan[0].run(call[0]);
  }
}
