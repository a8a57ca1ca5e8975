package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Compares samples alone against in a batch, one by one, as an audit does with those that it does
 * not ask everything of. Owned by one thread; several may share a session.
 */
public final class RowComparison {
  private final Model model;
  private final Runner runner;
  private final RowCheck check;
  private final RandomTokens draws;
  private final long padId;

  private RowComparison(
      Model model, Runner runner, RowCheck check, RandomTokens draws, long padId) {
    this.model = model;
    this.runner = runner;
    this.check = check;
    this.draws = draws;
    this.padId = padId;
  }

  /**
   * What a batch changes in one sample.
   *
   * @param compared how many vectors were compared; none if the model takes one row at a time
   * @param difference the largest absolute difference of an output value; NaN if one is not finite
   * @param cosine the lowest cosine of its embeddings; empty if there is none
   * @param noise what full-length others change; 0 unless the model quantises at run time
   * @param magnitude the largest output value that the noise was measured at
   */
  public record RowDifference(
      long compared, double difference, OptionalDouble cosine, double noise, double magnitude) {}

  /**
   * A comparison that knows the model's outputs from a few samples.
   *
   * @param first the first samples of the data set, the same ones wherever it is compared
   * @param most how many of them an audit probes
   * @throws ModelException if the model refuses them
   */
  public static RowComparison of(
      Model model,
      ModelSession session,
      List<Sample> first,
      int most,
      RandomTokens draws,
      Pooling pooling,
      long padId)
      throws IOException {
    Batches batches = new Batches(first.iterator(), model, padId);
    List<Sample> probed = batches.next(most);
    RowCheck check = RowCheck.of(model, session, batches.baseline(probed), draws, pooling, padId);
    if (check.oneRow()) {
      batches.oneRow(probed);
      probed = batches.next(1);
    }
    Runner runner = Runner.of(model, session, batches.baseline(probed), pooling, check.oneRow());
    return new RowComparison(model, runner, check, draws, padId);
  }

  /** Returns the batches in which samples are compared. */
  public Batches batches(Iterator<Sample> samples) {
    return new Batches(samples, model, padId);
  }

  /**
   * Compares the samples of a batch.
   *
   * @param batches whose batch it is
   * @throws ModelException if the model refuses the batch, or one of them alone
   */
  public List<RowDifference> compare(Batches batches, List<Sample> batch) throws ModelException {
    boolean isAsked = !check.oneRow() && model.roles().fixedRows().isEmpty();
    if (!isAsked) {
      RowDifference none = new RowDifference(0, 0, OptionalDouble.empty(), 0, 0);
      return batch.stream().map(sample -> none).toList();
    }
    RunOutputs base = runner.run(batches.baseline(batch));
    RowProbes probes = new RowProbes(runner, draws, model.roles(), padId, check);
    List<RowDifference> differences = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      OutputDelta inBatch = new OutputDelta(0, runner.outputs());
      OutputDelta noise = new OutputDelta(0, runner.outputs());
      probes.compareAlone(base, row, model.quantizesDynamically(), inBatch, noise);
      Difference worst = inBatch.worst();
      differences.add(
          new RowDifference(
              worst.compared(),
              worst.largest(),
              worst.cosine(),
              noise.largest(),
              noise.magnitude()));
    }
    return differences;
  }
}
