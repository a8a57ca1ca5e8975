package dev.sightline.onnx.internal.session;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
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
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Map<String, NodeInfo> inputs;
  private final Duration limit;
  private final ScheduledThreadPoolExecutor watchdog;

  private RuntimeSession(
      ParsedModel model,
      SharedWeights weights,
      OrtEnvironment environment,
      OrtSession session,
      Duration limit)
      throws OrtException {
    this.model = model;
    this.weights = weights;
    this.environment = environment;
    this.session = session;
    this.inputs = session.getInputInfo();
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
      ModelProto used = SharedWeights.used(model, graph);
      weights = SharedWeights.of(model, used, environment, options);
      if ((use == Use.UNFUSED || use == Use.CHANGED) && weights.bytes() >= LARGE_MODEL) {
        options.addConfigEntry("session.disable_prepacking", "1");
      }
      OrtSession session = environment.createSession(used.toByteArray(), options);
      return new RuntimeSession(model, weights, environment, session, limit);
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
   * @throws ModelException if the model refuses the inputs, or does not finish in ten minutes
   */
  public Map<String, FloatTensor> run(Map<String, RawTensor> feed, Collection<String> outputs)
      throws ModelException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (Map.Entry<String, RawTensor> input : feed.entrySet()) {
        given.put(input.getKey(), tensor(input.getKey(), input.getValue()));
      }
      ScheduledFuture<?> stop =
          watchdog.schedule(
              () -> {
                options.setTerminate(true);
                return null;
              },
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
      try (OrtSession.Result result = session.run(given, new LinkedHashSet<>(outputs), options)) {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        for (String output : outputs) {
          tensors.put(output, read(output, result.get(output).orElse(null)));
        }
        return tensors;
      } finally {
        stop.cancel(false);
      }
    } catch (OrtException e) {
      String fed =
          feed.entrySet().stream()
              .map(input -> input.getKey() + " " + input.getValue().shape())
              .collect(Collectors.joining(", "));
      throw new ModelException(RuntimeMessage.ofRunning(model.toString(), fed, e), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(String name, RawTensor values) throws OrtException, ModelException {
    long[] shape = new long[values.shape().rank()];
    for (int a = 0; a < shape.length; a++) {
      shape[a] = values.shape().dim(a);
    }
    NodeInfo input = inputs.get(name);
    if (input == null || !(input.getInfo() instanceof TensorInfo declared)) {
      throw new ModelException(model + " has no tensor input '" + name + "'");
    }
    return switch (declared.type) {
      case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(values.toLongs()), shape);
      case INT32 ->
          OnnxTensor.createTensor(environment, IntBuffer.wrap(toInts(values.toLongs())), shape);
      case FLOAT -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats(values)), shape);
      case FLOAT16, BFLOAT16 -> {
        // Of 16-bit floats the runtime takes direct buffers alone.
        ByteBuffer halves = ByteBuffer.allocateDirect(values.shape().size() * Short.BYTES);
        halves.order(ByteOrder.nativeOrder());
        boolean half = declared.type == OnnxJavaType.FLOAT16;
        for (float value : floats(values)) {
          halves.putShort(half ? Float.floatToFloat16(value) : bfloat16(value));
        }
        yield OnnxTensor.createTensor(environment, halves.flip(), shape, declared.type);
      }
      case INT8, UINT8 -> {
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.shape().size());
        for (long value : values.toLongs()) {
          bytes.put((byte) value);
        }
        yield OnnxTensor.createTensor(environment, bytes.flip(), shape, declared.type);
      }
      case INT16 -> {
        short[] narrow = new short[values.shape().size()];
        long[] wide = values.toLongs();
        for (int i = 0; i < narrow.length; i++) {
          narrow[i] = (short) wide[i];
        }
        yield OnnxTensor.createTensor(environment, ShortBuffer.wrap(narrow), shape);
      }
      case DOUBLE -> {
        float[] singles = floats(values);
        DoubleBuffer doubles = DoubleBuffer.allocate(singles.length);
        for (float value : singles) {
          doubles.put(value);
        }
        yield OnnxTensor.createTensor(environment, doubles.flip(), shape);
      }
      case BOOL -> {
        ByteBuffer bytes = ByteBuffer.allocate(values.shape().size());
        for (float value : floats(values)) {
          bytes.put((byte) (value != 0 ? 1 : 0));
        }
        yield OnnxTensor.createTensor(environment, bytes.flip(), shape, OnnxJavaType.BOOL);
      }
      default ->
          throw new ModelException(
              model
                  + " takes '"
                  + name
                  + "' of type "
                  + declared.type
                  + "; expected int64, int32, int16, int8, uint8, bool or a floating-point type");
    };
  }

  /** The upper half of a float32, rounded to nearest, ties to even. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }

  private static float[] floats(RawTensor values) {
    return values.toFloats().data();
  }

  private static int[] toInts(long[] values) {
    int[] narrow = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = Math.toIntExact(values[i]);
    }
    return narrow;
  }

  private FloatTensor read(String output, @Nullable OnnxValue value) throws ModelException {
    if (value instanceof OnnxTensor tensor) {
      FloatBuffer buffer = tensor.getFloatBuffer();
      if (buffer != null) {
        float[] data = new float[buffer.remaining()];
        buffer.get(data);
        return FloatTensor.of(Shape.of(tensor.getInfo().getShape()), data);
      }
    }
    throw new ModelException(
        model + " gives an output '" + output + "' that is no floating-point tensor");
  }

  @Override
  public void close() {
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
