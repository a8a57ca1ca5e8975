package dev.sightline.audit;

import dev.sightline.onnx.Batch;
import dev.sightline.onnx.ModelInputs;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.onnx.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What the mask is worth on these samples: the same padded batches under their true mask and under
 * one of all ones. It is no proof of anything; it says how much a mask that is missing, or was
 * never connected, costs here.
 *
 * @param rows for each sample, in the order of reading
 * @param difference largest difference of an output value, mean over samples
 * @param cosine cosine between the sample's vector under both masks, mean over samples
 * @param masked milliseconds of the first batch under its true mask, median
 * @param unmasked the same under a mask of all ones, in turn with the others
 * @param unpadded the same samples one by one without padding, in turn with the others; NaN where
 *     the model takes a fixed number of rows
 * @param memory largest resident memory of this process seen behind runs of either kind, bytes
 * @param thumb the rule of thumb, with what it goes by
 */
public record MaskTrial(
    List<Row> rows,
    Interval difference,
    Interval cosine,
    Interval masked,
    Interval unmasked,
    Interval unpadded,
    Memory memory,
    Thumb thumb) {
  private static final int MOST_SAMPLES = 1_000;
  private static final int ROUNDS = 20;

  public MaskTrial {
    rows = List.copyOf(rows);
  }

  /**
   * A sample.
   *
   * @param number counted from 1
   * @param label the text, or what stands for it
   * @param tokens real tokens
   * @param padding slots beside them in its batch
   * @param difference the largest difference of an output value between the two masks
   * @param cosine between its vectors under both; empty if they have no angle
   */
  public record Row(
      long number,
      String label,
      int tokens,
      int padding,
      double difference,
      OptionalDouble cosine) {}

  /** Resident memory in bytes; -1 where the system does not say. */
  public record Memory(long masked, long unmasked) {}

  /**
   * "Is a mask needed here", by the published rule of thumb: redundant where padding's vectors have
   * less than 0.01 of the length of real ones and get less than 0.001 of the attention; useful
   * above 0.1 and 0.01; undecided otherwise.
   *
   * @param norm padding's length relative to real tokens', the largest over layers; NaN if unknown
   * @param weight mean attention on padding under a mask of ones; NaN if unknown
   */
  public record Thumb(double norm, double weight) {
    static Thumb of(AuditResult audit) {
      double norm =
          audit.paddingNorms().stream()
              .mapToDouble(layer -> layer.padding() / layer.real())
              .max()
              .orElse(Double.NaN);
      return new Thumb(norm, audit.unmaskedWeight());
    }

    /** {@code redundant}, {@code useful}, {@code undecided} or {@code no data}. */
    public String says() {
      if (Double.isNaN(norm) || Double.isNaN(weight)) {
        return "no data";
      }
      if (norm < 0.01 && weight < 0.001) {
        return "redundant";
      }
      return norm > 0.1 && weight > 0.01 ? "useful" : "undecided";
    }
  }

  /**
   * Runs the trial.
   *
   * @param audit of the same model, for what is known of padding inside
   * @throws OnnxModelException if the model has no mask, or refuses the samples
   */
  public static MaskTrial run(
      OnnxModel model, SampleSource source, AuditOptions options, AuditResult audit)
      throws IOException {
    ModelInputs inputs = model.roles();
    List<Integer> masked = inputs.maskedStreams();
    if (masked.isEmpty()) {
      throw new OnnxModelException(model + " takes no mask, so there is nothing to compare");
    }
    Batches batches = new Batches(source, model, options.padId());
    List<Sample> samples = batches.next();
    if (samples.isEmpty()) {
      throw new OnnxModelException("there is no text to compare with; expected at least one");
    }
    try (OnnxSession session = model.open()) {
      Batch first = batches.baseline(samples);
      Runner runner = Runner.of(model, session, first);
      List<Row> rows = new ArrayList<>();
      while (!samples.isEmpty() && rows.size() < MOST_SAMPLES) {
        Batch batch = batches.baseline(samples);
        Seen on = runner.run(batch);
        Seen off = runner.run(batch.withMasksOfOnes());
        for (int row = 0; row < samples.size(); row++) {
          rows.add(row(runner, on, off, row, masked.getFirst()));
        }
        samples = batches.next();
      }
      return timed(runner, inputs, options, first, rows, Thumb.of(audit));
    }
  }

  private static Row row(Runner runner, Seen on, Seen off, int row, int stream) {
    Moved moved = new Moved(stream, runner.outputs());
    moved.compare(on, row, off, row);
    Sample sample = on.batch().samples().get(row);
    return new Row(
        sample.number(),
        sample.label(),
        sample.length(stream),
        on.batch().width(stream) - sample.length(stream),
        moved.largest(),
        moved.whole.compared() > 0 ? moved.whole.cosine() : moved.atTokens().cosine());
  }

  private static MaskTrial timed(
      Runner runner,
      ModelInputs inputs,
      AuditOptions options,
      Batch batch,
      List<Row> rows,
      Thumb thumb)
      throws OnnxModelException {
    Batch ones = batch.withMasksOfOnes();
    List<Batch> alone = new ArrayList<>();
    if (inputs.fixedRows().orElse(1) == 1) {
      for (Sample sample : batch.samples()) {
        alone.add(Batch.of(inputs, List.of(sample), options.padId()));
      }
    }
    double[][] times = new double[3][ROUNDS];
    long[] memory = {-1, -1};
    for (int round = -2; round < ROUNDS; round++) { // the first two warm up
      double on = milliseconds(runner, List.of(batch));
      memory[0] = Math.max(memory[0], ResidentMemory.bytes());
      double off = milliseconds(runner, List.of(ones));
      memory[1] = Math.max(memory[1], ResidentMemory.bytes());
      double each = alone.isEmpty() ? Double.NaN : milliseconds(runner, alone);
      if (round >= 0) {
        times[0][round] = on;
        times[1][round] = off;
        times[2][round] = each;
      }
    }
    double[] differences = rows.stream().mapToDouble(Row::difference).toArray();
    double[] cosines = rows.stream().mapToDouble(row -> row.cosine().orElse(1)).toArray();
    return new MaskTrial(
        rows,
        Interval.ofMean(differences, options.seed()),
        Interval.ofMean(cosines, options.seed()),
        Interval.ofMedian(times[0], options.seed()),
        Interval.ofMedian(times[1], options.seed()),
        Interval.ofMedian(times[2], options.seed()),
        new Memory(memory[0], memory[1]),
        thumb);
  }

  private static double milliseconds(Runner runner, List<Batch> batches) throws OnnxModelException {
    long started = System.nanoTime();
    for (Batch batch : batches) {
      runner.run(batch);
    }
    return (System.nanoTime() - started) / 1e6;
  }
}
