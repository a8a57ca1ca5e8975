package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Samples laid out in batches of the same widths, so that a token has the same number and a mask
 * the same size in all of them. Each batch is made when it is asked for.
 */
public final class SampleBatches {
  static final int LARGEST = 8;
  private static final long CELLS_IN_A_BATCH = 1L << 20;
  private static final long FLOATS_IN_AN_OUTPUT = 1L << 24;

  private final ModelInputs inputs;
  private final List<Sample> samples;
  private final long padId;
  private final List<String> caches;
  private final JointTokens joint;
  private final int rows;

  public SampleBatches(Model model, List<Sample> samples, long padId) {
    this.inputs = model.roles();
    this.padId = padId;
    Batch all = Batch.of(inputs, samples, padId);
    List<Integer> widths =
        IntStream.range(0, inputs.streams().size()).mapToObj(all::width).toList();
    this.samples = samples.stream().map(sample -> placed(sample, widths)).toList();
    caches = inputs.others().stream().filter(SampleBatches::isCache).map(TensorSpec::name).toList();
    joint =
        new JointTokens(
            inputs.streams().stream().map(TokenStream::name).toList(), cachedSlots(), widths);
    long square = Math.max(1, (long) joint.size() * joint.size());
    long fitting =
        Math.min(
            CELLS_IN_A_BATCH / square,
            FLOATS_IN_AN_OUTPUT / (Math.max(1, joint.size()) * widestOutput(model)));
    rows = inputs.fixedRows().orElse(Math.clamp(fitting, 1, LARGEST));
  }

  /**
   * Some samples laid out.
   *
   * @param first index of the sample in the first row
   * @param rows how many rows are samples; behind them the last one is repeated where the file
   *     fixes the number of rows
   */
  public record Part(Batch batch, int first, int rows) {
    /** Whether a token of a row is no padding; a cache holds none that we know of. */
    public boolean isReal(JointTokens joint, int row, int token) {
      int stream = joint.streamOf(token);
      return stream == JointTokens.PAST || batch.isReal(stream, row, joint.slotOf(token));
    }
  }

  private static Sample placed(Sample sample, List<Integer> widths) {
    List<Optional<Sample.Place>> places = new ArrayList<>();
    for (int s = 0; s < widths.size(); s++) {
      List<Integer> slots =
          sample
              .places()
              .get(s)
              .map(Sample.Place::slots)
              .orElse(IntStream.range(0, sample.length(s)).boxed().toList());
      places.add(Optional.of(new Sample.Place(slots, widths.get(s))));
    }
    return new Sample(sample.number(), sample.label(), sample.streams(), places, sample.others());
  }

  static boolean isCache(TensorSpec input) {
    String name = input.name().toLowerCase(Locale.ROOT);
    return input.isFloat()
        && input.dims().size() >= 3
        && (name.contains("past") || name.contains("cache"));
  }

  /** Slots that all caches have; 0 if they are empty or differ. */
  private int cachedSlots() {
    Map<String, RawTensor> feed = feed(Batch.of(inputs, samples.subList(0, 1), padId));
    List<Integer> lengths =
        caches.stream().map(feed::get).map(c -> c == null ? 0 : slotsOf(c)).distinct().toList();
    return lengths.size() == 1 ? lengths.getFirst() : 0;
  }

  /** Of {@code [B, H, P, D]} or {@code [B, P, D]}. */
  private static int slotsOf(RawTensor cache) {
    return cache.shape().dim(cache.shape().rank() - 2);
  }

  private static long widestOutput(Model model) {
    long widest = 1;
    for (TensorSpec output : model.outputs()) {
      int last = output.dims().size() - 1;
      if (last > 0 && output.isFixed(last) && output.dims().get(last).length() < 10) {
        widest = Math.max(widest, Long.parseLong(output.dims().get(last)));
      }
    }
    return widest;
  }

  public JointTokens joint() {
    return joint;
  }

  public List<Sample> samples() {
    return samples;
  }

  /** The inputs that hold a cache of earlier tokens. */
  public List<String> caches() {
    return caches;
  }

  /** Returns the token id of padding. */
  public long padId() {
    return padId;
  }

  /** Rows in each batch. */
  public int rows() {
    return rows;
  }

  /** The batches of the first so many samples. */
  public int count(int ofSamples) {
    return (Math.min(ofSamples, samples.size()) + rows - 1) / rows;
  }

  public Part part(int index) {
    int first = index * rows;
    int last = Math.min(first + rows, samples.size());
    List<Sample> chosen = new ArrayList<>(samples.subList(first, last));
    while (inputs.fixedRows().isPresent() && chosen.size() < rows) {
      chosen.add(chosen.getLast());
    }
    return new Part(Batch.of(inputs, chosen, padId), first, last - first);
  }

  /** What a batch feeds, and what its samples say about inputs that a batch makes up by itself. */
  public Map<String, RawTensor> feed(Batch batch) {
    Map<String, RawTensor> feed = new LinkedHashMap<>(batch.feed());
    for (String name : batch.samples().getFirst().others().keySet()) {
      if (feed.containsKey(name)) {
        feed.put(name, stacked(name, batch.samples()));
      }
    }
    return feed;
  }

  private static RawTensor stacked(String name, List<Sample> samples) {
    List<RawTensor> parts = new ArrayList<>();
    for (Sample sample : samples) {
      RawTensor part = sample.others().get(name);
      if (part == null || (!parts.isEmpty() && !part.shape().equals(parts.getFirst().shape()))) {
        throw new IllegalArgumentException(
            "sample "
                + sample.number()
                + " has "
                + part
                + " for '"
                + name
                + "', unlike sample "
                + samples.getFirst().number());
      }
      parts.add(part);
    }
    RawTensor first = parts.getFirst();
    int[] dims = new int[first.shape().rank() + 1];
    dims[0] = parts.size();
    for (int a = 1; a < dims.length; a++) {
      dims[a] = first.shape().dim(a - 1);
    }
    long bytes = first.elements().byteSize();
    MemorySegment all = MemorySegment.ofArray(new byte[Math.toIntExact(bytes * parts.size())]);
    for (int row = 0; row < parts.size(); row++) {
      MemorySegment.copy(parts.get(row).elements(), 0, all, row * bytes, bytes);
    }
    return RawTensor.of(first.type(), Shape.of(dims), all);
  }
}
