package dev.sightline.mask;

import dev.sightline.mask.internal.recover.Observation;
import java.util.BitSet;

/**
 * The cells of an attention over one sample: what {@link RecoveredMask#of} finds a mask for.
 * Immutable.
 */
public final class MaskObservation {
  private final MaskSample sample;
  private final Observation observation;

  private MaskObservation(MaskSample sample, BitSet known, BitSet allowed) {
    this.sample = sample;
    this.observation = new Observation(sample.facts(), known, allowed);
  }

  /**
   * {@return an observation of all cells}
   *
   * @param sample the tokens of one batch row
   * @param allowed {@code [Lq, Lk]}, true = may attend
   * @throws IllegalArgumentException if the sample has other sizes
   */
  public static MaskObservation of(MaskSample sample, boolean[][] allowed) {
    int cells = sample.queries() * sample.keys();
    BitSet known = new BitSet(cells);
    known.set(0, cells);
    return new MaskObservation(sample, known, bits(sample, allowed));
  }

  private static BitSet bits(MaskSample sample, boolean[][] cells) {
    if (cells.length != sample.queries()) {
      throw new IllegalArgumentException(
          cells.length + " rows of cells do not go with " + sample.queries() + " queries");
    }
    BitSet bits = new BitSet(sample.queries() * sample.keys());
    for (int q = 0; q < cells.length; q++) {
      if (cells[q].length != sample.keys()) {
        throw new IllegalArgumentException(
            "row "
                + q
                + " has "
                + cells[q].length
                + " cells, but there are "
                + sample.keys()
                + " keys");
      }
      for (int k = 0; k < cells[q].length; k++) {
        bits.set(q * sample.keys() + k, cells[q][k]);
      }
    }
    return bits;
  }

  /**
   * {@return an observation in which only some cells count}
   *
   * @param known {@code [Lq, Lk]}
   * @throws IllegalArgumentException if the sample has other sizes
   */
  public MaskObservation known(boolean[][] known) {
    return new MaskObservation(sample, bits(sample, known), observation.allowed());
  }

  /** {@return the tokens} */
  public MaskSample sample() {
    return sample;
  }

  /**
   * {@return whether a cell was seen to be allowed}
   *
   * @param query query, from 0
   * @param key key, from 0
   */
  public boolean allowed(int query, int key) {
    return observation.allowed().get(query * sample.keys() + key);
  }

  /**
   * {@return whether a cell was seen at all}
   *
   * @param query query, from 0
   * @param key key, from 0
   */
  public boolean isKnown(int query, int key) {
    return observation.known().get(query * sample.keys() + key);
  }

  /** {@return the cells as a mask, {@code [Lq, Lk]}; what was not seen is forbidden} */
  public Mask cells() {
    boolean[][] rows = new boolean[sample.queries()][sample.keys()];
    for (int q = 0; q < rows.length; q++) {
      for (int k = 0; k < rows[q].length; k++) {
        rows[q][k] = isKnown(q, k) && allowed(q, k);
      }
    }
    return Mask.dense(rows);
  }

  Observation observation() {
    return observation;
  }

  /** Same sample, same cells. */
  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof MaskObservation that && observation.equals(that.observation));
  }

  @Override
  public int hashCode() {
    return observation.hashCode();
  }

  /** The sample and the number of cells that are allowed. */
  @Override
  public String toString() {
    return sample + ", " + observation.allowed().cardinality() + " allowed";
  }
}
