package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.OutputProjection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where in the graph an attention can be read.
 *
 * @param probabilities null if nowhere
 * @param context null if nowhere
 * @param values null if nowhere; the helper may make them
 * @param hidden null if nowhere
 * @param projection what mixes its heads, or why that is not known
 * @param helper the nodes to add to the graph before the probabilities are a tensor of it
 * @param mask where its mask can be read by itself; null if nowhere
 * @param operands the queries and keys of its scores
 */
public record TapPoint(
    @Nullable Place probabilities,
    @Nullable Place context,
    @Nullable Place values,
    @Nullable Place hidden,
    OutputProjections.Found projection,
    GraphProto helper,
    @Nullable MaskPoint mask,
    ScoreOperands operands) {

  /**
   * A tensor, and what brings its axes in order: first the last axis is split into heads, then the
   * axes are permuted.
   *
   * @param heads heads side by side in the last axis; 0 if they have an axis of their own
   * @param order the permutation; empty for none
   */
  public record Place(String tensor, int heads, List<Integer> order) {
    public Place {
      order = List.copyOf(order);
    }

    static Place of(String tensor) {
      return new Place(tensor, 0, List.of());
    }

    static Place permuted(String tensor, List<Integer> order) {
      return new Place(tensor, 0, order);
    }

    /** From {@code [B, L, H*D]}. */
    static Place merged(String tensor, int heads) {
      return new Place(tensor, heads, List.of(0, 2, 1, 3));
    }
  }

  @Nullable OutputProjection described() {
    ProjectionPoint point = projection.point();
    return point == null ? null : point.described();
  }

  Set<Tap> taps() {
    Set<Tap> taps = EnumSet.noneOf(Tap.class);
    if (probabilities != null) {
      taps.add(Tap.PROBABILITIES);
      taps.add(Tap.PADDING_MASS);
      // Without probabilities a site is not read at all, so these are never alone.
      if (context != null) {
        taps.add(Tap.CONTEXT);
        if (values != null) {
          taps.add(Tap.VALUES);
        }
        if (projection.point() != null) {
          taps.add(Tap.ATTENTION_OUTPUT);
          taps.add(Tap.REBUILT_OUTPUT);
        }
      }
      if (hidden != null) {
        taps.add(Tap.HIDDEN);
      }
      if (operands.queries() != null && operands.keys() != null) {
        taps.add(Tap.QUERIES);
        taps.add(Tap.KEYS);
      }
    }
    return taps;
  }
}
