package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a model, and knows which of its outputs can be compared. */
public final class Runner {
  private final BatchRuns session;
  private final List<String> names;
  private final List<Output> outputs;
  private @Nullable Batch timed;
  private final List<Long> nanos = new ArrayList<>();

  /** Runs a model once. */
  @FunctionalInterface
  public interface BatchRuns {
    /** Returns float32 tensors by output name. */
    Map<String, FloatTensor> run(Batch batch, Collection<String> outputs) throws ModelException;
  }

  private Runner(BatchRuns session, List<String> names, List<Output> outputs) {
    this.session = session;
    this.names = names;
    this.outputs = outputs;
  }

  /**
   * Learns from a first run which outputs belong to which tokens.
   *
   * @param batch whose streams have different widths, as far as the model lets them
   * @param pooling how a reader makes an embedding of a text from outputs for its tokens
   * @param oneRow whether the model is to be fed one row at a time
   */
  public static Runner of(
      Model model, ModelSession session, Batch batch, Pooling pooling, boolean oneRow)
      throws ModelException {
    List<Output> outputs = OutputFinder.find(model, session::run, batch, pooling, oneRow);
    return new Runner(
        (each, names) -> session.run(each.feed(), names),
        outputs.stream().map(Output::name).toList(),
        outputs);
  }

  /** Returns a runner of a changed model that has the same outputs. */
  public Runner of(BatchRuns changed) {
    return new Runner(changed, names, outputs);
  }

  public List<Output> outputs() {
    return outputs;
  }

  public List<String> names() {
    return names;
  }

  public RunOutputs run(Batch batch) throws ModelException {
    long before = System.nanoTime();
    RunOutputs run = new RunOutputs(batch, session.run(batch, names));
    if (timed != null && isAsLarge(batch, timed)) {
      nanos.add(System.nanoTime() - before);
    }
    outputs.forEach(output -> learnFrames(output, run));
    return run;
  }

  /** From now on takes the time of runs that are as large as a batch. */
  public void timeRunsOf(Batch batch) {
    timed = batch;
    nanos.clear();
  }

  /** The median time of those runs, nanoseconds; empty if there was none. */
  public OptionalLong medianNanos() {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.isEmpty() ? OptionalLong.empty() : OptionalLong.of(sorted.get(sorted.size() / 2));
  }

  private static boolean isAsLarge(Batch one, Batch other) {
    boolean same = one.rows() == other.rows();
    for (int stream = 0; same && stream < one.joint().streams(); stream++) {
      same = one.width(stream) == other.width(stream);
    }
    return same;
  }

  private static void learnFrames(Output output, RunOutputs run) {
    if (output.isPerToken()
        && output.frames() != FrameCounts.ONE_PER_TOKEN
        && run.batch().rows() == 1) {
      int tokens = run.batch().samples().getFirst().length(output.stream());
      if (tokens == run.batch().width(output.stream())) {
        output.frames().learn(tokens, run.output(output.name()).shape().dim(output.axis()));
      }
    }
  }

  /** The coarsest rounding step at 1 of the outputs' types. */
  public double epsilon() {
    return outputs.stream().mapToDouble(output -> output.type().epsilon()).max().orElse(0);
  }
}
