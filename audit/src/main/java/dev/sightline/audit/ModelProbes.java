package dev.sightline.audit;

import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.ControlRows;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RowCheck;
import dev.sightline.audit.internal.probe.RowProbes;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.internal.probe.SessionOpening;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All probes that change a batch and compare the outputs of the unchanged model. */
final class ModelProbes {
  final Runner runner;
  final RowProbes rows;
  final List<StreamProbes> streams = new ArrayList<>();

  /** By index of the stream. */
  final Map<Integer, CausalityProbe> causality = new TreeMap<>();

  /** What padding changes in streams without a mask, by index of the stream. */
  final Map<Integer, OutputDelta> unmasked = new TreeMap<>();

  /** The optimised model against the one run node by node. */
  final OutputDelta fused;

  private final Model model;
  private final Notes notes;
  private final @Nullable SessionOpening<RuntimeSession> singleNodes;
  private @Nullable RunOutputs first;
  private @Nullable Batch mostChanged;
  private double largest;
  private int batches;
  private long forwardPassNanos;

  /**
   * Probes of a model.
   *
   * @param singleNodes of the model as it is, run node by node; null for a changed model
   */
  ModelProbes(
      Model model,
      Runner runner,
      RandomTokens draws,
      RowCheck check,
      long padId,
      Notes notes,
      @Nullable SessionOpening<RuntimeSession> singleNodes) {
    this.model = model;
    this.runner = runner;
    this.notes = notes;
    this.singleNodes = singleNodes;
    this.first = check.together() == null || check.oneRow() ? null : check.together().base();
    ModelInputs inputs = model.roles();
    rows = new RowProbes(runner, draws, inputs, padId, check);
    fused = new OutputDelta(0, runner.outputs());
    for (int s = 0; s < inputs.streams().size(); s++) {
      int stream = s;
      if (inputs.streams().get(s).marksPadding()) {
        int most = SampleEncoder.maxTokens(model, s);
        streams.add(new StreamProbes(runner, draws, s, inputs.streams().get(s), most, notes::add));
      } else if (inputs.streams().get(s).fixedLength().isEmpty()) {
        unmasked.put(s, new OutputDelta(s, runner.outputs()));
      }
      if (runner.outputs().stream().anyMatch(output -> output.stream() == stream)) {
        causality.put(s, new CausalityProbe(runner, draws, s, inputs.streams().get(s)));
      }
    }
  }

  /** Runs all probes; returns the outputs for the unchanged batch. */
  RunOutputs probe(Batch baseline) throws ModelException {
    RunOutputs base = first != null && first.batch() == baseline ? first : runner.run(baseline);
    first = null; // it may be large
    runner.timeRunsOf(baseline);
    rows.probeNeighbours(base);
    int[] controls = ControlRows.of(baseline);
    List<RunOutputs> alone =
        rows.compareAlone(
            base, row -> quantizes() || IntStream.of(controls).anyMatch(control -> control == row));
    for (CausalityProbe stream : causality.values()) {
      stream.probe(base);
      stream.probeAlone(alone);
    }
    RunOutputs few = ControlRows.of(runner, base);
    for (StreamProbes stream : streams) {
      CausalityProbe tokens = causality.get(stream.index());
      stream.probe(base, few, alone, tokens != null && tokens.isCausal());
    }
    padUnmasked(base);
    if (mostChanged == null && singleNodes != null) {
      compareWithSingleNodes(few, singleNodes);
    }
    batches++;
    double changed = largest();
    if (mostChanged == null || !(changed <= largest)) {
      mostChanged = baseline;
      largest = changed;
    }
    if (runner.medianNanos().isEmpty()) {
      runner.run(baseline);
    }
    forwardPassNanos += runner.medianNanos().orElse(0);
    return base;
  }

  /** Probes of the model with another mask, whose rows are asked nothing about each other. */
  ModelProbes ofChanged(Runner.BatchRuns changed, RandomTokens draws, long padId) {
    RowCheck check = RowCheck.none(runner, rows.isOneRow());
    return new ModelProbes(model, runner.of(changed), draws, check, padId, new Notes(), null);
  }

  /** How many batches all was asked of. */
  int batches() {
    return batches;
  }

  /** The batch that changed most, of those that all was asked of; null if there is none. */
  @Nullable Batch mostChanged() {
    return mostChanged;
  }

  /** The largest change so far of what a mask keeps from changing; NaN if one is not finite. */
  private double largest() {
    double worst = rows.batch.largest();
    for (StreamProbes stream : streams) {
      for (Padding side : Padding.values()) {
        worst = Math.max(worst, stream.on(side).content().largest());
        worst = Math.max(worst, stream.on(side).alone().largest());
      }
      worst = Math.max(worst, stream.length.largest());
    }
    for (CausalityProbe stream : causality.values()) {
      worst = Math.max(worst, stream.before.largest());
    }
    return worst;
  }

  /** Compares each sample alone with the batch, which is the one question worth many samples. */
  void compareAlone(Batch baseline) throws ModelException {
    runner.timeRunsOf(baseline);
    RunOutputs base = runner.run(baseline);
    forwardPassNanos += runner.medianNanos().orElse(0);
    List<RunOutputs> alone = rows.compareAlone(base, row -> quantizes());
    for (StreamProbes stream : streams) {
      stream.compareAlone(base, alone);
    }
  }

  /** Whether the noise floor is a limit, so that it is taken over all samples. */
  private boolean quantizes() {
    return model.quantizesDynamically();
  }

  /** Seconds of one forward pass over all batches; empty if there was none. */
  OptionalDouble forwardPassSeconds() {
    return forwardPassNanos == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(forwardPassNanos / 1e9);
  }

  /** Pads streams without a mask, which cannot tell padding from tokens. */
  private void padUnmasked(RunOutputs base) throws ModelException {
    for (Map.Entry<Integer, OutputDelta> entry : unmasked.entrySet()) {
      int stream = entry.getKey();
      int width = base.batch().width(stream) + StreamProbes.SPARE;
      if (width <= SampleEncoder.maxTokens(model, stream)) {
        RunOutputs wider = runner.run(base.batch().withPadding(stream, Padding.RIGHT, width));
        entry.getValue().compare(base, wider);
      }
    }
  }

  private void compareWithSingleNodes(RunOutputs few, SessionOpening<RuntimeSession> opening) {
    try (RuntimeSession unfused = opening.session()) {
      Map<String, FloatTensor> run = unfused.run(few.batch().feed(), runner.names());
      fused.compare(few, new RunOutputs(few.batch(), run));
    } catch (ModelException e) {
      notes.add("the model was not run node by node: " + e.getMessage());
    }
  }
}
