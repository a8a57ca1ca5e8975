package dev.sightline.audit.internal.trial;

import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Memory;
import dev.sightline.audit.result.MaskTrial.Row;
import dev.sightline.audit.result.MaskTrial.Thumb;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** Runs the same padded batches under their true mask and under one of all ones. */
public final class MaskTrialRun {
  private static final int MOST_SAMPLES = 1_000;
  private static final int ROUNDS = 20;

  private MaskTrialRun() {}

  /**
   * Runs the trial.
   *
   * @param audit of the same model, for what is known of padding inside
   * @throws ModelException if the model has no mask, or refuses the samples
   */
  public static MaskTrial run(
      Model model, Iterator<Sample> source, long padId, long seed, AuditResult audit)
      throws IOException {
    ModelInputs inputs = model.roles();
    List<Integer> masked = inputs.maskedStreams();
    if (masked.isEmpty()) {
      throw new ModelException(model + " takes no mask, so there is nothing to compare");
    }
    Batches batches = new Batches(source, model, padId);
    List<Sample> samples = batches.next();
    if (samples.isEmpty()) {
      throw new ModelException("there is no text to compare with; expected at least one");
    }
    try (ModelSession session = model.session()) {
      Batch first = batches.baseline(samples);
      Runner runner = Runner.of(model, session, first, Pooling.MEAN, false);
      List<Row> rows = new ArrayList<>();
      while (!samples.isEmpty() && rows.size() < MOST_SAMPLES) {
        Batch batch = batches.baseline(samples);
        RunOutputs on = runner.run(batch);
        RunOutputs off = runner.run(batch.withMasksOfOnes());
        for (int row = 0; row < samples.size(); row++) {
          rows.add(row(runner, on, off, row, masked.getFirst()));
        }
        samples = batches.next();
      }
      return timed(runner, inputs, padId, seed, first, rows, thumb(audit));
    }
  }

  private static Row row(Runner runner, RunOutputs on, RunOutputs off, int row, int stream) {
    OutputDelta delta = new OutputDelta(stream, runner.outputs());
    delta.compare(on, row, off, row);
    Sample sample = on.batch().samples().get(row);
    return new Row(
        sample.number(),
        sample.label(),
        sample.length(stream),
        on.batch().width(stream) - sample.length(stream),
        delta.largest(),
        delta.whole.compared() > 0 ? delta.whole.cosine() : delta.atTokens().cosine());
  }

  private static MaskTrial timed(
      Runner runner,
      ModelInputs inputs,
      long padId,
      long seed,
      Batch batch,
      List<Row> rows,
      Thumb thumb)
      throws ModelException {
    Batch ones = batch.withMasksOfOnes();
    List<Batch> alone = new ArrayList<>();
    if (inputs.fixedRows().orElse(1) == 1) {
      for (Sample sample : batch.samples()) {
        alone.add(Batch.of(inputs, List.of(sample), padId));
      }
    }
    double[][] times = new double[3][ROUNDS];
    OptionalLong memoryOn = OptionalLong.empty();
    OptionalLong memoryOff = OptionalLong.empty();
    for (int round = -2; round < ROUNDS; round++) { // the first two warm up
      double on = milliseconds(runner, List.of(batch));
      memoryOn = larger(memoryOn, ResidentMemory.bytes());
      double off = milliseconds(runner, List.of(ones));
      memoryOff = larger(memoryOff, ResidentMemory.bytes());
      double each = milliseconds(runner, alone);
      if (round >= 0) {
        times[0][round] = on;
        times[1][round] = off;
        times[2][round] = each;
      }
    }
    double[] differences = rows.stream().mapToDouble(Row::difference).toArray();
    double[] cosines =
        rows.stream().map(Row::cosine).flatMapToDouble(OptionalDouble::stream).toArray();
    return new MaskTrial(
        rows,
        Bootstrap.mean(differences, seed),
        cosines.length == 0 ? null : Bootstrap.mean(cosines, seed),
        Bootstrap.median(times[0], seed),
        Bootstrap.median(times[1], seed),
        alone.isEmpty() ? null : Bootstrap.median(times[2], seed),
        new Memory(memoryOn, memoryOff),
        thumb);
  }

  private static OptionalLong larger(OptionalLong a, OptionalLong b) {
    return LongStream.concat(a.stream(), b.stream()).max();
  }

  private static double milliseconds(Runner runner, List<Batch> batches) throws ModelException {
    long started = System.nanoTime();
    for (Batch batch : batches) {
      runner.run(batch);
    }
    return (System.nanoTime() - started) / 1e6;
  }

  private static Thumb thumb(AuditResult audit) {
    OptionalDouble norm =
        audit.paddingNorms().stream()
            .filter(layer -> layer.real() > 0)
            .mapToDouble(layer -> layer.padding() / layer.real())
            .max();
    return new Thumb(norm, audit.unmaskedWeight());
  }
}
