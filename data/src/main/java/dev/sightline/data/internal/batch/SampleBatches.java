package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Samples laid out in batches of the same widths, so that a token has the same number and a mask
 * the same size in all of them. Each batch is made when it is asked for.
 */
public final class SampleBatches {
  private static final int MAX_ROWS = 8;
  private static final long CELLS_IN_A_BATCH = 1L << 20;
  private static final long FLOATS_IN_AN_OUTPUT = 1L << 24;

  private final ModelInputs inputs;
  private final List<Sample> samples;
  private final long padId;
  private final List<String> caches;
  private final JointTokens joint;
  private final int rows;

  /**
   * Lays out samples.
   *
   * @param padId the token id of padding
   */
  public SampleBatches(Model model, List<Sample> samples, long padId) {
    this.inputs = model.roles();
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
    rows = inputs.fixedRows().orElse(Math.clamp(fitting, 1, MAX_ROWS));
  }

  /**
   * Some samples laid out.
   *
   * @param batch the samples
   * @param first index of the sample in the first row
   * @param rows the number of rows that are samples; where the file fixes the number of rows, the
   *     rows after them repeat the last one
   */
  public record Part(Batch batch, int first, int rows) {
    /** Returns whether a token of a row is not padding; a cache has none. */
    public boolean isReal(JointTokens joint, int row, int token) {
      int stream = joint.streamOf(token);
      return stream == JointTokens.PAST || batch.isReal(stream, row, joint.positionOf(token));
    }
  }

  private static Sample placed(Sample sample, List<Integer> widths) {
    List<Optional<Sample.Placement>> placements = new ArrayList<>();
    for (int s = 0; s < widths.size(); s++) {
      List<Integer> positions =
          sample
              .placements()
              .get(s)
              .map(Sample.Placement::positions)
              .orElse(IntStream.range(0, sample.length(s)).boxed().toList());
      placements.add(Optional.of(new Sample.Placement(positions, widths.get(s))));
    }
    return new Sample(
        sample.number(), sample.label(), sample.streams(), placements, sample.others());
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

  /** Returns the tokens of every row. */
  public JointTokens joint() {
    return joint;
  }

  /** Returns all samples, with a placement for each stream. */
  public List<Sample> samples() {
    return samples;
  }

  /** Returns the names of the inputs for a cache of earlier tokens. */
  public List<String> caches() {
    return caches;
  }

  /** Returns the token id of padding. */
  public long padId() {
    return padId;
  }

  /** Returns the number of rows in each batch; the last may have fewer. */
  public int rows() {
    return rows;
  }

  /** Returns the number of batches that the first samples are in. */
  public int count(int ofSamples) {
    return (Math.min(ofSamples, samples.size()) + rows - 1) / rows;
  }

  /** Returns a batch. */
  public Part part(int index) {
    int first = index * rows;
    int last = Math.min(first + rows, samples.size());
    List<Sample> chosen = new ArrayList<>(samples.subList(first, last));
    while (inputs.fixedRows().isPresent() && chosen.size() < rows) {
      chosen.add(chosen.getLast());
    }
    return new Part(Batch.of(inputs, chosen, padId), first, last - first);
  }

  /** What a batch feeds. */
  public Map<String, RawTensor> feed(Batch batch) {
    return batch.feed();
  }
}
