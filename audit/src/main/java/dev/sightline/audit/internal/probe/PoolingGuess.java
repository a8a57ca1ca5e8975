package dev.sightline.audit.internal.probe;

import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.tensor.FloatTensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells how a model pools, by pooling its token vectors in every known way and keeping the ways
 * that give what the model gave, in every batch and on every side. A pooled vector may have been
 * scaled to length 1 afterwards.
 */
public final class PoolingGuess {
  /** As close as two float32 sums of a few hundred tokens come. */
  private static final double CLOSE = 1e-3;

  private final int stream;
  private final @Nullable Output tokens;
  private final @Nullable Output pooled;
  private final Set<Pooling> left = EnumSet.allOf(Pooling.class);

  /** What is left with padding after texts, which is all that some models take. */
  private final Set<Pooling> leftOnRight = EnumSet.allOf(Pooling.class);

  private boolean tried;

  /** Looks for an output for each token and one for the row that could be made from it. */
  PoolingGuess(int stream, List<Output> outputs) {
    this.stream = stream;
    tokens = outputs.stream().filter(output -> output.stream() == stream).findFirst().orElse(null);
    pooled = outputs.stream().filter(output -> !output.isPerToken()).findFirst().orElse(null);
  }

  /** Drops the ways that give something else. */
  void see(Padding side, RunOutputs run) {
    if (tokens == null
        || pooled == null
        || tokens.rowAxis() != 0
        || tokens.axis() != 1
        || tokens.lead() != 0
        || tokens.isPairwise()
        || pooled.rowAxis() != 0) {
      return;
    }
    FloatTensor each = run.output(tokens.name());
    FloatTensor whole = run.output(pooled.name());
    if (each.shape().rank() != 3
        || whole.shape().size() / whole.shape().dim(0) != each.shape().dim(2)) {
      return;
    }
    tried = true;
    for (int row = 0; row < run.batch().rows(); row++) {
      int at = row;
      Set<Pooling> wrong = EnumSet.copyOf(leftOnRight);
      wrong.removeIf(way -> gives(way, each, whole, run, at));
      left.removeAll(wrong);
      if (side == Padding.RIGHT) {
        leftOnRight.removeAll(wrong);
      }
    }
  }

  private boolean gives(Pooling way, FloatTensor each, FloatTensor whole, RunOutputs run, int row) {
    double[] expected = way.pool(each, row, run.batch().tokens(stream, row));
    double length = 0;
    double scale = 0;
    for (double value : expected) {
      length += value * value;
      scale = Math.max(scale, Math.abs(value));
    }
    boolean same = true;
    boolean sameDirection = true;
    for (int d = 0; d < expected.length; d++) {
      double actual = whole.data()[row * expected.length + d];
      same &= Math.abs(actual - expected[d]) <= CLOSE * scale;
      sameDirection &= Math.abs(actual - expected[d] / Math.sqrt(length)) <= CLOSE;
    }
    return same || sameDirection;
  }

  /**
   * Whether a way always gave it; empty if it cannot be told.
   *
   * @param onEverySide whether padding before texts counts, or only after them
   */
  public Optional<Boolean> isPooledBy(Pooling way, boolean onEverySide) {
    return tried ? Optional.of((onEverySide ? left : leftOnRight).contains(way)) : Optional.empty();
  }

  /** The one way that always gave it; null if there is none, or no telling. */
  public @Nullable Pooling found() {
    return tried && left.size() == 1 ? left.iterator().next() : null;
  }
}
