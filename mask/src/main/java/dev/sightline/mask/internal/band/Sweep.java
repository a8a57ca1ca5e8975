package dev.sightline.mask.internal.band;

import java.util.concurrent.CancellationException;

/**
 * Walks over the bands of a rule, first row to last, as far as {@link Work} lets it, until the
 * thread is interrupted.
 */
public final class Sweep {
  private final Rule rule;
  private final Rule.View view;
  private final int end;
  private int row;

  public Sweep(Rule rule, int queries, int keys) {
    this(rule, 0, queries, Rule.View.of(0, keys));
  }

  public Sweep(Rule rule, int first, int end, Rule.View view) {
    this.rule = rule;
    this.row = first;
    this.end = end;
    this.view = view;
  }

  public boolean hasNext() {
    return row < end;
  }

  /** The next band; it may reach beyond the last row asked for, {@link #end} tells how far. */
  public Band next() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the question about the mask was cancelled");
    }
    Band band = rule.band(row, view);
    if (band.until() <= row) {
      throw new AssertionError("a band of no rows at row " + row);
    }
    row = band.until();
    view.work().add(band);
    return band;
  }

  /** One past the last row that a band covers here. */
  public int end(Band band) {
    return Math.min(end, band.until());
  }
}
