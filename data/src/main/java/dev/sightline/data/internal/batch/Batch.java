package dev.sightline.data.internal.batch;

import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Samples laid out as a model is fed: each stream {@code [B, W]} slots, of which some hold tokens
 * and the rest padding. A batch is a value: its {@code with} methods return a changed copy. It
 * remembers which slots hold tokens when it is given a mask that claims otherwise.
 */
public final class Batch {
  private final ModelInputs inputs;
  private final List<Sample> samples;
  private final long padId;
  private final List<StreamLayout> lanes;

  private Batch(ModelInputs inputs, List<Sample> samples, long padId, List<StreamLayout> lanes) {
    this.inputs = inputs;
    this.samples = samples;
    this.padId = padId;
    this.lanes = lanes;
  }

  /** A choice of slots {@code [B, W]}. */
  @FunctionalInterface
  public interface Slots {
    boolean contains(int row, int slot);
  }

  /**
   * The samples one under another. Tokens stand where their sample wants them, else padding is
   * behind them, up to the longest or to the length that the model fixes.
   *
   * @param padId the token id of padding
   * @throws IllegalArgumentException if there is no sample, or one does not fit the model
   */
  public static Batch of(ModelInputs inputs, List<Sample> samples, long padId) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one sample");
    }
    List<StreamLayout> lanes = new ArrayList<>();
    Batch batch = new Batch(inputs, List.copyOf(samples), padId, lanes);
    for (int s = 0; s < inputs.streams().size(); s++) {
      lanes.add(batch.lane(s, batch.leastWidth(s), Optional.empty()));
    }
    return batch;
  }

  /** The width that all samples of a stream fit into where they want to stand. */
  public int leastWidth(int stream) {
    int least = 1;
    for (Sample sample : samples) {
      int own = sample.places().get(stream).map(Sample.Place::width).orElse(sample.length(stream));
      least = Math.max(least, own);
    }
    int fixed = inputs.streams().get(stream).fixedLength().orElse(0);
    if (fixed > 0 && least > fixed) {
      throw new IllegalArgumentException(
          least
              + " tokens do not fit into the "
              + fixed
              + " that '"
              + inputs.streams().get(stream)
              + "' has");
    }
    return Math.max(least, fixed);
  }

  /** Without a side, tokens stand where their sample wants them. */
  private StreamLayout lane(int stream, int width, Optional<Padding> side) {
    Tokens[] tokens = new Tokens[samples.size()];
    int[][] slots = new int[samples.size()][];
    for (int row = 0; row < tokens.length; row++) {
      Sample sample = samples.get(row);
      tokens[row] = sample.streams().get(stream);
      int length = tokens[row].length();
      if (length > width) {
        throw new IllegalArgumentException(
            "a text of " + length + " tokens does not fit into a batch of width " + width);
      }
      slots[row] = new int[length];
      for (int t = 0; t < length; t++) {
        int token = t;
        slots[row][t] =
            side.isEmpty()
                ? sample
                    .places()
                    .get(stream)
                    .map(place -> place.slots().get(token))
                    .orElse(Padding.RIGHT.slot(t, length, width))
                : side.get().slot(t, length, width);
      }
    }
    return StreamLayout.of(inputs.streams().get(stream), tokens, slots, width, padId);
  }

  public List<Sample> samples() {
    return samples;
  }

  public int rows() {
    return samples.size();
  }

  /** Slots in a row of a stream. */
  public int width(int stream) {
    return lanes.get(stream).width();
  }

  /** The slot in which a token of a row stands. */
  public int slot(int stream, int row, int token) {
    return lanes.get(stream).slots()[row][token];
  }

  /** For each slot of a row the number of its token, counted from 0; -1 for padding. */
  public int[] tokens(int stream, int row) {
    int[] tokens = new int[width(stream)];
    Arrays.fill(tokens, -1);
    for (int t = 0; t < samples.get(row).length(stream); t++) {
      tokens[slot(stream, row, t)] = t;
    }
    return tokens;
  }

  /** Whether a slot holds a token, whatever the mask claims. */
  public boolean isReal(int stream, int row, int slot) {
    return lanes.get(stream).real()[row * width(stream) + slot];
  }

  /** Whether a slot holds a token that is known to be special. */
  public boolean isSpecial(int stream, int row, int slot) {
    return lanes.get(stream).special()[row * width(stream) + slot];
  }

  /** The same tokens laid out anew, any other change to the stream undone. */
  public Batch withPadding(int stream, Padding side, int width) {
    return with(stream, lane(stream, width, Optional.of(side)));
  }

  /** Other tokens in some slots of a stream. */
  public Batch withDrawn(int stream, Slots where, RandomTokens.Draw draw) {
    return with(stream, lanes.get(stream).withDrawn(where, draw));
  }

  /** The same tokens under another mask, {@code [B, W]} in row-major order. */
  public Batch withMask(int stream, long[] mask) {
    return with(stream, lanes.get(stream).withMask(mask));
  }

  /** The same tokens, all slots claimed to be real. */
  public Batch withMaskOfOnes(int stream) {
    long[] ones = new long[lanes.get(stream).mask().length];
    Arrays.fill(ones, 1);
    return withMask(stream, ones);
  }

  /** The same tokens, all slots of all streams claimed to be real. */
  public Batch withMasksOfOnes() {
    Batch ones = this;
    for (int stream : inputs.maskedStreams()) {
      ones = ones.withMaskOfOnes(stream);
    }
    return ones;
  }

  /** The same tokens at other positions, {@code [B, W]} in row-major order. */
  public Batch withPositions(int stream, long[] positions) {
    return with(stream, lanes.get(stream).withPositions(positions));
  }

  private Batch with(int stream, StreamLayout lane) {
    List<StreamLayout> changed = new ArrayList<>(lanes);
    changed.set(stream, lane);
    return new Batch(inputs, samples, padId, changed);
  }

  /**
   * The first rows alone, laid out as if they were all; all of them where the model fixes their
   * number.
   */
  public Batch first(int rows) {
    return inputs.fixedRows().isPresent() || rows >= rows()
        ? this
        : of(inputs, samples.subList(0, rows), padId);
  }

  /** Returns a batch of two rows that both hold the first sample. */
  public Batch withRowTwice() {
    return of(inputs, List.of(samples.getFirst(), samples.getFirst()), padId);
  }

  /** The mask of a stream, {@code [B, W]} in row-major order, as a copy. */
  public long[] mask(int stream) {
    return lanes.get(stream).mask().clone();
  }

  /** The positions of a stream, {@code [B, W]} in row-major order, as a copy. */
  public long[] positions(int stream) {
    return lanes.get(stream).positions().clone();
  }

  /** The inputs that hold a cache of earlier tokens. */
  public List<String> caches() {
    return inputs.others().stream().filter(OtherInputs::isCache).map(TensorSpec::name).toList();
  }

  /** All tokens that a row is computed with: those of a cache, and the positions of each stream. */
  public JointTokens joint() {
    OtherInputs others = new OtherInputs(inputs, samples, lanes);
    List<Integer> lengths =
        inputs.others().stream()
            .filter(OtherInputs::isCache)
            .map(others::shape)
            .map(shape -> shape.dim(shape.rank() - 2))
            .distinct()
            .toList();
    return new JointTokens(
        inputs.streams().stream().map(TokenStream::name).toList(),
        lengths.size() == 1 ? lengths.getFirst() : 0,
        lanes.stream().map(StreamLayout::width).toList());
  }

  /** Every input of the model by name, {@code [B, ...]}. */
  public Map<String, RawTensor> feed() {
    Map<String, RawTensor> feed = new LinkedHashMap<>();
    lanes.forEach(lane -> lane.feed(feed));
    inputs.streams().forEach(stream -> PastMask.extend(feed, stream, samples));
    OtherInputs others = new OtherInputs(inputs, samples, lanes);
    inputs.others().forEach(input -> feed.put(input.name(), others.of(input)));
    return feed;
  }

  /** As in {@code [8, 34]}, widths of several streams joined by a plus sign. */
  @Override
  public String toString() {
    return "["
        + rows()
        + ", "
        + String.join("+", lanes.stream().map(lane -> Integer.toString(lane.width())).toList())
        + "]";
  }
}
