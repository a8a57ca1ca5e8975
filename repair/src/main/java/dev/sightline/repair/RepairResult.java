package dev.sightline.repair;

import dev.sightline.audit.result.AuditResult;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a repair did, and the proof of it, as plain values.
 *
 * @param outcome how it ended
 * @param file the new model; null if none was written
 * @param masks the attentions that got another mask, in order of execution
 * @param further what was changed beside masks: fills, positions, pooling
 * @param refused the attentions that should have got one and could not
 * @param nodes what was added, removed and rewired in the graph
 * @param sameness old and new model over samples without padding; null if nothing was changed
 * @param before the audit of the old model
 * @param after the audit of the new model; null if nothing was changed
 * @param stillWrong what is not proved; empty if all is
 */
public record RepairResult(
    Outcome outcome,
    @Nullable Path file,
    List<MaskChange> masks,
    List<FurtherChange> further,
    List<Refusal> refused,
    List<NodeChange> nodes,
    @Nullable Sameness sameness,
    AuditResult before,
    @Nullable AuditResult after,
    List<String> stillWrong) {
  /** Copies the lists. */
  public RepairResult {
    masks = List.copyOf(masks);
    further = List.copyOf(further);
    refused = List.copyOf(refused);
    nodes = List.copyOf(nodes);
    stillWrong = List.copyOf(stillWrong);
  }

  /** How a repair ended. */
  public enum Outcome {
    /** The new model was written, and the proof holds. */
    REPAIRED,
    /** The old model was right: nothing was written. */
    WAS_RIGHT,
    /** The proof does not hold; the new model was written only if that was forced. */
    NOT_PROVED,
    /** No mask can cure what is wrong: nothing was written. */
    NO_CURE
  }

  /**
   * An attention that got another mask.
   *
   * @param layer in order of execution, from 0
   * @param node its name in the graph
   * @param was the mask that it had; empty if that is not known
   * @param is the mask that it has now
   */
  public record MaskChange(int layer, String node, String was, String is) {}

  /**
   * A change beside masks.
   *
   * @param what {@code fill}, {@code positions} or {@code pooling}
   * @param node the node that takes something else now, or the output that is new; of a fill the
   *     layers
   * @param was what it took; empty where it is new
   * @param is what it takes now
   */
  public record FurtherChange(String what, String node, String was, String is) {}

  /**
   * An attention, or the whole model, that no mask was put into.
   *
   * @param layer in order of execution, from 0; -1 for the whole model
   * @param reason why, with the name of the node
   */
  public record Refusal(int layer, String reason) {}

  /**
   * A change of the graph.
   *
   * @param kind {@code added}, {@code removed} or {@code rewired}
   * @param operator the operator of the node
   * @param node the name of the node
   * @param detail of a rewired node the operand, before and after; else empty
   */
  public record NodeChange(String kind, String operator, String node, String detail) {}

  /**
   * Old and new model over samples without padding.
   *
   * @param expected whether they must be the same, since the masks of the old model hide the same
   *     there, and it pools in the same way
   * @param otherLayers the attentions whose masks differ without padding
   * @param samples how many samples were run
   * @param values how many numbers of the outputs were compared
   * @param different how many of them differ in a bit, with the runtime's optimiser off
   * @param largest the largest difference with the optimiser off
   * @param optimised the largest difference with the optimiser on
   * @param rounding what the optimiser itself changes in the old model
   * @param ratio the time of the new model as a multiple of the old one's
   */
  public record Sameness(
      boolean expected,
      Set<Integer> otherLayers,
      int samples,
      long values,
      long different,
      double largest,
      double optimised,
      double rounding,
      double ratio) {
    /** Copies the set. */
    public Sameness {
      otherLayers = Collections.unmodifiableSet(new TreeSet<>(otherLayers));
    }
  }
}
