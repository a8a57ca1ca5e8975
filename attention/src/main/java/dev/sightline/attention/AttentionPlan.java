package dev.sightline.attention;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.plan.Call;
import dev.sightline.attention.internal.plan.Elements;
import dev.sightline.attention.internal.plan.Engine;
import dev.sightline.attention.internal.plan.GradientCall;
import dev.sightline.attention.internal.plan.GradientEngine;
import dev.sightline.attention.internal.plan.Problem;
import dev.sightline.attention.internal.plan.Sequence;
import dev.sightline.attention.internal.plan.WorkerThreads;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Attention of certain sizes, its mask compiled: made once by {@link Attention#plan} and run as
 * often as needed.
 *
 * <p>A plan holds its working memory, so a run allocates nothing. It is for one run at a time; a
 * second one at the same time is refused. Give each thread its own plan.
 */
public final class AttentionPlan implements AutoCloseable {
  private final AttentionShape shape;
  private final boolean packed;
  private final Engine engine;

  /** Makes the working memory of the backward pass, which most plans do not need. */
  private final Supplier<GradientEngine> newGradientEngine;

  private final boolean sinks;
  private final WorkerThreads threads;
  private final boolean ownsThreads;
  private @Nullable GradientEngine gradientEngine;
  private volatile boolean closed;

  private AttentionPlan(
      AttentionShape shape,
      boolean packed,
      Engine engine,
      Supplier<GradientEngine> newGradientEngine,
      boolean sinks,
      WorkerThreads threads,
      boolean ownsThreads) {
    this.shape = shape;
    this.packed = packed;
    this.engine = engine;
    this.newGradientEngine = newGradientEngine;
    this.sinks = sinks;
    this.threads = threads;
    this.ownsThreads = ownsThreads;
  }

  static AttentionPlan of(
      AttentionShape shape,
      Kernel kernel,
      Problem problem,
      List<Sequence> sequences,
      boolean packed,
      WorkerThreads threads,
      boolean ownsThreads) {
    try {
      Engine engine = new Engine(kernel, threads, problem);
      engine.schedule(sequences);
      return new AttentionPlan(
          shape,
          packed,
          engine,
          () ->
              new GradientEngine(
                  kernel, threads, problem, sequences, (long) shape.batch() * shape.keys()),
          problem.sinks() != null,
          threads,
          ownsThreads);
    } catch (RuntimeException | Error e) {
      if (ownsThreads) {
        threads.close();
      }
      throw e;
    }
  }

  /** {@return the sizes} */
  public AttentionShape shape() {
    return shape;
  }

  /**
   * Computes the output of float32 tensors, in the layout of the plan.
   *
   * @param queries {@code [B, Hq, Lq, D]}
   * @param keys {@code [B, Hkv, Lk, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}
   * @param output {@code [B, Hq, Lq, Dv]}, overwritten
   * @throws IllegalArgumentException if an array has not the size of its shape, or the output is
   *     the array of an input
   * @throws IllegalStateException if another run of this plan is going on, if the plan or its
   *     threads are closed, or if an observer calls this on the threads that call it
   */
  public void run(float[] queries, float[] keys, float[] values, float[] output) {
    run(AttentionCall.of(queries, keys, values, output));
  }

  /**
   * Computes the output and whatever else the call asks for.
   *
   * @param call the tensors
   * @throws IllegalArgumentException if a tensor has not the size of its shape, or the output is
   *     the array of an input
   * @throws IllegalStateException if another run of this plan is going on, if the plan or its
   *     threads are closed, or if an observer calls this on the threads that call it
   */
  public void run(AttentionCall call) {
    if (closed) {
      throw new IllegalStateException("this plan is closed");
    }
    check(call.tensors);
    engine.run(call.tensors);
  }

  /**
   * Computes the gradients of a number, such as a loss, after a run (FlashAttention-2, Dao 2023).
   * The probabilities are computed again from the log-sum-exp, tile by tile, and tiles that the
   * mask empties are skipped. As in a run, what a query may not attend to changes no bit of its
   * gradients, nor the query those of the key, and the number of threads changes none either.
   * Slopes of ALiBi are constants. The first call makes the working memory. Observers of the call
   * are not called.
   *
   * @param call the call of the run, with its output and log-sum-exp, its inputs unchanged
   * @param outputGradient {@code [B, Hq, Lq, Dv]}, the gradient with respect to the output
   * @param queryGradient {@code [B, Hq, Lq, D]}, overwritten
   * @param keyGradient {@code [B, Hkv, Lk, D]}, overwritten; summed over the query heads of a key
   *     head
   * @param valueGradient {@code [B, Hkv, Lk, Dv]}, overwritten; summed likewise
   * @throws IllegalArgumentException if an array has not the size of its shape, two of the
   *     gradients are one array, the call has no log-sum-exp, or there are sinks or a bias, whose
   *     gradients are not computed
   * @throws IllegalStateException if another run of gradients is going on, or if the plan or its
   *     threads are closed
   */
  public void gradients(
      AttentionCall call,
      float[] outputGradient,
      float[] queryGradient,
      float[] keyGradient,
      float[] valueGradient) {
    if (closed) {
      throw new IllegalStateException("this plan is closed");
    }
    Call forward = call.tensors;
    check(forward);
    if (sinks) {
      throw new IllegalArgumentException("sinks have no gradients here: make a plan without sinks");
    }
    if (forward.bias() != null) {
      throw new IllegalArgumentException(
          "a bias has no gradient here: give the call no bias, and mask pairs with the mask");
    }
    float[] sums = forward.logSumExp();
    if (sums == null) {
      throw new IllegalArgumentException(
          "gradients need the log-sum-exp of the run: call withLogSumExp before it");
    }
    size("gradient of the output", outputGradient.length, shape.outputSize());
    size("gradient of the queries", queryGradient.length, shape.querySize());
    size("gradient of the keys", keyGradient.length, shape.keySize());
    size("gradient of the values", valueGradient.length, shape.valueSize());
    List<float[]> read = new ArrayList<>(List.of(forward.output(), sums, outputGradient));
    for (Elements input : List.of(forward.queries(), forward.keys(), forward.values())) {
      if (input instanceof Elements.Float32Elements singles) {
        read.add(singles.data());
      }
    }
    for (float[] written : List.of(queryGradient, keyGradient, valueGradient)) {
      apart(read, written);
      read.add(written);
    }
    gradientEngine()
        .run(
            new GradientCall(
                forward, sums, outputGradient, queryGradient, keyGradient, valueGradient));
  }

  private synchronized GradientEngine gradientEngine() {
    if (gradientEngine == null) {
      gradientEngine = newGradientEngine.get();
    }
    return gradientEngine;
  }

  @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
  private static void apart(List<float[]> read, float[] written) {
    for (float[] one : read) {
      if (one == written) {
        throw new IllegalArgumentException(
            "each gradient needs an array of its own, apart from each other and from the inputs");
      }
    }
  }

  private void check(Call call) {
    size("queries", call.queries().length(), shape.querySize());
    size("keys", call.keys().length(), shape.keySize());
    size("values", call.values().length(), shape.valueSize());
    size("output", call.output().length, shape.outputSize());
    apart("queries", call.queries(), call.output());
    apart("keys", call.keys(), call.output());
    apart("values", call.values(), call.output());
    if (call.logSumExp() != null) {
      size(
          "log-sum-exp",
          call.logSumExp().length,
          shape.batch() * shape.queryHeads() * shape.queries());
    }
    FloatTensor bias = call.bias();
    if (bias != null) {
      if (packed) {
        throw new IllegalArgumentException("a packed batch takes no bias; use ALiBi, or pad it");
      }
      var b = bias.shape();
      if (b.rank() != 4
          || (b.dim(0) != 1 && b.dim(0) != shape.batch())
          || (b.dim(1) != 1 && b.dim(1) != shape.queryHeads())
          || (b.dim(2) != 1 && b.dim(2) != shape.queries())
          || b.dim(3) != shape.keys()) {
        throw new IllegalArgumentException(
            "a bias has shape [B or 1, Hq or 1, Lq or 1, Lk] = "
                + shape.maskShape()
                + ", but this one has "
                + b);
      }
    }
  }

  /** A query's output would be read as an input of another. */
  @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
  private static void apart(String what, Elements input, float[] output) {
    if (input instanceof Elements.Float32Elements singles && singles.data() == output) {
      throw new IllegalArgumentException(
          "the output is the array of the " + what + "; it needs an array of its own");
    }
  }

  private void size(String what, int is, int expected) {
    if (is != expected) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " have "
              + is
              + " elements, but "
              + expected
              + " are expected for "
              + shape);
    }
  }

  /**
   * Ends the threads that the plan started; {@link Workers} that it was given stay open. A run that
   * is going on finishes. Closing twice does nothing more.
   */
  @Override
  public void close() {
    closed = true;
    if (ownsThreads) {
      threads.close();
    }
  }
}
