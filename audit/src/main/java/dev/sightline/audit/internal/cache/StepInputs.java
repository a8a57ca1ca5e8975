package dev.sightline.audit.internal.cache;

import dev.sightline.data.internal.axis.RowLengths;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of one run of a loop, cut out of those of the whole batch: ids and positions of the
 * new tokens, the mask over all tokens so far, and what counts them or says that there is a cache.
 */
final class StepInputs {
  private static final String UNNAMED = "?";

  private final ModelInputs inputs;
  private final int index;
  private final TokenStream stream;
  private final Set<String> caches;

  /**
   * Inputs of a stream.
   *
   * @param caches names of the inputs that the run before fills
   */
  StepInputs(ModelInputs inputs, int index, Set<String> caches) {
    this.inputs = inputs;
    this.index = index;
    this.stream = inputs.streams().get(index);
    this.caches = caches;
  }

  /** Returns what a model is fed for the positions {@code from} to before {@code to}. */
  Map<String, RawTensor> of(Batch full, Map<String, RawTensor> feed, int from, int to) {
    Map<String, RawTensor> given = new LinkedHashMap<>(feed);
    cut(given, stream.content(), stream.axis(), from, to);
    cut(given, stream.tokenTypes(), 1, from, to);
    cut(given, stream.positions(), 1, from, to);
    cut(given, stream.mask(), 1, 0, to);
    TensorSpec lengths = stream.lengths();
    if (lengths != null) {
      given.put(lengths.name(), lengths(lengths, full, to));
    }
    for (String cache : caches) { // nothing, or a state that is the same wherever it is
      RawTensor tensor = given.get(cache);
      if (tensor != null) {
        given.put(cache, zeros(tensor.shape()));
      }
    }
    for (TensorSpec other : inputs.others()) {
      if (!caches.contains(other.name())) {
        RawTensor counted = counted(other, full, from, to);
        if (counted != null) {
          given.put(other.name(), counted);
        } else {
          cutByName(given, other, full.width(index), from, to);
        }
      }
    }
    return given;
  }

  private static void cut(
      Map<String, RawTensor> given, @Nullable TensorSpec input, int axis, int from, int to) {
    RawTensor tensor = input == null ? null : given.get(input.name());
    if (input != null && tensor != null) {
      given.put(input.name(), Axes.slice(tensor, axis, from, to));
    }
  }

  /** Axes of the same name have the same length. */
  private void cutByName(
      Map<String, RawTensor> given, TensorSpec input, int width, int from, int to) {
    String tokens = stream.content().dims().get(stream.axis());
    String all = stream.mask() == null ? UNNAMED : stream.mask().dims().get(1);
    for (int a = 0; a < input.dims().size(); a++) {
      String name = input.dims().get(a);
      RawTensor tensor = given.get(input.name());
      if (tensor == null || name.equals(UNNAMED) || tensor.shape().dim(a) != width) {
        continue;
      }
      if (name.equals(tokens)) {
        cut(given, input, a, from, to);
      } else if (name.equals(all)) {
        cut(given, input, a, 0, to);
      }
    }
  }

  /** Numbers that follow from how many tokens there are; null if the input is no such number. */
  private @Nullable RawTensor counted(TensorSpec input, Batch full, int from, int to) {
    String name = input.name().toLowerCase(Locale.ROOT);
    if (input.type() == ElementType.BOOL) {
      boolean asks = name.contains("cache") || name.contains("past");
      return asks ? filled(input, full, from > 0 ? 1 : 0) : null;
    }
    if (!input.isInteger()) {
      return null;
    }
    if (name.contains("total") && name.contains("len")) {
      return filled(input, full, to);
    }
    if (name.contains("position") && input.dims().size() == 1) {
      long[] positions = new long[to - from];
      Arrays.setAll(positions, i -> from + i);
      return longs(positions, positions.length);
    }
    boolean ofPast = name.contains("past") || name.contains("cache");
    return ofPast && input.dims().size() < 2 ? filled(input, full, from) : null;
  }

  /** How many keys of each row are real so far, {@code [B]} or {@code [B, 1]}. */
  private RawTensor lengths(TensorSpec input, Batch full, int to) {
    long[] counts = new long[full.rows()];
    for (int row = 0; row < counts.length; row++) {
      counts[row] = -RowLengths.fewer(input);
      for (int position = 0; position < to; position++) {
        counts[row] += full.isReal(index, row, position) ? 1 : 0;
      }
    }
    return input.dims().size() == 2
        ? longs(counts, counts.length, 1)
        : longs(counts, counts.length);
  }

  private static RawTensor filled(TensorSpec input, Batch full, long value) {
    int[] dims = new int[input.dims().size()];
    for (int a = 0; a < dims.length; a++) {
      dims[a] = input.fixed(a).orElse(a == 0 ? full.rows() : 1);
    }
    long[] values = new long[Shape.of(dims).size()];
    Arrays.fill(values, value);
    return longs(values, dims);
  }

  private static RawTensor zeros(Shape shape) {
    return RawTensor.ofFloats(FloatTensor.of(shape, new float[shape.size()]), ElementType.FLOAT32);
  }

  private static RawTensor longs(long[] values, int... dims) {
    return RawTensor.of(ElementType.INT64, Shape.of(dims), TensorBytes.of(values));
  }
}
