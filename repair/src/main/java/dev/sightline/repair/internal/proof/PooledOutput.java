package dev.sightline.repair.internal.proof;

import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.NodeOutputs;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.internal.plan.TokenPooling;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Whether a model pools as it should, in batches with padding after texts and before them. */
public final class PooledOutput {
  /** Relative to the largest element; float16 has three digits. */
  private static final double CLOSE = 2e-3;

  private static final int ROWS = 4;

  private final Model model;
  private final List<Sample> samples;
  private final long padId;

  /** A check of a model over samples. */
  public PooledOutput(Model model, List<Sample> samples, long padId) {
    this.model = model;
    this.samples = List.copyOf(samples);
    this.padId = padId;
  }

  /**
   * Compares what the model pools with the same tokens pooled here.
   *
   * @return what is wrong, in a sentence; empty if nothing is
   */
  public Optional<String> difference(Pooling pooling, TokenPooling edit) throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    List<String> tensors = List.of(edit.hidden(), edit.pooled());
    List<String> outputs = tensors.stream().map(NodeOutputs::output).toList();
    try (RuntimeSession session =
        RuntimeSession.start(parsed, parsed.with(NodeOutputs.added(tensors)), Use.UNFUSED)) {
      for (Batch batch : batches()) {
        Map<String, FloatTensor> run = session.run(batch.feed(), outputs);
        FloatTensor tokens = Objects.requireNonNull(run.get(outputs.get(0)));
        FloatTensor pooled = Objects.requireNonNull(run.get(outputs.get(1)));
        for (int row = 0; row < batch.rows(); row++) {
          double worst = worst(pooling, edit.isNew(), tokens, pooled, batch, row);
          if (!(worst <= CLOSE)) {
            return Optional.of(
                String.format(
                    Locale.ROOT,
                    "%s is not the %s of the real tokens of %s: it differs by %.2g of its size",
                    edit.output(),
                    pooling.label(),
                    batch.samples().get(row).label(),
                    worst));
          }
        }
      }
    }
    return Optional.empty();
  }

  private List<Batch> batches() {
    int rows = model.roles().fixedRows().orElse(Math.min(ROWS, samples.size()));
    List<Sample> some = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      some.add(samples.get(row % samples.size()));
    }
    Batch batch = Batch.of(model.roles(), some, padId);
    int width = batch.width(0);
    return List.of(
        batch.withPadding(0, Padding.RIGHT, width), batch.withPadding(0, Padding.LEFT, width));
  }

  private static double worst(
      Pooling pooling, boolean unit, FloatTensor tokens, FloatTensor pooled, Batch batch, int row) {
    double[] expected = pooling.pool(tokens, row, batch.tokens(0, row));
    double length = 0;
    double scale = 0;
    for (double value : expected) {
      length += value * value;
      scale = Math.max(scale, Math.abs(value));
    }
    double divisor = unit ? Math.sqrt(length) : 1;
    double worst = 0;
    for (int d = 0; d < expected.length; d++) {
      double actual = pooled.data()[row * expected.length + d];
      worst = Math.max(worst, Math.abs(actual * divisor - expected[d]) / scale);
    }
    return worst;
  }
}
