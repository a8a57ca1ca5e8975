package dev.sightline.onnx.internal.session;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.natives.NativeLibraries;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A running model. It holds native memory until it is closed; one batch runs at a time on all
 * cores.
 */
public final class RuntimeSession implements AutoCloseable {
  /** Enough for a command line of 300 kB; only what is used is ever backed by memory. */
  private static final long ENVIRONMENT_STACK_BYTES = 64L << 20;

  /**
   * The runtime lays out the weights of products for its own loops, which makes a product of a few
   * tokens up to a third faster. That copy is as large as the weights, so of a large model only one
   * session has it. Bytes.
   */
  private static final long LARGE_MODEL = 64L << 20;

  /** No batch of an audit takes a minute on two cores; a graph can hold a loop that never ends. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final ParsedModel model;
  private final SharedWeights weights;
  private final OrtSession session;
  private final InputTensors inputs;
  private final Duration limit;
  private final ScheduledThreadPoolExecutor watchdog;
  private final Lifetime lifetime = new Lifetime("this session");
  private final Set<OrtSession.RunOptions> running = ConcurrentHashMap.newKeySet();

  private RuntimeSession(
      ParsedModel model,
      SharedWeights weights,
      InputTensors inputs,
      OrtSession session,
      Duration limit) {
    this.model = model;
    this.weights = weights;
    this.inputs = inputs;
    this.session = session;
    this.limit = limit;
    this.watchdog =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("model-watchdog").factory());
    watchdog.setRemoveOnCancelPolicy(true);
  }

  /** What a session is for. */
  public enum Use {
    /** Many runs of the model as it is. */
    PLAIN,
    /**
     * Many runs that keep their memory for the next ones. Taking it from the system and giving it
     * back costs a page fault for every 4 kB, which costs time where a graph makes many large
     * tensors. In return the session keeps as much memory as its largest batch needed.
     */
    KEEPING_MEMORY,
    /** A few runs with each node on its own, not fused with another. */
    UNFUSED,
    /** Some runs of a changed model, beside another session of it. */
    CHANGED
  }

  /**
   * Starts a model with the default time limit for a run, ten minutes.
   *
   * @param model the model that messages name, and whose weights are used
   * @param graph the graph to run: the model's own, or a changed one
   * @throws ModelException if ONNX Runtime refuses the graph
   */
  public static RuntimeSession start(ParsedModel model, ModelProto graph, Use use)
      throws ModelException {
    return start(model, graph, use, LIMIT);
  }

  /**
   * Starts a model with a time limit for each run.
   *
   * @param limit the longest that a run may take before it is stopped
   * @throws ModelException if ONNX Runtime refuses the graph
   */
  public static RuntimeSession start(ParsedModel model, ModelProto graph, Use use, Duration limit)
      throws ModelException {
    OrtEnvironment environment = environment();
    SharedWeights weights = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (model.threads().isPresent()) {
        options.setIntraOpNumThreads(model.threads().getAsInt());
      }
      // Threads that spin between runs take the cores from everything else on a small machine.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      // Without the arena a run's memory goes back after it, so shapes seen once cost nothing
      // later.
      options.setCPUArenaAllocator(use == Use.KEEPING_MEMORY);
      options.setOptimizationLevel(use == Use.UNFUSED ? OptLevel.NO_OPT : OptLevel.ALL_OPT);
      options.setMemoryPatternOptimization(false);
      Path folder = model.folder();
      if (folder != null) {
        options.addConfigEntry(
            "session.model_external_initializers_file_folder_path", folder.toString());
      }
      ModelProto used = SharedWeights.used(graph);
      weights = SharedWeights.of(model, used, environment, options);
      if ((use == Use.UNFUSED || use == Use.CHANGED) && weights.bytes() >= LARGE_MODEL) {
        options.addConfigEntry("session.disable_prepacking", "1");
      }
      Map<String, ElementType> cast = InputTensors.cast(used);
      byte[] bytes = InputTensors.withCasts(used, cast).toByteArray();
      OrtSession session = environment.createSession(bytes, options);
      InputTensors inputs =
          new InputTensors(model.toString(), environment, session.getInputInfo(), cast);
      return new RuntimeSession(model, weights, inputs, session, limit);
    } catch (OrtException e) {
      if (weights != null) {
        weights.close();
      }
      throw new ModelException(RuntimeMessage.ofLoading(model.toString(), e), e);
    }
  }

  /**
   * The runtime's one environment. When it is first made, version 1.29 describes the process for
   * its telemetry and matches the command line against regular expressions that recurse once for
   * each character: with a class path of 6 kB the JVM dies of a stack overflow in native code,
   * without a message. Hence a thread with a large stack; ORT_DISABLE_TELEMETRY=1 in the process
   * environment, which a library cannot set, avoids it too.
   */
  private static OrtEnvironment environment() {
    NativeLibraries.prepareRuntime();
    FutureTask<OrtEnvironment> made = new FutureTask<>(OrtEnvironment::getEnvironment);
    Thread thread = new Thread(null, made, "onnxruntime-environment", ENVIRONMENT_STACK_BYTES);
    thread.start();
    try {
      OrtEnvironment environment = made.get();
      NativeLibraries.removeEmptyFolder();
      return environment;
    } catch (ExecutionException e) {
      throw new IllegalStateException("ONNX Runtime does not start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ONNX Runtime was starting", e);
    }
  }

  /**
   * Returns the version of ONNX Runtime in use.
   *
   * @return a version such as {@code 1.29.0}
   */
  public static String runtimeVersion() {
    return environment().getVersion();
  }

  /**
   * Runs the model once.
   *
   * @param feed a tensor for every input, of any type whose values the input's type can hold
   * @param outputs the outputs to fetch, which must be of floating-point type
   * @return float32 tensors by output name, in the order asked for
   * @throws ModelException if the model refuses the inputs, does not finish in ten minutes, or is
   *     closed meanwhile
   * @throws IllegalStateException if the session is closed
   */
  public Map<String, FloatTensor> run(Map<String, RawTensor> feed, Collection<String> outputs)
      throws ModelException {
    return lifetime.use(() -> runOpen(feed, outputs));
  }

  private Map<String, FloatTensor> runOpen(Map<String, RawTensor> feed, Collection<String> outputs)
      throws ModelException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (Map.Entry<String, RawTensor> input : feed.entrySet()) {
        given.put(inputs.name(input.getKey()), inputs.of(input.getKey(), input.getValue()));
      }
      running.add(options);
      ScheduledFuture<?> stop =
          watchdog.schedule(() -> terminate(options), limit.toMillis(), TimeUnit.MILLISECONDS);
      try (OrtSession.Result result = session.run(given, new LinkedHashSet<>(outputs), options)) {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        for (String output : outputs) {
          tensors.put(output, read(output, result.get(output).orElse(null)));
        }
        return tensors;
      } finally {
        stop.cancel(false);
        synchronized (options) {
          running.remove(options);
        }
      }
    } catch (OrtException e) {
      if (lifetime.isClosing()) {
        throw new ModelException(model + " was closed while it ran", e);
      }
      String fed =
          feed.entrySet().stream()
              .map(input -> input.getKey() + " " + input.getValue().shape())
              .collect(Collectors.joining(", "));
      throw new ModelException(RuntimeMessage.ofRunning(model.toString(), fed, e), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private FloatTensor read(String output, @Nullable OnnxValue value) throws ModelException {
    if (value instanceof OnnxTensor tensor) {
      Shape shape = Shape.of(tensor.getInfo().getShape());
      FloatBuffer floats = tensor.getFloatBuffer(); // a copy already
      if (floats != null) {
        return FloatTensor.of(shape, array(floats));
      }
      DoubleBuffer doubles = tensor.getDoubleBuffer();
      if (doubles != null) {
        float[] data = new float[doubles.remaining()];
        for (int i = 0; i < data.length; i++) {
          data[i] = (float) doubles.get(i);
        }
        return FloatTensor.of(shape, data);
      }
    }
    throw new ModelException(
        model + " gives an output '" + output + "' that is no floating-point tensor");
  }

  /** The numbers of a buffer: its own array where that is all there is in it. */
  private static float[] array(FloatBuffer floats) {
    if (floats.hasArray()
        && floats.arrayOffset() == 0
        && floats.position() == 0
        && floats.array().length == floats.remaining()) {
      return floats.array();
    }
    float[] data = new float[floats.remaining()];
    floats.get(data);
    return data;
  }

  /** Stops a run at its next node, unless it is over and its options are freed. */
  private void terminate(OrtSession.RunOptions options) {
    synchronized (options) {
      if (running.contains(options)) {
        try {
          options.setTerminate(true);
        } catch (OrtException e) {
          throw new IllegalStateException(model + " could not be stopped", e);
        }
      }
    }
  }

  /**
   * Frees the native memory, after a run that is going on, which is asked to end. Closing twice
   * does nothing more.
   */
  @Override
  public void close() {
    lifetime.end(() -> running.forEach(this::terminate), this::free);
  }

  private void free() {
    watchdog.shutdownNow();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(model + " could not be closed", e);
    } finally {
      weights.close();
    }
  }
}
