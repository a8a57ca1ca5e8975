package dev.sightline.attention;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.plan.Call;
import dev.sightline.attention.internal.plan.Elements;
import dev.sightline.attention.internal.plan.Engine;
import dev.sightline.attention.internal.plan.Problem;
import dev.sightline.attention.internal.plan.Sequence;
import dev.sightline.attention.internal.plan.WorkerThreads;
import dev.sightline.tensor.FloatTensor;
import java.util.List;

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
  private final WorkerThreads threads;
  private final boolean ownsThreads;
  private volatile boolean closed;

  private AttentionPlan(
      AttentionShape shape,
      boolean packed,
      Engine engine,
      WorkerThreads threads,
      boolean ownsThreads) {
    this.shape = shape;
    this.packed = packed;
    this.engine = engine;
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
      return new AttentionPlan(shape, packed, engine, threads, ownsThreads);
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
