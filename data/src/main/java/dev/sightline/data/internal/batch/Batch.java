package dev.sightline.data.internal.batch;

import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples laid out as a model is fed: each stream is {@code [B, W]} positions, of which some have
 * tokens and the rest padding. A batch is immutable: its {@code with} methods return a changed
 * copy. It knows which positions have tokens, whatever mask it is given.
 *
 * <p>A batch of {@link GivenInputs} is fed what its rows give; a changed copy is laid out anew.
 */
public final class Batch {
  private final ModelInputs inputs;
  private final List<Sample> samples;
  private final long padId;
  private final List<StreamLayout> layouts;

  /** What rows give for every input; empty where the layouts decide. */
  private final Map<String, RawTensor> given;

  private Batch(
      ModelInputs inputs,
      List<Sample> samples,
      long padId,
      List<StreamLayout> layouts,
      Map<String, RawTensor> given) {
    this.inputs = inputs;
    this.samples = samples;
    this.padId = padId;
    this.layouts = layouts;
    this.given = given;
  }

  /** A choice of positions {@code [B, W]}. */
  @FunctionalInterface
  public interface Selection {
    /** Returns whether a position of a row is chosen. */
    boolean contains(int row, int position);
  }

  /**
   * Lays out samples, one in each row. Tokens are at the positions of their sample's placement,
   * else padding comes after them, up to the longest sample or to the length that the model fixes.
   *
   * @param padId the token id of padding
   * @throws IllegalArgumentException if there is no sample, or one does not fit the model
   */
  public static Batch of(ModelInputs inputs, List<Sample> samples, long padId) {
    return of(inputs, samples, padId, Map.of());
  }

  /**
   * Puts rows together that give every input.
   *
   * @param samples the rows, as {@link GivenInputs#sample} returns them
   * @param values what each row gives
   * @throws IllegalArgumentException if their shapes differ
   */
  public static Batch ofGiven(
      Model model, List<Sample> samples, List<? extends Map<String, RawTensor>> values) {
    Map<String, RawTensor> given = new LinkedHashMap<>();
    for (TensorSpec input : model.inputs()) {
      given.put(input.name(), GivenInputs.stacked(model.roles(), input, values));
    }
    return of(model.roles(), samples, 0, given);
  }

  private static Batch of(
      ModelInputs inputs, List<Sample> samples, long padId, Map<String, RawTensor> given) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one sample");
    }
    List<StreamLayout> layouts = new ArrayList<>();
    Batch batch = new Batch(inputs, List.copyOf(samples), padId, layouts, given);
    for (int s = 0; s < inputs.streams().size(); s++) {
      layouts.add(batch.layout(s, batch.leastWidth(s), Optional.empty()));
    }
    return batch;
  }

  /** Returns the width that the placements and lengths of all samples of a stream fit into. */
  private int leastWidth(int stream) {
    int least = 1;
    for (Sample sample : samples) {
      int own =
          sample
              .placements()
              .get(stream)
              .map(Sample.Placement::width)
              .orElse(sample.length(stream));
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

  /** Lays out a stream; without a side, tokens are at the positions of their sample's placement. */
  private StreamLayout layout(int stream, int width, Optional<Padding> side) {
    Tokens[] tokens = new Tokens[samples.size()];
    int[][] positions = new int[samples.size()][];
    for (int row = 0; row < tokens.length; row++) {
      Sample sample = samples.get(row);
      tokens[row] = sample.streams().get(stream);
      int length = tokens[row].length();
      if (length > width) {
        throw new IllegalArgumentException(
            "a text of " + length + " tokens does not fit into a batch of width " + width);
      }
      positions[row] = new int[length];
      for (int t = 0; t < length; t++) {
        int token = t;
        positions[row][t] =
            side.isEmpty()
                ? sample
                    .placements()
                    .get(stream)
                    .map(placement -> placement.positions().get(token))
                    .orElse(Padding.RIGHT.position(t, length, width))
                : side.get().position(t, length, width);
      }
    }
    StreamLayout layout =
        StreamLayout.of(inputs.streams().get(stream), tokens, positions, width, padId);
    TokenStream of = inputs.streams().get(stream);
    return layout.withGiven(given(of.tokenTypes(), positions), given(of.positions(), positions));
  }

  /** What the samples say of each token; null where they do not. */
  private long @Nullable [][] given(@Nullable TensorSpec input, int[][] positions) {
    if (input == null) {
      return null;
    }
    long[][] values = new long[positions.length][];
    for (int row = 0; row < positions.length; row++) {
      RawTensor own = samples.get(row).others().get(input.name());
      if (own == null || own.shape().rank() != 1 || own.shape().dim(0) < positions[row].length) {
        return null;
      }
      values[row] = own.toLongs();
    }
    return values;
  }

  /** Returns whether rows give every input, and the batch is fed just that. */
  public boolean isGiven() {
    return !given.isEmpty();
  }

  /** Returns the sample of each row. */
  public List<Sample> samples() {
    return samples;
  }

  /** Returns the number of rows, B. */
  public int rows() {
    return samples.size();
  }

  /** Returns the number of positions in a row of a stream, W, padding included. */
  public int width(int stream) {
    return layouts.get(stream).width();
  }

  /** Returns the position of a token of a row. */
  public int position(int stream, int row, int token) {
    return layouts.get(stream).tokenPositions()[row][token];
  }

  /** Returns for each position of a row the number of its token, from 0; -1 for padding. */
  public int[] tokens(int stream, int row) {
    int[] tokens = new int[width(stream)];
    Arrays.fill(tokens, -1);
    for (int t = 0; t < samples.get(row).length(stream); t++) {
      tokens[position(stream, row, t)] = t;
    }
    return tokens;
  }

  /** Returns whether a position has a token, whatever the mask says. */
  public boolean isReal(int stream, int row, int position) {
    return layouts.get(stream).real()[row * width(stream) + position];
  }

  /** Returns whether a position has a token that is known to be special. */
  public boolean isSpecial(int stream, int row, int position) {
    return layouts.get(stream).special()[row * width(stream) + position];
  }

  /** Returns the samples with a stream laid out anew, any other change to the stream undone. */
  public Batch withPadding(int stream, Padding side, int width) {
    return with(stream, layout(stream, width, Optional.of(side)));
  }

  /** Returns a batch with other content at some positions of a stream, drawn in row-major order. */
  public Batch withDrawn(int stream, Selection where, RandomTokens.Draw draw) {
    return with(stream, layouts.get(stream).withDrawn(where, draw));
  }

  /** Returns the same tokens under another mask, {@code [B, W]} in row-major order. */
  public Batch withMask(int stream, long[] mask) {
    return with(stream, layouts.get(stream).withMask(mask));
  }

  /** Returns the same tokens under a mask of ones for a stream. */
  public Batch withMaskOfOnes(int stream) {
    long[] ones = new long[layouts.get(stream).mask().length];
    Arrays.fill(ones, 1);
    return withMask(stream, ones);
  }

  /** Returns the same tokens under masks of ones for all streams. */
  public Batch withMasksOfOnes() {
    Batch ones = this;
    for (int stream : inputs.maskedStreams()) {
      ones = ones.withMaskOfOnes(stream);
    }
    return ones;
  }

  /** Returns the same tokens with other position ids, {@code [B, W]} in row-major order. */
  public Batch withPositionIds(int stream, long[] positionIds) {
    return with(stream, layouts.get(stream).withPositionIds(positionIds));
  }

  private Batch with(int stream, StreamLayout layout) {
    List<StreamLayout> changed = new ArrayList<>(layouts);
    changed.set(stream, layout);
    return new Batch(inputs, samples, padId, changed, Map.of());
  }

  /**
   * Returns the first rows alone, laid out as if there were no others; all rows where the model
   * fixes their number.
   */
  public Batch first(int rows) {
    return inputs.fixedRows().isPresent() || rows >= rows()
        ? this
        : of(inputs, samples.subList(0, rows), padId);
  }

  /**
   * Returns some rows, each with all that it holds here, padding and width included; all rows where
   * the model fixes their number.
   *
   * @param chosen indexes of rows, in the order of the new batch
   */
  public Batch rows(int... chosen) {
    boolean all = Arrays.equals(chosen, IntStream.range(0, rows()).toArray());
    return all || inputs.fixedRows().isPresent()
        ? this
        : new Batch(
            inputs,
            IntStream.of(chosen).mapToObj(samples::get).toList(),
            padId,
            layouts.stream().map(layout -> layout.rows(chosen)).toList(),
            Map.of());
  }

  /** Returns a batch of two rows that both hold the first sample. */
  public Batch withRowTwice() {
    return of(inputs, List.of(samples.getFirst(), samples.getFirst()), padId);
  }

  /** Returns a copy of the mask of a stream, {@code [B, W]} in row-major order: 1 at tokens. */
  public long[] mask(int stream) {
    return layouts.get(stream).mask().clone();
  }

  /** Returns a copy of the position ids of a stream, {@code [B, W]} in row-major order. */
  public long[] positionIds(int stream) {
    return layouts.get(stream).positionIds().clone();
  }

  /** Returns the names of the inputs for a cache of earlier tokens. */
  public List<String> caches() {
    return inputs.others().stream().filter(OtherInputs::isCache).map(TensorSpec::name).toList();
  }

  /**
   * Returns all tokens that a row is computed with: those of a cache, then those of each stream.
   */
  public JointTokens joint() {
    OtherInputs others = new OtherInputs(inputs, samples, layouts);
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
        layouts.stream().map(StreamLayout::width).toList());
  }

  /** Returns every input of the model by name, {@code [B, ...]}. */
  public Map<String, RawTensor> feed() {
    if (!given.isEmpty()) {
      return given;
    }
    Map<String, RawTensor> feed = new LinkedHashMap<>();
    layouts.forEach(layout -> layout.feed(feed));
    inputs.streams().forEach(stream -> PastMask.extend(feed, stream, samples));
    OtherInputs others = new OtherInputs(inputs, samples, layouts);
    inputs.others().forEach(input -> feed.put(input.name(), others.of(input)));
    return feed;
  }

  /**
   * Returns the shape, such as {@code [8, 34]}; widths of several streams are joined by a plus
   * sign.
   */
  @Override
  public String toString() {
    return "["
        + rows()
        + ", "
        + String.join(
            "+", layouts.stream().map(layout -> Integer.toString(layout.width())).toList())
        + "]";
  }
}
