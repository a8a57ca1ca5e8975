package dev.sightline.data;

import dev.sightline.data.internal.axis.PastBits;
import dev.sightline.data.internal.axis.RawAxes;
import dev.sightline.data.internal.axis.RowLengths;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.Npz;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Safetensors;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples from a .npz or safetensors file whose tensors are named as the inputs of a model, each
 * with the samples on its first axis. Masks say which positions have tokens; what the tensors have
 * at the other positions is not kept.
 *
 * @param samples in the order of the file
 * @param madeUp names of the model's inputs that the file does not have
 */
public record SampleFile(List<Sample> samples, List<String> madeUp) {
  /** Copies the lists. */
  public SampleFile {
    samples = List.copyOf(samples);
    madeUp = List.copyOf(madeUp);
  }

  /**
   * Reads a file. Streams that it does not have are random; other inputs that it does not have are
   * left to the batch.
   *
   * @param model reads the samples
   * @param file a .npz or safetensors file
   * @param random draws the tokens of streams that the file does not have
   * @return the samples
   * @throws IOException if the file cannot be read, or does not fit the model
   */
  public static SampleFile read(Model model, Path file, RandomTokens random) throws IOException {
    Map<String, RawTensor> tensors = tensors(file);
    try {
      return of(model, tensors, random);
    } catch (IllegalArgumentException e) {
      throw new TensorFileException(
          "'" + file + "' does not fit " + model + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, RawTensor> tensors(Path file) throws IOException {
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    if (isZip(file)) {
      Npz npz = Npz.open(file);
      for (String name : npz.names()) {
        tensors.put(name, npz.read(name));
      }
    } else {
      Safetensors safetensors = Safetensors.open(file);
      for (String name : safetensors.names()) {
        tensors.put(name, safetensors.read(name));
      }
    }
    return tensors;
  }

  private static boolean isZip(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TensorFileException("there is no file '" + file + "'");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() == 'P' && in.read() == 'K';
    }
  }

  /**
   * Makes samples of tensors.
   *
   * @param model reads the samples
   * @param tensors by the name of the model's input, {@code [samples, ...]} each
   * @param random draws the tokens of streams that no tensor is for
   * @return the samples
   * @throws ModelException if tokens must be drawn, and neither a range nor the model tells which
   *     ids there are
   * @throws IllegalArgumentException if the tensors do not fit the model, or each other
   */
  public static SampleFile of(Model model, Map<String, RawTensor> tensors, RandomTokens random)
      throws ModelException {
    int count = check(model, tensors);
    List<List<Tokens>> tokens = new ArrayList<>();
    List<List<Optional<Sample.Placement>>> placements = new ArrayList<>();
    List<Map<String, RawTensor>> others = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      tokens.add(new ArrayList<>());
      placements.add(new ArrayList<>());
      others.add(new HashMap<>());
    }
    int[] widths = RandomSamples.widths(model);
    List<TensorSpec> besides = new ArrayList<>(model.roles().others());
    for (int s = 0; s < widths.length; s++) {
      TokenStream stream = model.roles().streams().get(s);
      Stream given = Stream.of(model, stream, tensors, widths[s]);
      for (int n = 0; n < count; n++) {
        List<Integer> positions = given.positions(n);
        placements.get(n).add(Optional.of(new Sample.Placement(positions, given.width)));
        tokens.get(n).add(given.tokens(n, positions, random));
        given.keepPast(n, others.get(n));
      }
      besides.addAll(tensorsOf(stream.isOfIds() ? null : stream.tokenTypes(), stream.positions()));
    }
    for (int n = 0; n < count; n++) {
      Rows row = new Rows(model.roles(), tensors, placements.get(n), n, count);
      for (TensorSpec input : besides) {
        RawTensor own = row.of(input);
        if (own != null) {
          others.get(n).put(input.name(), own);
        }
      }
    }
    List<Sample> samples = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      samples.add(
          new Sample(n + 1, "sample " + (n + 1), tokens.get(n), placements.get(n), others.get(n)));
    }
    return new SampleFile(
        samples,
        model.inputs().stream()
            .map(TensorSpec::name)
            .filter(n -> !tensors.containsKey(n))
            .toList());
  }

  private static List<TensorSpec> tensorsOf(@Nullable TensorSpec... specs) {
    return java.util.Arrays.stream(specs).filter(java.util.Objects::nonNull).toList();
  }

  private static RawTensor row(RawTensor tensor, int row) {
    Shape shape = tensor.shape();
    int[] dims = IntStream.range(1, shape.rank()).map(shape::dim).toArray();
    long bytes = tensor.elements().size() / shape.dim(0);
    return RawTensor.of(tensor.type(), Shape.of(dims), tensor.elements().slice(row * bytes, bytes));
  }

  /**
   * What a sample has of other tensors.
   *
   * @param places of the sample's tokens, stream by stream
   * @param count of all samples
   */
  private record Rows(
      ModelInputs inputs,
      Map<String, RawTensor> tensors,
      List<Optional<Sample.Placement>> places,
      int row,
      int count) {
    /**
     * The sample's row, without what is at padding; all of a tensor that has no rows; of a cache
     * whose heads are folded into its rows, {@code [B * H, P, D]}, all heads of the sample.
     */
    @Nullable RawTensor of(TensorSpec input) {
      RawTensor tensor = tensors.get(input.name());
      OptionalInt rowAxis = inputs.rowAxis(input);
      if (tensor == null) {
        return null;
      }
      if (rowAxis.isPresent() && tensor.shape().dim(rowAxis.getAsInt()) > count) {
        return RawAxes.part(tensor, rowAxis.getAsInt(), count, row);
      }
      RawTensor own = rowAxis.isPresent() ? RawAxes.slice(tensor, rowAxis.getAsInt(), row) : tensor;
      for (int s = 0; s < places.size(); s++) {
        Sample.Placement place = places.get(s).orElseThrow();
        int[] kept = place.positions().stream().mapToInt(Integer::intValue).toArray();
        for (int axis : inputs.tokenAxes(input, s)) {
          int axisOfRow = axis > rowAxis.orElse(Integer.MAX_VALUE) ? axis - 1 : axis;
          if (own.shape().dim(axisOfRow) == place.width()) {
            own = RawAxes.select(own, axisOfRow, kept);
          }
        }
      }
      return own;
    }
  }

  /** Checks names, ranks and lengths; returns the number of samples. */
  private static int check(Model model, Map<String, RawTensor> tensors) {
    Map<String, TensorSpec> inputs =
        model.inputs().stream().collect(Collectors.toMap(TensorSpec::name, input -> input));
    String counted = null;
    int count = 0;
    List<Map.Entry<String, RawTensor>> cachesLast = new ArrayList<>(tensors.entrySet());
    cachesLast.sort(Comparator.comparing(entry -> CachePair.isNamedCache(entry.getKey())));
    for (Map.Entry<String, RawTensor> entry : cachesLast) {
      String name = entry.getKey();
      Shape shape = entry.getValue().shape();
      TensorSpec input = inputs.get(name);
      if (input == null) {
        throw new IllegalArgumentException(
            "it has a tensor '" + name + "', but the model takes " + model.inputs());
      }
      if (shape.rank() != input.dims().size()) {
        throw wrong(name, shape, input, "other axes");
      }
      int rows = model.roles().rowAxis(input).orElse(-1);
      for (int a = 0; a < shape.rank(); a++) {
        if (input.isFixed(a)
            && !input.dims().get(a).equals(Integer.toString(shape.dim(a)))
            && a != rows) {
          throw wrong(name, shape, input, "another length on axis " + a);
        }
      }
      if (rows < 0) {
        continue;
      }
      boolean folded = counted != null && isFolded(model.roles(), input, shape.dim(rows), count);
      if (counted != null && shape.dim(rows) != count && !folded) {
        throw new IllegalArgumentException(
            "'"
                + counted
                + "' has "
                + count
                + " samples, but '"
                + name
                + "' has "
                + shape.dim(rows));
      }
      if (!folded) {
        counted = name;
        count = shape.dim(rows);
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "it has no sample; expected tensors named as the inputs " + model.inputs());
    }
    return count;
  }

  /** Whether an axis of rows has the heads of each row too. */
  private static boolean isFolded(ModelInputs inputs, TensorSpec input, int length, int count) {
    String axis = input.dims().get(inputs.rowAxis(input).orElse(0));
    return input.dims().size() == 3
        && inputs.streams().stream().noneMatch(s -> ModelInputs.rows(s).equals(axis))
        && CachePair.isNamedCache(input.name())
        && count > 0
        && length > count
        && length % count == 0;
  }

  /** Numbers of any type as whole ones, if that is what they are. */
  private static long[] whole(String name, RawTensor tensor) {
    if (!tensor.type().label().contains("float")) {
      return tensor.toLongs();
    }
    float[] values = tensor.toFloats().data();
    long[] whole = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      whole[i] = (long) values[i];
      if (whole[i] != values[i]) {
        throw new IllegalArgumentException(
            "'" + name + "' takes whole numbers, but the tensor " + tensor + " has " + values[i]);
      }
    }
    return whole;
  }

  private static IllegalArgumentException wrong(
      String name, Shape shape, TensorSpec input, String what) {
    return new IllegalArgumentException(
        "'" + name + "' is " + shape + ", but the model takes " + input + ": " + what);
  }

  /**
   * What a file says of one stream.
   *
   * @param content {@code [samples, ..., W, ...]}; null if the file does not have it
   * @param mask {@code [samples, P + W]}; null if the file does not have it
   * @param lengths {@code [samples]}; null if the file does not have them
   * @param types segment ids {@code [samples, W]}; null if the file does not have them
   * @param past the length P of a cache in the file, which the mask covers too
   */
  private record Stream(
      TokenStream stream,
      @Nullable RawTensor content,
      @Nullable RawTensor mask,
      @Nullable RawTensor lengths,
      @Nullable RawTensor types,
      int width,
      int past) {

    static Stream of(
        Model model, TokenStream stream, Map<String, RawTensor> tensors, int otherwise) {
      RawTensor content = rowsFirst(stream, stream.content(), tensors);
      RawTensor mask = rowsFirst(stream, stream.mask(), tensors);
      int width =
          content != null
              ? content.shape().dim(Math.max(1, stream.axis()))
              : mask != null ? mask.shape().dim(1) : otherwise;
      RawTensor lengths = stream.lengths() == null ? null : tensors.get(stream.lengths().name());
      RawTensor types = rowsFirst(stream, stream.tokenTypes(), tensors);
      int longer = mask == null ? 0 : mask.shape().dim(1) - width;
      int past = longer > 0 && hasCacheOf(longer, model, tensors) ? longer : 0;
      requireWidth(stream, width + past, "mask", mask);
      requireWidth(stream, width, "segment ids", types);
      return new Stream(stream, content, mask, lengths, types, width, past);
    }

    /** What the file has of an input, with its rows on the first axis; null for nothing. */
    private static @Nullable RawTensor rowsFirst(
        TokenStream stream, @Nullable TensorSpec input, Map<String, RawTensor> tensors) {
      RawTensor tensor = input == null ? null : tensors.get(input.name());
      return tensor != null && input != null && stream.isTokensFirst(input)
          ? RawAxes.swapped(tensor)
          : tensor;
    }

    /** Whether the file has a cache of this length. */
    private static boolean hasCacheOf(int past, Model model, Map<String, RawTensor> tensors) {
      for (TensorSpec input : model.roles().others()) {
        RawTensor tensor = CachePair.isNamedCache(input.name()) ? tensors.get(input.name()) : null;
        for (int a = 0; tensor != null && a < tensor.shape().rank(); a++) {
          if (!input.isFixed(a) && tensor.shape().dim(a) == past) {
            return true;
          }
        }
      }
      return false;
    }

    private boolean isReal(float[] bits, int position) {
      return (bits[position] != 0) != stream.paddingIsOne();
    }

    /** The part of the mask that is about the cache. */
    void keepPast(int sample, Map<String, RawTensor> others) {
      if (mask == null || stream.mask() == null || past == 0) {
        return;
      }
      float[] bits = row(mask, sample).toFloats().data();
      long[] real = IntStream.range(0, past).mapToLong(p -> isReal(bits, p) ? 1 : 0).toArray();
      others.put(PastBits.key(stream.mask()), PastBits.of(real));
    }

    private static void requireWidth(
        TokenStream stream, int width, String what, @Nullable RawTensor tensor) {
      if (tensor != null && tensor.shape().dim(1) != width) {
        throw new IllegalArgumentException(
            "'"
                + stream
                + "' has "
                + width
                + " tokens, but its "
                + what
                + " "
                + tensor.shape().dim(1));
      }
    }

    /** The positions that have tokens: all, if there is no mask. */
    List<Integer> positions(int sample) {
      if (mask == null) {
        return IntStream.range(0, length(sample)).boxed().toList();
      }
      float[] bits = row(mask, sample).toFloats().data();
      return IntStream.range(0, width).filter(s -> isReal(bits, past + s)).boxed().toList();
    }

    /** How many of the first positions have tokens. */
    private int length(int sample) {
      if (lengths == null || stream.lengths() == null) {
        return width;
      }
      long length = whole(stream.lengths().name(), row(lengths, sample))[0];
      length += RowLengths.fewer(stream.lengths());
      if (length < 0 || length > width) {
        throw new IllegalArgumentException(
            "'"
                + stream.lengths().name()
                + "' says that sample "
                + (sample + 1)
                + " has "
                + length
                + " tokens, but '"
                + stream
                + "' has "
                + width);
      }
      return (int) length;
    }

    Tokens tokens(int sample, List<Integer> positions, RandomTokens random) throws ModelException {
      Tokens tokens =
          content == null
              ? random.tokens(stream, positions.size())
              : stream.isOfIds()
                  ? TokenizedText.ofIds(at(positions, sample, content, "token ids"))
                  : vectors(content, sample, positions);
      return types != null && tokens instanceof TokenizedText text
          ? text.withTypes(at(positions, sample, types, "segment ids"))
          : tokens;
    }

    private long[] at(List<Integer> positions, int sample, RawTensor all, String what) {
      if (all.type() == ElementType.BOOL) {
        throw new IllegalArgumentException(
            "'" + stream + "' takes " + what + ", but the tensor is " + all);
      }
      long[] values = whole(stream.name(), row(all, sample));
      return positions.stream().mapToLong(position -> values[position]).toArray();
    }

    /** The vectors of some positions, on whatever axis they are counted. */
    private Vectors vectors(RawTensor all, int sample, List<Integer> positions) {
      int before = 1;
      for (int a = 1; a < stream.axis(); a++) {
        before *= all.shape().dim(a);
      }
      int after = 1;
      for (int a = Math.max(1, stream.axis()) + 1; a < all.shape().rank(); a++) {
        after *= all.shape().dim(a);
      }
      float[] from = row(all, sample).toFloats().data();
      float[] values = new float[positions.size() * before * after];
      int at = 0;
      for (int position : positions) {
        for (int o = 0; o < before; o++) {
          System.arraycopy(from, (o * width + position) * after, values, at, after);
          at += after;
        }
      }
      return Vectors.of(before * after, values);
    }
  }
}
