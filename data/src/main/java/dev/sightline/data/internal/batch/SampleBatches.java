package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final List<TensorSpec> specs;
  private final List<Sample> samples;
  private final long padId;
  private final List<String> caches;
  private final JointTokens joint;
  private final int rows;

  public SampleBatches(Model model, List<Sample> samples, long padId) {
    this.inputs = model.roles();
    this.specs = model.inputs();
    this.padId = padId;
    Batch all = Batch.of(inputs, samples, padId);
    List<Integer> widths =
        IntStream.range(0, inputs.streams().size()).mapToObj(all::width).toList();
    this.samples = samples.stream().map(sample -> placed(sample, widths)).toList();
    caches = all.caches();
    joint = all.joint();
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
    for (TensorSpec input : specs) {
      if (batch.samples().getFirst().others().containsKey(input.name())) {
        feed.put(input.name(), OtherInputs.given(inputs, batch.samples(), input));
      }
    }
    return feed;
  }
}
