package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.axis.RawAxes;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Values for the inputs that are no tokens. What the samples do not give is made up so that it
 * changes nothing or as little as possible: caches are empty, masks over pairs allow everything,
 * switches are off, and vectors are random but the same for the same sample, alone or in any batch.
 */
final class OtherInputs {
  private final ModelInputs inputs;
  private final List<Sample> samples;
  private final List<StreamLayout> layouts;

  OtherInputs(ModelInputs inputs, List<Sample> samples, List<StreamLayout> layouts) {
    this.inputs = inputs;
    this.samples = samples;
    this.layouts = layouts;
  }

  /** Returns the values of an input, {@code [B, ...]}. */
  RawTensor of(TensorSpec input) {
    return samples.getFirst().others().containsKey(input.name())
        ? given(samples, input)
        : madeUp(input);
  }

  /** Returns the shape of {@link #of}. */
  Shape shape(TensorSpec input) {
    if (samples.getFirst().others().containsKey(input.name())) {
      return given(samples, input).shape();
    }
    int[] dims = new int[input.dims().size()];
    for (int a = 0; a < dims.length; a++) {
      dims[a] = length(input, a);
    }
    return Shape.of(dims);
  }

  /**
   * Returns the values that samples give for an input, along its axis of rows. What counts the
   * tokens of a stream is laid out as they are, with zeros at padding.
   *
   * @throws IllegalArgumentException if a sample has none, or values of another shape or type
   */
  private RawTensor given(List<Sample> samples, TensorSpec input) {
    OptionalInt rowAxis = inputs.rowAxis(input);
    List<RawTensor> rows = new ArrayList<>();
    for (int row = 0; row < samples.size(); row++) {
      RawTensor one = laidOut(row(samples.get(row), input.name()), input, row);
      if (!rows.isEmpty()
          && (!one.shape().equals(rows.getFirst().shape())
              || one.type() != rows.getFirst().type())) {
        throw new IllegalArgumentException(
            "'"
                + input.name()
                + "' is "
                + one
                + " in sample "
                + samples.get(row).number()
                + ", but "
                + rows.getFirst()
                + " in sample "
                + samples.getFirst().number());
      }
      rows.add(one);
    }
    if (rowAxis.isEmpty()) {
      return rows.getFirst();
    }
    RawTensor all = RawAxes.stack(rows, rowAxis.getAsInt());
    boolean folded = all.shape().rank() > input.dims().size();
    return folded ? RawAxes.merged(all, rowAxis.getAsInt()) : all;
  }

  private RawTensor laidOut(RawTensor values, TensorSpec input, int row) {
    RawTensor laidOut = values;
    int rowAxis = inputs.rowAxis(input).orElse(Integer.MAX_VALUE);
    for (int s = 0; s < layouts.size(); s++) {
      for (int axis : inputs.tokenAxes(input, s)) {
        int own = axis > rowAxis ? axis - 1 : axis;
        int[] positions = layouts.get(s).tokenPositions()[row];
        if (laidOut.shape().dim(own) == positions.length) {
          int[] tokens = new int[layouts.get(s).width()];
          Arrays.fill(tokens, -1);
          for (int t = 0; t < positions.length; t++) {
            tokens[positions[t]] = t;
          }
          laidOut = RawAxes.select(laidOut, own, tokens);
        }
      }
    }
    return laidOut;
  }

  private static RawTensor row(Sample sample, String input) {
    RawTensor row = sample.others().get(input);
    if (row == null) {
      throw new IllegalArgumentException(
          "sample " + sample.number() + " has no values for '" + input + "'");
    }
    return row;
  }

  private RawTensor madeUp(TensorSpec input) {
    Shape shape = shape(input);
    if (input.isFloat()) {
      float[] values = new float[shape.size()];
      if (!mentions(input, "mask")) {
        boolean byRow = inputs.rowAxis(input).orElse(-1) == 0;
        int perRow = byRow ? values.length / samples.size() : values.length;
        for (int i = 0; i < values.length; i++) {
          values[i] =
              byRow
                  ? uniform(samples.get(i / perRow).number(), input.name(), i % perRow)
                  : uniform(0, input.name(), i);
        }
      }
      return RawTensor.of(ElementType.FLOAT32, shape, TensorBytes.of(values));
    }
    long[] values = new long[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = whole(input, i);
    }
    placePositions(input, shape, values);
    return RawTensor.of(ElementType.INT64, shape, TensorBytes.of(values));
  }

  private int length(TensorSpec input, int axis) {
    if (input.fixed(axis).isPresent()) {
      return input.fixed(axis).getAsInt();
    }
    if (axis == inputs.rowAxis(input).orElse(-1)) {
      return samples.size();
    }
    String name = input.dims().get(axis);
    for (int s = 0; s < layouts.size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      if (!name.equals("?") && name.equals(stream.content().dims().get(stream.axis()))) {
        return layouts.get(s).width();
      }
    }
    for (int s = 0; s < layouts.size(); s++) {
      if (name.equals("?") && inputs.tokenAxes(input, s).contains(axis)) {
        return layouts.get(s).width();
      }
    }
    if (countsRows(name)) {
      return samples.size();
    }
    if (axis == 0) { // unless it is another axis that counts rows, as in a cache [P, B, H, D]
      boolean another =
          inputs.rowAxes().getOrDefault(input.name(), 0) > 0
              || input.dims().stream().anyMatch(this::countsRows);
      return isOfCache(input) && another ? 0 : samples.size();
    }
    if (isOfCache(input)) {
      return 0;
    }
    return mentions(input, "mask") && !layouts.isEmpty() ? layouts.getFirst().width() : 1;
  }

  /** Whether an axis has the name that the axis of rows has in the tokens, or says it itself. */
  private boolean countsRows(String axis) {
    boolean same = inputs.streams().stream().anyMatch(s -> ModelInputs.rows(s).equals(axis));
    return !axis.equals("?") && (same || axis.toLowerCase(Locale.ROOT).contains("batch"));
  }

  /** Positions of several kinds for each token, {@code [3, B, S]}, are those of the text alike. */
  private void placePositions(TensorSpec input, Shape shape, long[] values) {
    for (int s = 0; s < layouts.size() && mentions(input, "position"); s++) {
      List<Integer> axes = inputs.tokenAxes(input, s);
      int rows = inputs.rowAxis(input).orElse(-1);
      int last = shape.rank() - 1;
      if (axes.equals(List.of(last)) && rows == last - 1) {
        long[] own = layouts.get(s).positionIds();
        for (int i = 0; i < values.length; i++) {
          values[i] = own[i % own.length];
        }
      }
    }
  }

  private long whole(TensorSpec input, int index) {
    if (!layouts.isEmpty() && mentions(input, "total_sequence_length")) {
      return layouts.getFirst().width();
    }
    if (mentions(input, "mask")) {
      return mentions(input, "global") ? 0 : 1;
    }
    if (input.dims().size() == 1 && mentions(input, "position")) {
      return index;
    }
    boolean aSwitch = input.type() == ElementType.BOOL;
    return aSwitch || mentions(input, "logits") || isOfCache(input) ? 0 : 1;
  }

  /** Returns whether an input is for a cache, {@code [B, H, P, D]} or {@code [B, P, D]}. */
  static boolean isCache(TensorSpec input) {
    return input.isFloat() && input.dims().size() >= 3 && isOfCache(input);
  }

  /** Returns whether an input is for a cache or for a number about it, such as its length. */
  private static boolean isOfCache(TensorSpec input) {
    return mentions(input, "past") || mentions(input, "cache");
  }

  private static boolean mentions(TensorSpec input, String word) {
    return input.name().toLowerCase(Locale.ROOT).contains(word);
  }

  /** Returns a number from -1 to 1 that depends on these three alone (Murmur3's last mix). */
  private static float uniform(long sample, String input, int element) {
    int h = (int) sample * 0x9E3779B9 + input.hashCode() * 31 + element;
    h = (h ^ (h >>> 16)) * 0x85EBCA6B;
    h = (h ^ (h >>> 13)) * 0xC2B2AE35;
    h ^= h >>> 16;
    return h / (float) (1L << 31);
  }
}
