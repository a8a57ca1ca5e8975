package dev.sightline.audit.internal.probe;

import dev.sightline.data.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.List;
import java.util.Map;

/** Runs the model as it is, and knows which of its outputs can be compared. */
public final class Runner {
  private final ModelSession session;
  private final List<String> names;
  private final List<Output> outputs;

  private Runner(ModelSession session, List<String> names, List<Output> outputs) {
    this.session = session;
    this.names = names;
    this.outputs = outputs;
  }

  /**
   * Learns from a first run which outputs belong to which tokens.
   *
   * @param batch whose streams have different widths, as far as the model lets them
   */
  public static Runner of(Model model, ModelSession session, Batch batch) throws ModelException {
    List<String> names = Output.candidates(model);
    Map<String, FloatTensor> first = session.run(batch.feed(), names);
    List<Output> outputs = Output.of(model, batch, first);
    return new Runner(session, outputs.stream().map(Output::name).toList(), outputs);
  }

  public List<Output> outputs() {
    return outputs;
  }

  public List<String> names() {
    return names;
  }

  public RunOutputs run(Batch batch) throws ModelException {
    return new RunOutputs(batch, session.run(batch.feed(), names));
  }

  /** The coarsest rounding step at 1 of the outputs' types. */
  public double epsilon() {
    return outputs.stream().mapToDouble(output -> output.type().epsilon()).max().orElse(0);
  }
}
