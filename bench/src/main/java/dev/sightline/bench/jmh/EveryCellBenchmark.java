package dev.sightline.bench.jmh;

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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The tiles of one mask over 16,384 tokens, by Sightline and by visiting every cell with the
 * plainest loop that does the same: three comparisons a cell and two flags a tile.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class EveryCellBenchmark {
  private static final int LENGTH = 16_384;
  private static final int TILE = 128;

  private Mask mask;
  private int[] document;

  @SuppressWarnings("NullAway.Init") // JMH calls set
  public EveryCellBenchmark() {}

  /** Builds the mask, and the document of every token for the loop. */
  @Setup
  public void set() {
    mask = Mask.causal().and(Mask.window(4095, 0)).and(Mask.documents(8192, 8192));
    document = new int[LENGTH];
    Arrays.fill(document, 8192, LENGTH, 1);
  }

  @Benchmark
  public Tiles byBands() {
    return mask.over(LENGTH, LENGTH).tiles(0, 0, TILE, TILE);
  }

  /** 0 empty, 1 partial, 2 full. */
  @Benchmark
  public byte[] byEveryCell() {
    byte[] classes = new byte[(LENGTH / TILE) * (LENGTH / TILE)];
    for (int r = 0, at = 0; r < LENGTH; r += TILE) {
      for (int c = 0; c < LENGTH; c += TILE) {
        boolean some = false;
        boolean all = true;
        for (int i = r; i < r + TILE; i++) {
          for (int j = c; j < c + TILE; j++) {
            boolean allowed = j <= i && i - j <= 4095 && document[i] == document[j];
            some |= allowed;
            all &= allowed;
          }
        }
        classes[at++] = (byte) (all ? 2 : some ? 1 : 0);
      }
    }
    return classes;
  }
}
