package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.session.RuntimeMessage;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the rows of a batch change each other. It is asked first, since rows that do make every
 * other answer wrong: then all else is asked of one row at a time.
 *
 * @param neighbour what other rows change
 * @param oneRow whether the model must be fed one row at a time
 * @param refusal the node that refuses a batch of several rows, empty if it is not known; null if
 *     the model takes one
 * @param together the run of the unchanged rows; null if the model refuses it
 */
public record RowCheck(
    OutputDelta neighbour, boolean oneRow, @Nullable String refusal, @Nullable Together together) {

  /**
   * Rows that run together.
   *
   * @param runner of several rows
   */
  public record Together(Runner runner, RunOutputs base) {}

  /** What is known of a model whose rows are asked nothing about each other. */
  public static RowCheck none(Runner runner, boolean oneRow) {
    return new RowCheck(new OutputDelta(0, runner.outputs()), oneRow, "", null);
  }

  /**
   * Asks a model.
   *
   * @param batch the rows to ask with
   * @throws ModelException if the model refuses a single row too
   */
  public static RowCheck of(
      Model model,
      ModelSession session,
      Batch batch,
      RandomTokens draws,
      Pooling pooling,
      long padId)
      throws ModelException {
    if (model.roles().fixedRows().isEmpty()) {
      String refusal = refusal(model, session, batch);
      if (refusal != null) {
        return new RowCheck(new OutputDelta(0, List.of()), true, refusal, null);
      }
    }
    Runner runner = Runner.of(model, session, batch, pooling, false);
    RowProbes rows = new RowProbes(runner, draws, model.roles(), padId);
    RunOutputs base = runner.run(batch);
    rows.probeNeighbours(base);
    boolean mix = rows.neighbour.largest() > 0 && !model.quantizesDynamically();
    boolean oneRow = mix && model.roles().fixedRows().isEmpty();
    return new RowCheck(rows.neighbour, oneRow, null, new Together(runner, base));
  }

  /** The node at which a row that runs alone does not run twice; null if it does. */
  private static @Nullable String refusal(Model model, ModelSession session, Batch batch)
      throws ModelException {
    List<String> names =
        model.outputs().stream().filter(TensorSpec::isFloat).map(TensorSpec::name).toList();
    try {
      session.run(batch.withRowTwice().feed(), names);
      return null;
    } catch (ModelException e) {
      session.run(batch.first(1).feed(), names); // what it refuses alone, it refuses
      return RuntimeMessage.node(e);
    }
  }
}
