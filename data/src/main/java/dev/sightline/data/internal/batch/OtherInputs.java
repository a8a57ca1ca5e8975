package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
        ? given(inputs, samples, input)
        : madeUp(input);
  }

  /** Returns the shape of {@link #of}. */
  Shape shape(TensorSpec input) {
    RawTensor given = samples.getFirst().others().get(input.name());
    if (given != null) {
      return SampleRows.shape(given.shape(), input, SampleRows.axis(inputs, input), samples.size());
    }
    int[] dims = new int[input.dims().size()];
    for (int a = 0; a < dims.length; a++) {
      dims[a] = length(input, a);
    }
    return Shape.of(dims);
  }

  /**
   * Returns the values that samples give for an input, laid out as the input has them.
   *
   * @throws IllegalArgumentException if a sample has none, or values of another shape or type
   */
  static RawTensor given(ModelInputs inputs, List<Sample> samples, TensorSpec input) {
    RawTensor first = row(samples.getFirst(), input.name());
    List<RawTensor> rows = new ArrayList<>();
    for (Sample sample : samples) {
      RawTensor one = row(sample, input.name());
      if (!one.shape().equals(first.shape()) || one.type() != first.type()) {
        throw new IllegalArgumentException(
            "'"
                + input.name()
                + "' is "
                + one
                + " in sample "
                + sample.number()
                + ", but "
                + first
                + " in sample "
                + samples.getFirst().number());
      }
      rows.add(one);
    }
    return SampleRows.joined(rows, input, SampleRows.axis(inputs, input));
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
        boolean byRow = shape.rank() > 0 && shape.dim(0) == samples.size();
        int perRow = byRow ? values.length / samples.size() : values.length;
        for (int i = 0; i < values.length; i++) {
          values[i] =
              byRow
                  ? uniform(samples.get(i / perRow).number(), input.name(), i % perRow)
                  : uniform(0, input.name(), i);
        }
      }
      return RawTensor.of(ElementType.FLOAT32, shape, MemorySegment.ofArray(values));
    }
    long[] values = new long[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = whole(input, i);
    }
    return RawTensor.of(ElementType.INT64, shape, MemorySegment.ofArray(values));
  }

  private int length(TensorSpec input, int axis) {
    if (input.fixed(axis).isPresent()) {
      return input.fixed(axis).getAsInt();
    }
    String name = input.dims().get(axis);
    for (int s = 0; s < layouts.size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      if (!name.equals("?") && name.equals(stream.content().dims().get(stream.axis()))) {
        return layouts.get(s).width();
      }
    }
    if (countsRows(name)) {
      return samples.size();
    }
    if (axis == 0) { // unless it is another axis that counts rows, as in a cache [P, B, H, D]
      boolean another = isOfCache(input) && input.dims().stream().anyMatch(this::countsRows);
      return another ? 0 : samples.size();
    }
    if (isOfCache(input)) {
      return 0;
    }
    return mentions(input, "mask") && !layouts.isEmpty() ? layouts.getFirst().width() : 1;
  }

  private boolean countsRows(String axis) {
    return SampleRows.isNamedSo(inputs, axis);
  }

  private long whole(TensorSpec input, int index) {
    if (!layouts.isEmpty() && mentions(input, "seqlens_k")) {
      return layouts.getFirst().real(index) - 1L; // the index of the last key
    }
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
