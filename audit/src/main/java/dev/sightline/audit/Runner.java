package dev.sightline.audit;

import dev.sightline.onnx.Batch;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.tensor.FloatTensor;
import java.util.List;
import java.util.Map;

/** Runs the model as it is, and knows which of its outputs can be compared. */
final class Runner {
  private final OnnxSession session;
  private final List<String> names;
  private final List<Output> outputs;

  private Runner(OnnxSession session, List<String> names, List<Output> outputs) {
    this.session = session;
    this.names = names;
    this.outputs = outputs;
  }

  /**
   * Learns from a first run which outputs belong to which tokens.
   *
   * @param batch whose streams have different widths, as far as the model lets them
   */
  static Runner of(OnnxModel model, OnnxSession session, Batch batch) throws OnnxModelException {
    List<String> names = Output.candidates(model);
    Map<String, FloatTensor> first = session.run(batch, names);
    List<Output> outputs = Output.of(model, batch, first);
    return new Runner(session, outputs.stream().map(Output::name).toList(), outputs);
  }

  List<Output> outputs() {
    return outputs;
  }

  List<String> names() {
    return names;
  }

  Seen run(Batch batch) throws OnnxModelException {
    return new Seen(batch, session.run(batch, names));
  }

  /** The coarsest rounding step at 1 of the outputs' types. */
  double epsilon() {
    return outputs.stream().mapToDouble(output -> output.type().epsilon()).max().orElse(0);
  }
}
