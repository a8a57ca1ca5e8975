package dev.sightline.heads;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Measures every attention head of a model over a data file.
 *
 * <pre>{@code
 * HeadStatistics statistics =
 *     HeadRun.of(model).tokenizer(tokenizer).aggregation(TokenAggregation.LAST).run(data);
 * }</pre>
 *
 * <p>A run is immutable: each option returns another run. A run with a {@link #checkpoint} that is
 * killed and started again gives the same statistics, bit by bit, as one that was never stopped.
 */
public final class HeadRun {
  /** The seed of the bootstrap unless another is given. */
  public static final long DEFAULT_SEED = 20260724;

  private final Model model;
  private final HeadRunOptions options;

  private HeadRun(Model model, HeadRunOptions options) {
    this.model = model;
    this.options = options;
  }

  /** Receives the progress and the notes of a run, in the thread that runs it. */
  public interface Listener {
    /** A listener that ignores everything. */
    Listener NONE = new Listener() {};

    /**
     * Called after each batch.
     *
     * @param samples the number of samples measured so far, with those before a resumption
     * @param fraction the part of the file that is done, from 0 to 1
     */
    default void progress(long samples, double fraction) {}

    /**
     * Called with what the user should know, such as that a run continues from a checkpoint.
     *
     * @param note one sentence, without a full stop
     */
    default void note(String note) {}
  }

  /**
   * Returns a run with the defaults.
   *
   * @param model the model to measure
   * @return the run
   */
  public static HeadRun of(Model model) {
    return new HeadRun(model, new HeadRunOptions());
  }

  private HeadRun with(Consumer<HeadRunOptions> change) {
    HeadRunOptions changed = options.copy();
    change.accept(changed);
    return new HeadRun(model, changed);
  }

  /**
   * Returns a run that can read texts. Without a tokenizer the data must be token ids, and {@link
   * HeadMetric#SPECIAL} has no data.
   *
   * @param tokenizer the model's tokenizer; stays open
   * @return another run
   */
  public HeadRun tokenizer(Tokenizer tokenizer) {
    return with(o -> o.tokenizer = tokenizer);
  }

  /**
   * Returns a run that measures these metrics. The default is {@link HeadMetric#STANDARD}.
   *
   * @param metrics at least one
   * @return another run
   * @throws IllegalArgumentException if there is none
   */
  public HeadRun metrics(Set<HeadMetric> metrics) {
    if (metrics.isEmpty()) {
      throw new IllegalArgumentException("there must be a metric to measure");
    }
    Set<HeadMetric> copy = Collections.unmodifiableSet(EnumSet.copyOf(metrics));
    return with(o -> o.metrics = copy);
  }

  /**
   * Returns a run that reads a sample's value from these tokens. The default is {@link
   * TokenAggregation#MEAN}.
   *
   * @param aggregation how the values of a sample's tokens become one
   * @return another run
   */
  public HeadRun aggregation(TokenAggregation aggregation) {
    return with(o -> o.aggregation = aggregation);
  }

  /**
   * Returns a run that cuts texts. The default is the longest input of the model.
   *
   * @param maxTokens tokens of a text, special tokens included
   * @return another run
   */
  public HeadRun maxTokens(int maxTokens) {
    return with(o -> o.maxTokens = OptionalInt.of(maxTokens));
  }

  /**
   * Returns a run with another padding id. The default is the tokenizer's, else the id that the
   * graph compares its ids with, else 0.
   *
   * @param padId the token id of padding
   * @return another run
   */
  public HeadRun padId(long padId) {
    return with(o -> o.padId = OptionalLong.of(padId));
  }

  /**
   * Returns a run that takes the masks of the model in this polarity. The default is what the model
   * itself shows.
   *
   * @param polarity what 1 means in the mask inputs
   * @return another run
   */
  public HeadRun maskPolarity(MaskPolarity polarity) {
    return with(o -> o.polarity = Optional.of(polarity));
  }

  /**
   * Returns a run over a part of the rows. {@link HeadStatistics#merge} joins the parts.
   *
   * @param shard the part; the default is {@link Shard#WHOLE}
   * @return another run
   */
  public HeadRun shard(Shard shard) {
    return with(o -> o.shard = shard);
  }

  /**
   * Returns a run that fails at the first unusable row. The default skips and counts such rows.
   *
   * @param strict whether to fail
   * @return another run
   */
  public HeadRun strict(boolean strict) {
    return with(o -> o.strict = strict);
  }

  /**
   * Returns a run with another seed of the bootstrap, which gives the confidence intervals.
   *
   * @param seed the seed; only statistics of the same seed can be merged
   * @return another run
   */
  public HeadRun seed(long seed) {
    return with(o -> o.seed = seed);
  }

  /**
   * Returns a run that saves its state and continues from it. The file stays after the run, with
   * the final state, until the caller has saved the statistics and deletes it.
   *
   * @param checkpoint the file; it need not exist
   * @return another run
   */
  public HeadRun checkpoint(Path checkpoint) {
    return with(o -> o.checkpoint = checkpoint);
  }

  /**
   * Returns a run that reports its progress.
   *
   * @param listener receives progress and notes; it ends the run if it throws
   * @return another run
   */
  public HeadRun listener(Listener listener) {
    return with(o -> o.listener = listener);
  }

  /**
   * Measures a data file whose name tells its format.
   *
   * @param data the file, one sample a row
   * @return the statistics of all samples
   * @throws DataException if the file cannot be read, no row of it can be used, or the checkpoint
   *     is of another run
   * @throws ModelException if the model has no attention that can be measured, or has an input that
   *     no row can fill
   * @throws IOException if reading fails
   */
  public HeadStatistics run(Path data) throws IOException {
    return run(data, DataFormat.of(data));
  }

  /**
   * Measures a data file.
   *
   * @param data the file, one sample a row
   * @param format its format
   * @return the statistics of all samples
   * @throws DataException if the file cannot be read, no row of it can be used, or the checkpoint
   *     is of another run
   * @throws ModelException if the model has no attention that can be measured, or has an input that
   *     no row can fill
   * @throws IOException if reading fails
   */
  public HeadStatistics run(Path data, DataFormat format) throws IOException {
    return new DataFileRun(model, options).run(data, format);
  }

  /**
   * Returns what a run would start with, without measuring. Finished statistics with the same
   * provenance, shards and {@link HeadStatistics#inputs} are the result of this run.
   *
   * @param data the file, one sample a row
   * @param format its format
   * @return statistics of no sample
   * @throws DataException if the file cannot be read, or no row of it can be used
   * @throws ModelException as for {@link #run(Path, DataFormat)}
   * @throws IOException if reading fails
   */
  public HeadStatistics prepare(Path data, DataFormat format) throws IOException {
    return new DataFileRun(model, options).prepare(data, format);
  }
}
