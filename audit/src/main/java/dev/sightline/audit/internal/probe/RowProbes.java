package dev.sightline.audit.internal.probe;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What the other rows of a batch do to a row, and what changes by rounding alone. */
public final class RowProbes {
  /** Fewest rows beside the sample when the noise floor is measured, and most. */
  private static final int MIN_NEIGHBOURS = 3;

  private static final int MAX_NEIGHBOURS = 32;

  /** From a sample to another whose made-up inputs are others. */
  private static final long OTHER = 1_000_003;

  private final Runner runner;
  private final RandomTokens draws;
  private final ModelInputs inputs;
  private final long padId;

  public final OutputDelta neighbour;
  public final OutputDelta batch;
  public final OutputDelta noise;

  /**
   * The node that refuses a batch of several rows, empty if unknown; null if the model takes one.
   */
  public final @Nullable String refusal;

  private final boolean oneRow;

  /** Whether the neighbours of the first batch have been probed. */
  private boolean checked;

  /** Probes of rows together. */
  public RowProbes(Runner runner, RandomTokens draws, ModelInputs inputs, long padId) {
    this(runner, draws, inputs, padId, new OutputDelta(0, runner.outputs()), false, null);
  }

  /** Probes that go on from a first check, with one row at a time if that says so. */
  public RowProbes(
      Runner runner, RandomTokens draws, ModelInputs inputs, long padId, RowCheck check) {
    this(runner, draws, inputs, padId, check.neighbour(), check.oneRow(), check.refusal());
    checked = true;
  }

  private RowProbes(
      Runner runner,
      RandomTokens draws,
      ModelInputs inputs,
      long padId,
      OutputDelta neighbour,
      boolean oneRow,
      @Nullable String refusal) {
    this.runner = runner;
    this.draws = draws;
    this.inputs = inputs;
    this.padId = padId;
    this.neighbour = neighbour;
    this.oneRow = oneRow;
    this.refusal = refusal;
    batch = new OutputDelta(0, runner.outputs());
    noise = new OutputDelta(0, runner.outputs());
  }

  /** Whether the model is fed one row at a time, since rows mix or it takes no more. */
  public boolean isOneRow() {
    return oneRow;
  }

  /**
   * Even rows stay while odd rows change, then the reverse: the shapes are those of the baseline.
   */
  public void probeNeighbours(RunOutputs base) throws ModelException {
    if (oneRow || checked) {
      checked = false;
      return;
    }
    if (base.batch().rows() < 2) {
      if (inputs.fixedRows().isEmpty()) {
        Sample sample = base.batch().samples().getFirst();
        RunOutputs beside = runner.run(Batch.of(inputs, List.of(sample, changed(sample)), padId));
        RunOutputs besideOther =
            runner.run(Batch.of(inputs, List.of(sample, changed(sample)), padId));
        neighbour.compare(beside, 0, besideOther, 0);
      }
      return;
    }
    for (int kept = 0; kept < 2; kept++) {
      Batch batch = inputs.streams().isEmpty() ? alternating(base, kept) : base.batch();
      int parity = kept;
      for (int s = 0; s < inputs.streams().size(); s++) {
        int stream = s;
        Batch now = batch;
        batch =
            batch.withDrawn(
                s,
                (row, position) -> row % 2 != parity && now.isReal(stream, row, position),
                draws.of(inputs.streams().get(s), batch.samples().getFirst()));
      }
      RunOutputs changed = runner.run(batch);
      for (int row = parity; row < batch.rows(); row += 2) {
        neighbour.compare(base, row, changed, row);
      }
    }
  }

  /** What is no token depends on the sample alone. */
  private Batch alternating(RunOutputs base, int parity) {
    List<Sample> rows = new ArrayList<>();
    for (int row = 0; row < base.batch().rows(); row++) {
      Sample sample = base.batch().samples().get(row);
      rows.add(row % 2 == parity ? sample : changed(sample));
    }
    return Batch.of(inputs, rows, padId);
  }

  /**
   * Each sample by itself against the same in the padded batch.
   *
   * @param noisy the rows that run beside full-length others too, for the noise floor
   */
  public List<RunOutputs> compareAlone(RunOutputs base, IntPredicate noisy) throws ModelException {
    List<RunOutputs> alone = new ArrayList<>();
    if (inputs.fixedRows().orElse(1) == 1) {
      for (int row = 0; row < base.batch().rows(); row++) {
        alone.add(compareAlone(base, row, noisy.test(row), batch, noise));
      }
    }
    return alone;
  }

  /**
   * One sample by itself against the same in the padded batch.
   *
   * @param withNoise whether to run it beside full-length others too, for the noise floor
   * @param inBatch told what the batch changes
   * @param besideOthers told what full-length others change
   * @return the run of the sample by itself
   */
  RunOutputs compareAlone(
      RunOutputs base, int row, boolean withNoise, OutputDelta inBatch, OutputDelta besideOthers)
      throws ModelException {
    Sample sample = base.batch().samples().get(row);
    RunOutputs seen = runner.run(Batches.unpadded(inputs, List.of(sample), padId));
    if (oneRow || inputs.fixedRows().isPresent()) {
      return seen;
    }
    inBatch.compare(seen, 0, base, row);
    if (withNoise) {
      // About as many other tokens as two rows of padding hold: beside "Hi", three rows of three
      // tokens showed only half of what an int8 model really changes.
      int neighbours =
          inputs.streams().isEmpty()
              ? MIN_NEIGHBOURS
              : Math.clamp(
                  2L * base.batch().width(0) / Math.max(1, sample.length(0)),
                  MIN_NEIGHBOURS,
                  MAX_NEIGHBOURS);
      List<Sample> rows = new ArrayList<>(List.of(sample));
      for (int n = 0; n < neighbours; n++) {
        rows.add(changed(sample));
      }
      besideOthers.compare(seen, 0, runner.run(Batches.unpadded(inputs, rows, padId)), 0);
    }
    return seen;
  }

  /** The sample with other tokens in the same places. */
  private Sample changed(Sample sample) {
    List<dev.sightline.onnx.Tokens> streams = new ArrayList<>();
    for (int s = 0; s < inputs.streams().size(); s++) {
      streams.add(draws.inside(inputs.streams().get(s), sample, sample.streams().get(s)));
    }
    boolean noTokens = streams.isEmpty();
    return new Sample(
        noTokens ? sample.number() + OTHER : sample.number(),
        sample.label(),
        streams,
        sample.placements(),
        noTokens ? Map.of() : sample.others());
  }
}
