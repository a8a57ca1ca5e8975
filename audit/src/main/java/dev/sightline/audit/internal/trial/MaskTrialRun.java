package dev.sightline.audit.internal.trial;

import dev.sightline.audit.internal.judge.CausalStreams;
import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.MaskedModel;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.internal.probe.Site;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Memory;
import dev.sightline.audit.result.MaskTrial.Row;
import dev.sightline.audit.result.MaskTrial.Thumb;
import dev.sightline.audit.result.PaddingNorms;
import dev.sightline.audit.result.Verdict.Outcome;
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
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Runs the same padded batches under their true mask and under one of all ones. A model that never
 * reads its mask, or takes none, runs with and without one that is put in at its attentions.
 */
public final class MaskTrialRun {
  private static final int MOST_SAMPLES = 1_000;
  private static final int ROUNDS = 20;

  /** Samples of any length that run together where no mask is an input. */
  private static final int ROWS = 8;

  private MaskTrialRun() {}

  /**
   * Both sides of the trial.
   *
   * @param masked runs a batch under its true mask
   * @param unmasked runs it as if all its positions had tokens
   */
  private record Sides(Runner masked, UnaryOperator<Batch> feed, Runner unmasked) {
    RunOutputs on(Batch batch) throws ModelException {
      return masked.run(batch);
    }

    RunOutputs off(Batch batch) throws ModelException {
      return unmasked.run(feed.apply(batch));
    }
  }

  /**
   * Runs the trial.
   *
   * @param audit of the same model, for what is known of padding inside
   * @throws ModelException if the model takes no mask and none can be put in, or if it refuses the
   *     samples
   */
  public static MaskTrial run(
      Model model, Iterator<Sample> source, long padId, long seed, AuditResult audit)
      throws IOException {
    ModelInputs inputs = model.roles();
    boolean isRead = audit.findings().stream().anyMatch(f -> f.verdict().cause() == Kind.MASK_READ);
    boolean takesMask = !inputs.maskedStreams().isEmpty();
    TrialBatches batches =
        takesMask ? marked(model, source, padId) : new PaddedBatches(model, source, padId, ROWS);
    Batch first = batches.next();
    if (first == null) {
      throw new ModelException("there is no text to compare with; expected at least one");
    }
    try (ModelSession session = model.session()) {
      Runner runner = Runner.of(model, session, first, Pooling.MEAN, false);
      if (isRead) {
        Sides sides = new Sides(runner, Batch::withMasksOfOnes, runner);
        return run(sides, batches, first, new Timing(inputs, padId, seed), thumb(audit));
      }
      return withTwin(model, runner, batches, first, new Timing(inputs, padId, seed), audit);
    }
  }

  private static TrialBatches marked(Model model, Iterator<Sample> source, long padId) {
    Batches batches = new Batches(source, model, padId);
    return () -> {
      List<Sample> samples = batches.next();
      return samples.isEmpty() ? null : batches.baseline(samples);
    };
  }

  /** A model with a mask put in against the model as it is. */
  private static MaskTrial withTwin(
      Model model,
      Runner runner,
      TrialBatches batches,
      Batch first,
      Timing timing,
      AuditResult audit)
      throws IOException {
    Thumb thumb = thumb(audit);
    if (model.attention().found().isEmpty()) {
      throw new ModelException(
          model + " reads no mask, and none can be put in: no attention was found in the graph");
    }
    List<Site> sites;
    try (ModelSession session = TappedModel.session(model)) {
      TappedModel inside = TappedModel.at(model, session, runner, first);
      sites = inside.sites();
      if (thumb.need() == MaskTrial.Need.NO_DATA) {
        inside.probe(runner.run(first), first);
        List<Integer> all = IntStream.range(0, first.joint().streams()).boxed().toList();
        thumb = new Thumb(norm(inside.look().paddingNorms(all)), inside.unmaskedWeight());
      }
    }
    if (sites.size() < model.attention().found().size()) {
      throw new ModelException(
          model + " reads no mask, and none can be put in where its attention cannot be read");
    }
    Set<Integer> causal =
        CausalStreams.of(model, audit.findings(), outcome -> outcome == Outcome.PASS);
    try (MaskedModel twin = MaskedModel.of(model, sites, causal)) {
      Sides sides = new Sides(runner.of(twin::run), UnaryOperator.identity(), runner);
      return run(sides, batches, first, timing, thumb).ofTwin();
    }
  }

  private static MaskTrial run(
      Sides sides, TrialBatches batches, Batch first, Timing timing, Thumb thumb)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    int stream = timing.inputs.maskedStreams().stream().findFirst().orElse(0);
    Batch batch = first;
    while (batch != null && rows.size() < MOST_SAMPLES) {
      RunOutputs on = sides.on(batch);
      RunOutputs off = sides.off(batch);
      for (int row = 0; row < batch.rows(); row++) {
        rows.add(row(sides.unmasked, on, off, row, stream));
      }
      batch = batches.next();
    }
    return timed(sides, timing, first, rows, thumb);
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

  /** What timing needs beside the batches. */
  private record Timing(ModelInputs inputs, long padId, long seed) {}

  private static MaskTrial timed(
      Sides sides, Timing timing, Batch batch, List<Row> rows, Thumb thumb) throws ModelException {
    long seed = timing.seed;
    List<Batch> alone = new ArrayList<>();
    if (timing.inputs.fixedRows().orElse(1) == 1) {
      for (Sample sample : batch.samples()) {
        alone.add(Batch.of(timing.inputs, List.of(sample), timing.padId));
      }
    }
    double[][] times = new double[3][ROUNDS];
    OptionalLong memoryOn = OptionalLong.empty();
    OptionalLong memoryOff = OptionalLong.empty();
    for (int round = -2; round < ROUNDS; round++) { // the first two warm up
      double on = milliseconds(sides::on, List.of(batch));
      memoryOn = larger(memoryOn, ResidentMemory.bytes());
      double off = milliseconds(sides::off, List.of(batch));
      memoryOff = larger(memoryOff, ResidentMemory.bytes());
      double each = milliseconds(sides::on, alone);
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
        thumb,
        false);
  }

  private static OptionalLong larger(OptionalLong a, OptionalLong b) {
    return LongStream.concat(a.stream(), b.stream()).max();
  }

  /** Runs a batch. */
  private interface Run {
    RunOutputs of(Batch batch) throws ModelException;
  }

  private static double milliseconds(Run run, List<Batch> batches) throws ModelException {
    long started = System.nanoTime();
    for (Batch batch : batches) {
      run.of(batch);
    }
    return (System.nanoTime() - started) / 1e6;
  }

  private static Thumb thumb(AuditResult audit) {
    return new Thumb(norm(audit.paddingNorms()), audit.unmaskedWeight());
  }

  private static OptionalDouble norm(List<PaddingNorms> layers) {
    return layers.stream()
        .filter(layer -> layer.real() > 0)
        .mapToDouble(layer -> layer.padding() / layer.real())
        .max();
  }
}
