package dev.sightline.bench.jmh;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.Tiles;
import java.util.Arrays;
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
 * Tiles of 128 x 128 of {@code causal & window & documents}, a window of 4096 tokens and documents
 * of 8192, from binding the mask to its sizes to the finished list. With the profiler {@code gc} it
 * shows the memory too.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class MaskTilesBenchmark {
  @Param({"4096", "16384", "65536", "262144", "1048576"})
  private int length;

  private Mask mask;
  private Mask otherWords;

  @SuppressWarnings("NullAway.Init") // JMH calls set
  public MaskTilesBenchmark() {}

  /** Builds the masks, without sizes. */
  @Setup
  public void set() {
    int[] documents = new int[Math.max(1, length / 8192)];
    Arrays.fill(documents, Math.min(length, 8192));
    int[] ids = new int[length];
    Arrays.setAll(ids, i -> i / 8192);
    mask = Mask.causal().and(Mask.window(4095, 0)).and(Mask.documents(documents));
    otherWords = Mask.window(4095, 7).and(Mask.documentIds(ids)).minus(Mask.causal().not());
  }

  @Benchmark
  public Tiles tiles() {
    return mask.over(length, length).tiles(0, 0, 128, 128);
  }

  @Benchmark
  public Tiles tilesAndTheirTranspose() {
    return mask.over(length, length).tiles(0, 0, 128, 128).transpose();
  }

  /** Against the same mask in other words, so that nothing ends early. */
  @Benchmark
  public boolean equivalence() {
    BoundMask other = otherWords.over(length, length);
    return mask.over(length, length).equivalentTo(other);
  }
}
