package dev.sightline.repair.internal.plan;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.NodeOutputs;
import dev.sightline.onnx.internal.graph.PositionEdit;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The positions of a model that count the slots of a row, padding included. The graph shows what
 * follows from lengths alone; which of it are positions two runs show, of rows of two lengths: one
 * axis grows with the row, the rows along it differ, and those of the short row begin the long one.
 */
final class SlotPositions {
  private static final int LONGER = 3;

  /** Cosines of a longer row may round in another way. */
  private static final double CLOSE = 1e-4;

  private SlotPositions() {}

  /**
   * Something that holds a row for each slot, and meets tokens.
   *
   * @param tensor in the graph
   * @param rank how many axes it has
   * @param axis which of them counts slots
   * @param resultRank how many axes that has what it makes with the tokens
   * @param stream whose slots
   * @param slots the numbers of the slots that it is made from; empty if there are none
   */
  record Found(
      String tensor, int rank, int axis, int resultRank, int stream, Optional<Slots> slots) {}

  /**
   * The numbers of slots.
   *
   * @param tensor in the graph, {@code [S]} or {@code [B, S]}
   * @param first the number of the first slot
   */
  record Slots(String tensor, long first) {}

  /** Runs a sample in rows of two lengths. */
  static List<Found> of(Model model, List<Sample> samples, long padId) throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    PositionEdit edit = parsed.edit().positions();
    Map<String, String> candidates = edit.candidates();
    if (candidates.isEmpty() || model.roles().streams().isEmpty()) {
      return List.of();
    }
    Set<String> asked = new HashSet<>(candidates.values());
    candidates.keySet().forEach(candidate -> asked.addAll(edit.origins(candidate)));
    int rows = model.roles().fixedRows().orElse(2);
    Sample shortest =
        samples.stream().min((a, b) -> Integer.compare(a.length(0), b.length(0))).orElseThrow();
    Batch batch = Batch.of(model.roles(), Collections.nCopies(rows, shortest), padId);
    Batch longer = batch;
    for (int s = 0; s < model.roles().streams().size(); s++) {
      if (model.roles().streams().get(s).fixedLength().isEmpty()) {
        longer = longer.withPadding(s, Padding.RIGHT, batch.width(s) + LONGER + s);
      }
    }
    ModelProto tapped = parsed.with(NodeOutputs.added(asked));
    try (RuntimeSession session = RuntimeSession.start(parsed, tapped, Use.UNFUSED)) {
      Runs runs = new Runs(batch, run(session, batch, asked), longer, run(session, longer, asked));
      List<Found> found = new ArrayList<>();
      candidates.forEach((tensor, result) ->
          runs.of(tensor, runs.rank(result), edit.origins(tensor)).ifPresent(found::add));
      return found;
    }
  }

  private static Map<String, FloatTensor> run(
      RuntimeSession session, Batch batch, Collection<String> tensors) throws ModelException {
    Map<String, FloatTensor> run =
        session.run(batch.feed(), tensors.stream().map(NodeOutputs::output).toList());
    Map<String, FloatTensor> named = new LinkedHashMap<>();
    tensors.forEach(
        tensor -> named.put(tensor, Objects.requireNonNull(run.get(NodeOutputs.output(tensor)))));
    return named;
  }

  /** Two runs. */
  private record Runs(
      Batch batch, Map<String, FloatTensor> one, Batch longer, Map<String, FloatTensor> other) {
    private FloatTensor one(String tensor) {
      return Objects.requireNonNull(one.get(tensor));
    }

    private FloatTensor other(String tensor) {
      return Objects.requireNonNull(other.get(tensor));
    }

    int rank(String tensor) {
      return one(tensor).shape().rank();
    }

    Optional<Found> of(String tensor, int resultRank, List<String> origins) {
      OptionalInt axis = tokenAxis(tensor);
      if (axis.isEmpty()) {
        return Optional.empty();
      }
      int stream = stream(tensor, axis.getAsInt()).orElse(-1);
      if (stream < 0 || !isPrefix(tensor, axis.getAsInt()) || !differs(tensor, axis.getAsInt())) {
        return Optional.empty();
      }
      return Optional.of(
          new Found(
              tensor,
              rank(tensor),
              axis.getAsInt(),
              resultRank,
              stream,
              origins.stream().flatMap(origin -> slots(origin, stream).stream()).findFirst()));
    }

    /** The one axis that has another length in the other run. */
    private OptionalInt tokenAxis(String tensor) {
      Shape a = one(tensor).shape();
      Shape b = other(tensor).shape();
      int axis = -1;
      for (int d = 0; d < a.rank() && a.rank() == b.rank(); d++) {
        if (a.dim(d) != b.dim(d)) {
          if (axis >= 0) {
            return OptionalInt.empty();
          }
          axis = d;
        }
      }
      return axis < 0 ? OptionalInt.empty() : OptionalInt.of(axis);
    }

    private OptionalInt stream(String tensor, int axis) {
      int grown = other(tensor).shape().dim(axis) - one(tensor).shape().dim(axis);
      for (int s = 0; s < streams(); s++) {
        if (one(tensor).shape().dim(axis) == batch.width(s)
            && grown == longer.width(s) - batch.width(s)) {
          return OptionalInt.of(s);
        }
      }
      return OptionalInt.empty();
    }

    private int streams() {
      return batch.samples().getFirst().streams().size();
    }

    /** The values of a slot, in an order of their own. */
    private static float[] slot(FloatTensor tensor, int axis, int slot) {
      int inner = 1;
      for (int d = axis + 1; d < tensor.shape().rank(); d++) {
        inner *= tensor.shape().dim(d);
      }
      int length = tensor.shape().dim(axis);
      float[] data = tensor.data();
      float[] values = new float[data.length / length];
      for (int v = 0; v < values.length; v++) {
        values[v] = data[(v / inner * length + slot) * inner + v % inner];
      }
      return values;
    }

    private boolean isPrefix(String tensor, int axis) {
      for (int slot = 0; slot < one(tensor).shape().dim(axis); slot++) {
        float[] a = slot(one(tensor), axis, slot);
        float[] b = slot(other(tensor), axis, slot);
        for (int v = 0; v < a.length; v++) {
          if (a.length != b.length || !(Math.abs(a[v] - b[v]) <= CLOSE * (1 + Math.abs(a[v])))) {
            return false;
          }
        }
      }
      return true;
    }

    private boolean differs(String tensor, int axis) {
      FloatTensor values = other(tensor);
      return !Arrays.equals(slot(values, axis, 0), slot(values, axis, 1));
    }

    /** Whether a tensor counts the slots of a stream from some number on. */
    private Optional<Slots> slots(String tensor, int stream) {
      FloatTensor values = one(tensor);
      int rank = values.shape().rank();
      OptionalInt axis = tokenAxis(tensor);
      if (rank < 1
          || rank > 2
          || axis.isEmpty()
          || axis.getAsInt() != rank - 1
          || stream(tensor, rank - 1).orElse(-1) != stream) {
        return Optional.empty();
      }
      int width = values.shape().dim(rank - 1);
      for (int v = 0; v < values.data().length; v++) {
        if (values.data()[v] != values.data()[0] + v % width) {
          return Optional.empty();
        }
      }
      long first = (long) values.data()[0] - batch.joint().past();
      return Optional.of(new Slots(tensor, first));
    }
  }
}
