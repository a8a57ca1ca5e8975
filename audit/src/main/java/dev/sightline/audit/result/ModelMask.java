package dev.sightline.audit.result;

import dev.sightline.onnx.inventory.AttentionSite.Source;
import java.util.List;

/**
 * The masks that a model implements, as they were read back from it.
 *
 * @param layers one for each attention, in order of execution
 * @param shortest the fewest keys that were seen, padding included
 * @param longest the most keys that were seen, padding included
 * @param padding whether samples had padding
 * @param steps whether samples were run in steps over a cache
 * @param notes what was left out or found besides, for a person
 */
public record ModelMask(
    List<Layer> layers,
    int shortest,
    int longest,
    boolean padding,
    boolean steps,
    List<String> notes) {
  /** Copies the lists. */
  public ModelMask {
    layers = List.copyOf(layers);
    notes = List.copyOf(notes);
  }

  /**
   * The masks of an attention.
   *
   * @param layer index in order of execution, from 0
   * @param node the name of its node in the graph
   * @param source whether its keys come from what its queries come from
   * @param heads its heads, by what they allow; empty if it could not be read
   * @param whyNotRead why it could not be read; empty if it was
   */
  public record Layer(int layer, String node, Source source, List<Heads> heads, String whyNotRead) {
    /** Copies the list. */
    public Layer {
      heads = List.copyOf(heads);
    }
  }

  /**
   * Heads that allow the same.
   *
   * @param heads their numbers, from 0
   * @param mask the expression; empty if no expression gives the cells
   * @param byCells whether the expression lists its cells one by one
   * @param cases the expressions of some samples each, where no expression holds for all
   * @param cells of the longest sample that was seen, a row of 0 and 1 for each query
   * @param samples how many samples were seen
   */
  public record Heads(
      List<Integer> heads,
      String mask,
      boolean byCells,
      List<Case> cases,
      List<String> cells,
      int samples) {
    /** Copies the lists. */
    public Heads {
      heads = List.copyOf(heads);
      cases = List.copyOf(cases);
      cells = List.copyOf(cells);
    }
  }

  /** Which samples an expression is of. */
  public enum Kind {
    /** Of a batch without padding. */
    UNPADDED,
    /** Of a batch with padding. */
    PADDED,
    /** Run at once. */
    AT_ONCE,
    /** Run in steps over a cache. */
    IN_STEPS
  }

  /**
   * An expression that holds for some samples.
   *
   * @param kind the samples
   * @param mask the expression
   */
  public record Case(Kind kind, String mask) {}
}
