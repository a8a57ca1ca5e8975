package dev.sightline.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running model. It holds native memory until it is closed; one batch runs at a time on all
 * cores.
 */
public final class OnnxSession implements AutoCloseable {
  /** Enough for a command line of 300 kB; only what is used is ever backed by memory. */
  private static final long ENVIRONMENT_STACK_BYTES = 64L << 20;

  /** No batch of an audit takes a minute on two cores; a graph can hold a loop that never ends. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final OnnxModel model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final boolean takesPadding;
  private final Duration limit;
  private final ScheduledThreadPoolExecutor watchdog;

  private OnnxSession(
      OnnxModel model, OrtEnvironment environment, OrtSession session, Duration limit) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.limit = limit;
    this.watchdog =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("model-watchdog").factory());
    watchdog.setRemoveOnCancelPolicy(true);
    this.takesPadding = session.getInputNames().contains(Taps.PADDING);
  }

  static OnnxSession open(OnnxModel model, byte[] bytes) throws OnnxModelException {
    return open(model, bytes, LIMIT);
  }

  static OnnxSession open(OnnxModel model, byte[] bytes, Duration limit) throws OnnxModelException {
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Threads that spin between runs take the cores from everything else on a small machine.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      // Without the arena a run's memory goes back after it, so shapes seen once cost nothing
      // later.
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      Path folder = model.folder();
      if (folder != null) {
        options.addConfigEntry(
            "session.model_external_initializers_file_folder_path", folder.toString());
      }
      return new OnnxSession(model, environment, environment.createSession(bytes, options), limit);
    } catch (OrtException e) {
      throw new OnnxModelException(model + " is refused by ONNX Runtime: " + firstLine(e), e);
    }
  }

  /**
   * The runtime's one environment. When it is first made, version 1.29 describes the process for
   * its telemetry and matches the command line against regular expressions that recurse once for
   * each character: with a class path of 6 kB the JVM dies of a stack overflow in native code,
   * without a word. Hence a thread with room for it; ORT_DISABLE_TELEMETRY=1 in the process
   * environment, which a library cannot set, avoids it too.
   */
  private static OrtEnvironment environment() {
    FutureTask<OrtEnvironment> made = new FutureTask<>(OrtEnvironment::getEnvironment);
    Thread thread = new Thread(null, made, "onnxruntime-environment", ENVIRONMENT_STACK_BYTES);
    thread.start();
    try {
      return made.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("ONNX Runtime does not start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ONNX Runtime was starting", e);
    }
  }

  /** The version of ONNX Runtime at work. */
  public static String runtimeVersion() {
    return environment().getVersion();
  }

  /**
   * Runs one batch.
   *
   * @param outputs the outputs to fetch, which must be of floating-point type
   * @return float32 tensors by output name, in the order asked for
   * @throws OnnxModelException if the model refuses the batch, or does not finish it in ten minutes
   */
  public Map<String, FloatTensor> run(TokenBatch batch, Collection<String> outputs)
      throws OnnxModelException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      fill(feed, batch);
      ScheduledFuture<?> stop =
          watchdog.schedule(
              () -> {
                options.setTerminate(true);
                return null;
              },
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
      try (OrtSession.Result result = session.run(feed, new LinkedHashSet<>(outputs), options)) {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        for (String output : outputs) {
          tensors.put(output, read(output, result.get(output).orElse(null)));
        }
        return tensors;
      } finally {
        stop.cancel(false);
      }
    } catch (OrtException e) {
      throw new OnnxModelException(
          model
              + " refused a batch of shape ["
              + batch.rows()
              + ", "
              + batch.width()
              + "]: "
              + firstLine(e),
          e);
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private void fill(Map<String, OnnxTensor> feed, TokenBatch batch)
      throws OrtException, OnnxModelException {
    TokenInputs inputs = model.tokenInputs();
    put(feed, inputs.ids(), batch, batch.ids());
    put(feed, inputs.mask(), batch, batch.mask());
    put(feed, inputs.tokenTypes(), batch, batch.tokenTypes());
    put(feed, inputs.positions(), batch, batch.positions());
    if (takesPadding) {
      feed.put(
          Taps.PADDING,
          OnnxTensor.createTensor(environment, FloatBuffer.wrap(batch.padding()), shapeOf(batch)));
    }
  }

  private void put(
      Map<String, OnnxTensor> feed, @Nullable TensorSpec input, TokenBatch batch, long[] values)
      throws OrtException, OnnxModelException {
    if (input == null) {
      return;
    }
    long[] shape = shapeOf(batch);
    feed.put(
        input.name(),
        switch (input.type()) {
          case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
          case INT32 -> OnnxTensor.createTensor(environment, IntBuffer.wrap(toInts(values)), shape);
          case FLOAT32 ->
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(toFloats(values)), shape);
          case BOOL -> OnnxTensor.createTensor(environment, toBooleans(values, batch.width()));
          case FLOAT16, BFLOAT16, OTHER ->
              throw new OnnxModelException(
                  model
                      + " takes '"
                      + input
                      + "'; expected an input of type int64, int32, float32 or bool");
        });
  }

  private static long[] shapeOf(TokenBatch batch) {
    return new long[] {batch.rows(), batch.width()};
  }

  private static int[] toInts(long[] values) {
    int[] narrow = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = Math.toIntExact(values[i]);
    }
    return narrow;
  }

  private static boolean[][] toBooleans(long[] values, int width) {
    boolean[][] rows = new boolean[values.length / width][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i] != 0;
    }
    return rows;
  }

  private static float[] toFloats(long[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }

  private FloatTensor read(String output, @Nullable OnnxValue value) throws OnnxModelException {
    if (value instanceof OnnxTensor tensor) {
      FloatBuffer buffer = tensor.getFloatBuffer();
      if (buffer != null) {
        float[] data = new float[buffer.remaining()];
        buffer.get(data);
        return FloatTensor.of(Shape.of(tensor.getInfo().getShape()), data);
      }
    }
    throw new OnnxModelException(
        model + " gives an output '" + output + "' that is no floating-point tensor");
  }

  /** Native messages run over many lines of source paths; the first line says what is wrong. */
  private static String firstLine(OrtException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(model + " could not be closed", e);
    }
  }
}
