package dev.sightline.audit.internal.recover;

import dev.sightline.audit.internal.cache.CachedSteps;
import dev.sightline.audit.internal.probe.Runs;
import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The runs that tell masks apart: several lengths, alone and with padding on the right, on the left
 * and inside; token types and positions in several patterns where the model takes them; inputs that
 * mark keys or allow pairs, in a pattern that follows no other.
 */
final class MaskRuns {
  /** Lengths grow by about three fifths, so that windows and chunks of every size differ. */
  private static final int[] LENGTHS = {1, 2, 3, 5, 9, 16, 27, 48};

  /** The longest sample unless another length is asked for. */
  static final int LONGEST = 48;

  /** A shorter sample has no room for padding on three sides. */
  private static final int SHORTEST_PADDED = 4;

  private static final int SHORTEST_CACHED = 8;

  /** The longest lengths are run in steps. */
  private static final int CACHED_LENGTHS = 3;

  private static final float FILL = -10_000;

  private final Model model;
  private final ModelInputs inputs;
  private final RandomTokens tokens;
  private final long padId;
  private final List<MaskRun> runs = new ArrayList<>();

  MaskRuns(Model model, RandomTokens tokens, long padId) {
    this.model = model;
    this.inputs = model.roles();
    this.tokens = tokens;
    this.padId = padId;
  }

  /** The samples of a caller, laid out as they want. */
  static List<MaskRun> given(Model model, List<Sample> samples, long padId) {
    SampleBatches batches = new SampleBatches(model, samples, padId);
    List<MaskRun> runs = new ArrayList<>();
    for (int p = 0; p < batches.count(Integer.MAX_VALUE); p++) {
      SampleBatches.Part part = batches.part(p);
      runs.add(
          new MaskRun(
              part.batch(), batches.feed(part.batch()), part.rows(), isPadded(part.batch())));
    }
    return runs;
  }

  /** Which positions of a row hold tokens. */
  @FunctionalInterface
  private interface Layout {
    int[] of(int width);
  }

  /**
   * Runs of made-up samples.
   *
   * @param longest the longest sample
   * @param scale how many positions of an input are one of an attention
   * @throws ModelException if neither a range nor the model tells which ids there are
   */
  List<MaskRun> madeUp(int longest, int scale) throws ModelException {
    TreeSet<Integer> lengths = new TreeSet<>();
    IntStream.of(LENGTHS).filter(length -> length <= longest).forEach(lengths::add);
    lengths.add(longest);
    TreeSet<List<Integer>> widths = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    for (int length : lengths) {
      List<Integer> own = widths(length * scale);
      if (widths.add(own)) {
        addRuns(own);
      }
    }
    return runs;
  }

  /**
   * Steps over a cache, of one position and of four, with padding on the left in some rows.
   *
   * @param session of the model
   * @throws ModelException if the model refuses the steps
   */
  static List<MaskRun> steps(Model model, Runs session, List<MaskRun> runs) throws ModelException {
    List<MaskRun> alone = runs.stream().filter(run -> !run.padded() && run.rows() == 1).toList();
    List<MaskRun> steps = new ArrayList<>();
    if (alone.isEmpty()) {
      return steps;
    }
    CachedSteps cached = CachedSteps.of(model, session, alone.getLast().batch()).orElse(null);
    for (int n = 0; cached != null && n < alone.size(); n++) {
      Batch batch = alone.get(n).batch();
      int width = batch.width(cached.stream());
      if (width < SHORTEST_CACHED || n < alone.size() - CACHED_LENGTHS) {
        continue;
      }
      int room = SampleEncoder.maxTokens(model, cached.stream()) - width;
      boolean masked =
          model.roles().streams().get(cached.stream()).lengths() == null
              && model.roles().streams().get(cached.stream()).mask() != null;
      List<Batch> batches = new ArrayList<>(List.of(batch));
      if (masked && room >= 2) {
        batches.add(batch.withPadding(cached.stream(), Padding.LEFT, width + 2));
      }
      for (Batch each : batches) {
        int all = each.width(cached.stream());
        for (int from : new int[] {all - 1, all - 4}) {
          Map<String, RawTensor> feed = cached.feed(each, from, all);
          steps.add(
              new MaskRun(
                  each,
                  feed,
                  1,
                  isPadded(each),
                  Optional.of(new MaskRun.Step(cached.stream(), from, all))));
        }
      }
    }
    return steps;
  }

  /** Streams of free length get different ones, since lengths tell streams apart. */
  private List<Integer> widths(int length) {
    List<Integer> widths = new ArrayList<>();
    for (int s = 0; s < inputs.streams().size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      int most = SampleEncoder.maxTokens(model, s);
      widths.add(stream.fixedLength().orElse(Math.min(most, length + 2 * s)));
    }
    return widths;
  }

  private void addRuns(List<Integer> widths) throws ModelException {
    add(widths, List.of(MaskRuns::all), Variant.NONE);
    // A state of one position beside a text is never padded, and leaves the text its padding.
    int shortest =
        IntStream.range(0, widths.size())
            .filter(s -> isPadded(inputs.streams().get(s)))
            .map(widths::get)
            .min()
            .orElse(0);
    if (shortest < SHORTEST_PADDED) {
      return;
    }
    if (inputs.streams().stream().anyMatch(stream -> stream.lengths() != null)) {
      add(
          widths,
          List.of(
              w -> IntStream.range(0, w - third(w)).toArray(),
              w -> IntStream.range(0, Math.max(1, w / 2)).toArray(),
              w -> IntStream.range(0, w - 1).toArray()),
          Variant.NONE);
      return;
    }
    add(
        widths,
        List.of(
            w -> IntStream.range(0, w - third(w)).toArray(),
            w -> IntStream.range(third(w), w).toArray(),
            w -> IntStream.range(0, w).filter(t -> t < w / 3 || t >= w / 3 + third(w)).toArray(),
            w -> IntStream.range(0, w).filter(t -> t > 0 && t < w - third(w)).toArray()),
        Variant.NONE);
    List<Layout> four = List.of(MaskRuns::all, MaskRuns::all, MaskRuns::all, MaskRuns::all);
    if (inputs.streams().stream().anyMatch(stream -> stream.tokenTypes() != null)) {
      add(widths, four, Variant.TYPES);
    }
    if (inputs.streams().stream().anyMatch(stream -> stream.positions() != null)) {
      add(widths, four, Variant.POSITIONS);
    }
    if (inputs.others().stream().anyMatch(MaskRuns::isMask)) {
      add(widths, four, Variant.MASKS);
    }
  }

  private static int[] all(int width) {
    return IntStream.range(0, width).toArray();
  }

  private static int third(int width) {
    return Math.max(1, width / 3);
  }

  /** What is changed in the feed. */
  private enum Variant {
    NONE,
    TYPES,
    POSITIONS,
    MASKS
  }

  private void add(List<Integer> widths, List<Layout> places, Variant variant)
      throws ModelException {
    int most = inputs.fixedRows().orElse(places.size());
    for (int from = 0; from < places.size(); from += most) {
      List<Sample> samples = new ArrayList<>();
      int rows = Math.min(most, places.size() - from);
      for (int row = 0; row < most; row++) {
        samples.add(sample(widths, places.get(from + Math.min(row, rows - 1)), from + row + 1));
      }
      Batch batch = Batch.of(inputs, samples, padId);
      Map<String, RawTensor> feed = new LinkedHashMap<>(batch.feed());
      change(feed, variant, from);
      runs.add(new MaskRun(batch, feed, rows, isPadded(batch)));
    }
  }

  private Sample sample(List<Integer> widths, Layout layout, int number) throws ModelException {
    List<Tokens> streams = new ArrayList<>();
    List<int[]> positions = new ArrayList<>();
    for (int s = 0; s < widths.size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      int[] own = isPadded(stream) ? layout.of(widths.get(s)) : all(widths.get(s));
      positions.add(own);
      streams.add(tokens.tokens(stream, own.length));
    }
    Sample sample = new Sample(number, "random sample " + number, streams);
    for (int s = 0; s < widths.size(); s++) {
      List<Integer> own = IntStream.of(positions.get(s)).boxed().toList();
      sample = sample.withPlacement(s, new Sample.Placement(own, widths.get(s)));
    }
    return sample;
  }

  /** A stream without a mask is padded only where no other has one: its ids may tell padding. */
  private boolean isPadded(TokenStream stream) {
    return stream.marksPadding() || inputs.maskedStreams().isEmpty();
  }

  private static boolean isPadded(Batch batch) {
    for (int s = 0; s < batch.joint().streams(); s++) {
      for (int row = 0; row < batch.rows(); row++) {
        for (int position = 0; position < batch.width(s); position++) {
          if (!batch.isReal(s, row, position)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private void change(Map<String, RawTensor> feed, Variant variant, int firstRow) {
    for (TokenStream stream : inputs.streams()) {
      if (variant == Variant.TYPES) {
        replace(feed, stream.tokenTypes(), firstRow, MaskRuns::type);
      } else if (variant == Variant.POSITIONS) {
        replace(feed, stream.positions(), firstRow, MaskRuns::position);
      }
    }
    if (variant == Variant.MASKS) {
      for (TensorSpec other : inputs.others()) {
        if (isMask(other)) {
          boolean additive = other.isFloat() && other.dims().size() > 2;
          replace(feed, other, firstRow, (row, width, at) -> mark(row, at) ? 1 : 0, additive);
        }
      }
    }
  }

  /** Masks over pairs, and marks of keys. */
  static boolean isMask(TensorSpec input) {
    return input.dims().size() >= 2 && input.name().toLowerCase(Locale.ROOT).contains("mask");
  }

  /** A value by row, width of the last axis and place in the row. */
  @FunctionalInterface
  private interface Value {
    long of(int row, int width, int at);
  }

  /** A prefix of each type, and two spans of type 1. */
  private static long type(int row, int width, int at) {
    int quarter = Math.max(1, width / 4);
    return switch (row % 4) {
      case 0 -> at < width / 2 ? 0 : 1;
      case 1 -> at < quarter ? 1 : 0;
      case 2 -> (at / quarter) % 2;
      default -> at == width / 3 || at == width / 3 + 1 ? 1 : 0;
    };
  }

  /** Documents of several lengths. */
  private static long position(int row, int width, int at) {
    int first = Math.max(1, width * (row % 4 + 1) / 6);
    int second = Math.min(width, first + Math.max(1, width / 3));
    return at < first ? at : at < second ? at - first : at - second;
  }

  private static boolean mark(int row, int at) {
    return (at * 7 + row * 3 + at / 4) % 5 < 3;
  }

  private static void replace(
      Map<String, RawTensor> feed, @Nullable TensorSpec input, int firstRow, Value value) {
    if (input != null) {
      replace(feed, input, firstRow, value, false);
    }
  }

  private static void replace(
      Map<String, RawTensor> feed, TensorSpec input, int firstRow, Value value, boolean additive) {
    RawTensor was = feed.get(input.name());
    if (was == null || was.shape().rank() < 2) {
      return;
    }
    Shape shape = was.shape();
    int last = shape.dim(shape.rank() - 1);
    int size = shape.size();
    int perRow = shape.dim(0) == 0 ? 0 : size / shape.dim(0);
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      int inRow = i % perRow;
      boolean diagonal = shape.rank() > 2 && inRow % last == inRow / last % last;
      values[i] = diagonal ? 1 : value.of(firstRow + i / perRow + inRow / last, last, inRow % last);
    }
    if (additive) {
      float[] fills = new float[size];
      for (int i = 0; i < size; i++) {
        fills[i] = values[i] != 0 ? 0 : FILL;
      }
      feed.put(input.name(), RawTensor.of(ElementType.FLOAT32, shape, TensorBytes.of(fills)));
    } else {
      feed.put(input.name(), RawTensor.of(ElementType.INT64, shape, TensorBytes.of(values)));
    }
  }
}
