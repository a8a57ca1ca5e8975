package dev.sightline.audit.result;

import java.util.List;

/**
 * The masks that a model implements against others, cell by cell.
 *
 * @param layers one for each attention that was compared, and group of its heads
 */
public record MaskComparison(List<Layer> layers) {
  /** How many cells are named for each attention; all are counted. */
  public static final int MOST_CELLS = 5;

  /** Copies the list. */
  public MaskComparison {
    layers = List.copyOf(layers);
  }

  /** How what is implemented relates to what it is compared with. */
  public enum Relation {
    /** The same cells are allowed. */
    EQUAL,
    /** It allows more. */
    WIDER,
    /** It allows less. */
    NARROWER,
    /** It allows some cells more and some less. */
    OTHER,
    /** Nothing could be compared. */
    UNKNOWN
  }

  /**
   * Heads of an attention.
   *
   * @param layer index in order of execution, from 0
   * @param heads their numbers; empty for all
   * @param implemented the expression that the model implements; empty if there is none
   * @param other the expression that it is compared with; empty if there is none
   * @param relation how they relate
   * @param wider cells that only the model allows
   * @param narrower cells that only the other allows, between real tokens
   * @param cells the first of them
   */
  public record Layer(
      int layer,
      List<Integer> heads,
      String implemented,
      String other,
      Relation relation,
      long wider,
      long narrower,
      List<DifferentCell> cells) {
    /** Copies the lists. */
    public Layer {
      heads = List.copyOf(heads);
      cells = List.copyOf(cells);
    }
  }

  /**
   * A cell that only one of both allows.
   *
   * @param query from 0
   * @param key from 0
   * @param queries Lq of the sample
   * @param keys Lk of the sample
   * @param implemented whether it is the model that allows it
   */
  public record DifferentCell(int query, int key, int queries, int keys, boolean implemented) {}

  /** {@return whether all of it is equal} */
  public boolean isEqual() {
    return layers.stream().allMatch(layer -> layer.relation() == Relation.EQUAL);
  }
}
