package dev.sightline.heads.internal.run;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.GivenInputs;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Measures chunks of rows, in batches of samples of like lengths. Owned by one thread. */
public final class ChunkMeter {
  private final Model model;
  private final boolean alone;
  private final HeadMeter meter;
  private final Sample text;
  private final long padId;
  private final Listener listener;
  private @Nullable String shift;

  /** Receives the progress and the notes of a run. */
  public interface Listener {
    /**
     * Called after each batch.
     *
     * @param samples measured so far, with those before the chunk
     * @param fraction the part of the data that is done, from 0 to 1
     */
    void progress(long samples, double fraction);

    /** Called with one sentence, without a full stop. */
    void note(String note);
  }

  /**
   * A meter of chunks.
   *
   * @param meter runs the model; stays open
   * @param text a usable row of the data
   */
  public ChunkMeter(Model model, HeadMeter meter, Sample text, long padId, Listener listener)
      throws ModelException {
    this.model = model;
    this.alone = GivenInputs.areAlone(model.roles(), model.inputs());
    this.meter = meter;
    this.text = text;
    this.padId = padId;
    this.listener = listener;
  }

  /**
   * A chunk and its values, which enter statistics together.
   *
   * @param values of the chunk's samples, in the order of the data
   * @param shift the remark on samples with padding before their tokens; may be empty
   */
  public record Measured(SampleChunk chunk, List<SampleValues> values, String shift) {
    public Measured {
      values = List.copyOf(values);
    }

    public void addTo(HeadStatistics statistics) {
      statistics.addAll(values);
      for (HeadSample sample : chunk.samples()) {
        if (!shift.isEmpty() && isMoved(sample)) {
          statistics.remark(sample.name(), shift);
        }
        sample.remarks().forEach(remark -> statistics.remark(sample.name(), remark));
      }
      chunk.passed().forEach(row -> statistics.skip(row.name(), row.reason()));
    }
  }

  /**
   * Runs the model on a chunk.
   *
   * @param before the number of samples before it
   */
  public Measured measure(SampleChunk chunk, long before) throws ModelException {
    SampleValues[] values = new SampleValues[chunk.samples().size()];
    int most = BatchSize.DEFAULT.rows();
    BatchSize size =
        new BatchSize(
            Math.min(most, model.roles().fixedRows().orElse(most)), BatchSize.DEFAULT.positions());
    int done = 0;
    for (List<Integer> indices : chunk.batches(model, size, alone)) {
      List<HeadSample> samples = indices.stream().map(chunk.samples()::get).toList();
      List<SampleValues> measured = measured(samples);
      for (int i = 0; i < measured.size(); i++) {
        values[indices.get(i)] = measured.get(i);
      }
      done += samples.size();
      listener.progress(before + done, chunk.fraction(done));
    }
    boolean moved = chunk.samples().stream().anyMatch(ChunkMeter::isMoved);
    return new Measured(chunk, List.of(values), moved ? shift() : "");
  }

  private List<SampleValues> measured(List<HeadSample> samples) throws ModelException {
    try {
      return meter.measure(TrialBatch.batch(model, samples, padId), samples);
    } catch (ModelException e) {
      HeadSample first = samples.getFirst();
      if (!first.isGiven()) {
        throw e;
      }
      throw new ModelException(
          first.name()
              + (samples.size() == 1 ? "" : " and " + (samples.size() - 1) + " more rows like it")
              + ", of shapes "
              + first.shapes()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Whether there is padding before or between the tokens of a row. */
  private static boolean isMoved(HeadSample sample) {
    // A row that gives every input gives positions too, or the model has none of its own.
    return !sample.isGiven()
        && sample
            .sample()
            .placements()
            .getFirst()
            .map(Sample.Placement::positions)
            .filter(at -> !at.isEmpty() && at.getLast() != at.size() - 1)
            .isPresent();
  }

  /** The remark on rows with padding before their tokens, measured once. */
  private String shift() throws ModelException {
    String known = shift;
    if (known == null) {
      known = PositionShift.remark(model, meter, text, padId);
      shift = known;
      if (!known.isEmpty()) {
        listener.note("in some rows " + known);
      }
    }
    return known;
  }
}
