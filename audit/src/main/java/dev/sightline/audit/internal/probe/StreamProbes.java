package dev.sightline.audit.internal.probe;

import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What padding does in one stream that has a mask. The baseline is the batch padded on the right,
 * wide enough that every row has padding; each run changes one thing. What is kept between batches
 * is a handful of numbers.
 */
public final class StreamProbes {
  /** Padding besides the longest row, so that each row can tell. */
  public static final int SPARE = 4;

  /** Rows that are padded to many times their length, which costs as many times their time. */
  private static final int WIDE_ROWS = 2;

  private final Runner runner;
  private final RandomTokens draws;
  private final int index;
  private final TokenStream stream;
  private final int maxTokens;
  private final Consumer<String> notes;

  private final Map<Padding, Sided> sides = new EnumMap<>(Padding.class);
  public final OutputDelta length;
  public final OutputDelta lengthUnmasked;
  public final OutputDelta oneMaskedOut;
  public final OutputDelta otherPositions;
  public final PoolingGuess pooling;
  private int refusedWidth = Integer.MAX_VALUE;

  /**
   * What padding on one side does.
   *
   * @param content other tokens in the padding
   * @param contentUnmasked the same under a mask of ones
   * @param alone against the sample without padding
   * @param unmasked a mask of ones against the true one
   */
  public record Sided(
      OutputDelta content, OutputDelta contentUnmasked, OutputDelta alone, OutputDelta unmasked) {}

  public StreamProbes(
      Runner runner,
      RandomTokens draws,
      int index,
      TokenStream stream,
      int maxTokens,
      Consumer<String> notes) {
    this.runner = runner;
    this.draws = draws;
    this.index = index;
    this.stream = stream;
    this.maxTokens = maxTokens;
    this.notes = notes;
    for (Padding side : Padding.values()) {
      sides.put(side, new Sided(newDelta(), newDelta(), newDelta(), newDelta()));
    }
    length = newDelta();
    lengthUnmasked = newDelta();
    oneMaskedOut = newDelta();
    otherPositions = newDelta();
    pooling = new PoolingGuess(index, runner.outputs());
  }

  private OutputDelta newDelta() {
    return new OutputDelta(index, runner.outputs());
  }

  public TokenStream stream() {
    return stream;
  }

  public int index() {
    return index;
  }

  public Sided on(Padding side) {
    Sided sided = sides.get(side);
    if (sided == null) {
      throw new IllegalStateException("nothing was seen with padding " + side);
    }
    return sided;
  }

  /**
   * Probes a batch.
   *
   * @param base padded on the right
   * @param few some rows of it, for controls
   * @param alone each row by itself, with as little padding as the model allows
   * @param causal whether no token has noticed a later one so far, so that padding after a text can
   *     change none of them
   */
  public void probe(RunOutputs base, RunOutputs few, List<RunOutputs> alone, boolean causal)
      throws ModelException {
    Batch batch = base.batch();
    RunOutputs unmasked = probeSide(Padding.RIGHT, base, few, alone, causal);
    for (Padding side : besides()) {
      RunOutputs padded = runner.run(batch.withPadding(index, side, batch.width(index)));
      probeSide(side, padded, ControlRows.of(runner, padded), alone, false);
    }
    if (stream.fixedLength().isEmpty()) {
      probeLengths(base, unmasked, causal);
    }
    probeMaskBit(base);
    if (stream.positions() != null) {
      long[] positions = batch.positionIds(index);
      for (int i = 0; i < positions.length; i++) {
        positions[i] = positions[i] / 2; // within the model's table, unlike twice as much
      }
      otherPositions.compare(base, runner.run(batch.withPositionIds(index, positions)));
    }
  }

  /** Compares a batch that is padded on the right with its rows alone, and asks nothing else. */
  public void compareAlone(RunOutputs base, List<RunOutputs> alone) {
    for (int row = 0; row < alone.size(); row++) {
      on(Padding.RIGHT).alone.compare(alone.get(row), 0, base, row);
    }
  }

  /** Returns a run under a mask of ones: of a few rows, or of all where those show too little. */
  private RunOutputs probeSide(
      Padding side, RunOutputs padded, RunOutputs few, List<RunOutputs> alone, boolean causal)
      throws ModelException {
    Sided sided = on(side);
    Batch batch = padded.batch();
    pooling.see(side, padded);
    Batch other =
        batch.withDrawn(
            index,
            (row, position) -> !batch.isReal(index, row, position),
            draws.of(stream, batch.samples().getFirst()));
    sided.content.compare(padded, runner.run(other));
    for (int row = 0; row < alone.size(); row++) {
      sided.alone.compare(alone.get(row), 0, padded, row);
    }
    RunOutputs unmasked = unmask(side, few, other.rows(ControlRows.of(batch)));
    boolean shown = isClear(sided.unmasked) && isClear(sided.contentUnmasked);
    boolean all = few.batch().rows() == batch.rows();
    return all || shown || causal ? unmasked : unmask(side, padded, other);
  }

  /** Runs the controls of a side. */
  private RunOutputs unmask(Padding side, RunOutputs padded, Batch other) throws ModelException {
    RunOutputs unmasked = runner.run(padded.batch().withMaskOfOnes(index));
    on(side).unmasked.compare(padded, unmasked);
    if (side != Padding.INTERIOR) { // of two sides beside the text, one control is enough
      on(side).contentUnmasked.compare(unmasked, runner.run(other.withMaskOfOnes(index)));
    }
    return unmasked;
  }

  private boolean isClear(OutputDelta control) {
    return ControlRows.isClear(control, runner.epsilon());
  }

  private void probeLengths(RunOutputs base, RunOutputs unmasked, boolean causal)
      throws ModelException {
    int width = base.batch().width(index);
    for (int wider : new int[] {width + 1, width + 7, 64, 128}) {
      if (wider <= width || wider > maxTokens || wider >= refusedWidth) {
        continue;
      }
      try {
        Batch rows = wider > width + 7 ? base.batch().first(WIDE_ROWS) : base.batch();
        RunOutputs seen = runner.run(rows.withPadding(index, Padding.RIGHT, wider));
        for (int row = 0; row < rows.rows(); row++) {
          length.compare(base, row, seen, row);
        }
      } catch (ModelException e) {
        refusedWidth = wider; // the graph names no limit, but the model has one
        notes.accept("padding to " + wider + " tokens was left out: " + e.getMessage());
      }
    }
    if (width + 7 <= maxTokens && width + 7 < refusedWidth) {
      compareWiderUnmasked(unmasked, width + 7);
      boolean few = unmasked.batch().rows() < base.batch().rows();
      if (few && !causal && !isClear(lengthUnmasked)) {
        compareWiderUnmasked(runner.run(base.batch().withMaskOfOnes(index)), width + 7);
      }
    }
  }

  private void compareWiderUnmasked(RunOutputs unmasked, int width) throws ModelException {
    Batch wider = unmasked.batch().withPadding(index, Padding.RIGHT, width);
    lengthUnmasked.compare(unmasked, runner.run(wider.withMaskOfOnes(index)));
  }

  /** Masks out one token inside each text; the others must notice. */
  private void probeMaskBit(RunOutputs base) throws ModelException {
    Batch batch = base.batch();
    long[] mask = batch.mask(index);
    for (int row = 0; row < batch.rows(); row++) {
      Sample sample = batch.samples().get(row);
      mask[row * batch.width(index) + batch.position(index, row, maskedOut(sample))] = 0;
    }
    RunOutputs masked = runner.run(batch.withMask(index, mask));
    for (int row = 0; row < batch.rows(); row++) {
      Sample sample = batch.samples().get(row);
      if (sample.length(index) > 1) {
        int hidden = maskedOut(sample);
        oneMaskedOut.compare(base, row, masked, row, token -> token != hidden);
      }
    }
  }

  /** Lengths, which count from the start of a row, can only hide the last one. */
  private int maskedOut(Sample sample) {
    int last = sample.length(index) - 1;
    return stream.mask() == null ? last : last / 2;
  }

  /** Where padding can be other than after a text. */
  private List<Padding> besides() {
    return stream.lengths() == null ? List.of(Padding.LEFT, Padding.INTERIOR) : List.of();
  }
}
