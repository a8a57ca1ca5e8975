package dev.sightline.bench.comparison;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model of one node. Inputs and output are off the heap and bound once: no copies. */
final class OnnxRuntimeAttention implements TimedTask {
  private final Entrant entrant;
  private final OrtEnvironment environment;
  private final Workload workload;
  private final boolean byTokens;
  private final OrtSession session;
  private final Map<String, OnnxTensor> feed = new LinkedHashMap<>();
  private final FloatBuffer output;
  private final Map<String, OnnxTensor> bound;

  private OnnxRuntimeAttention(
      Entrant entrant, OrtEnvironment environment, Workload workload, Inputs inputs, int threads)
      throws OrtException {
    this.entrant = entrant;
    this.environment = environment;
    this.workload = workload;
    this.byTokens = entrant != Entrant.ORT_ATTENTION;
    this.session = session(environment, model(entrant, workload), threads);
    put(OneNodeModel.QUERY, inputs.query, workload.queryHeads(), workload.queries());
    put(OneNodeModel.KEY, inputs.key, workload.keyHeads(), workload.keys());
    put(OneNodeModel.VALUE, inputs.value, workload.keyHeads(), workload.keys());
    putMask();
    this.output = direct(Float.BYTES * inputs.query.length).asFloatBuffer();
    this.bound =
        Map.of(OneNodeModel.OUTPUT, tensor(output, workload.queryHeads(), workload.queries()));
  }

  static TimedTask of(Entrant entrant, Workload workload, Inputs inputs, int threads) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      return new OnnxRuntimeAttention(entrant, environment, workload, inputs, threads);
    } catch (OrtException e) {
      throw new IllegalStateException(
          entrant.title() + " refuses " + workload.name() + ": " + e.getMessage(), e);
    }
  }

  private static byte[] model(Entrant entrant, Workload workload) {
    return switch (entrant) {
      case ORT_MULTI_HEAD ->
          OneNodeModel.multiHeadAttention(workload.queryHeads(), workload.form());
      case ORT_ATTENTION ->
          OneNodeModel.attention(
              workload.form() == Workload.Form.CAUSAL_FLAG,
              workload.form() == Workload.Form.CELLS || workload.form() == Workload.Form.KEYS);
      case ORT_GROUP_QUERY ->
          OneNodeModel.groupQueryAttention(
              workload.queryHeads(), workload.keyHeads(), workload.window());
      default -> throw new IllegalArgumentException(entrant.title() + " is no operator");
    };
  }

  private static OrtSession session(OrtEnvironment environment, byte[] model, int threads)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Spinning within a run is fastest; after the run it would take the cores from the other
      // contestants.
      options.addConfigEntry("session.intra_op.allow_spinning", "1");
      options.addConfigEntry("session.force_spinning_stop", "1");
      return environment.createSession(model, options);
    }
  }

  private void put(String input, float[] heads, int count, int length) throws OrtException {
    float[] values =
        byTokens
            ? HeadLayout.toTokens(heads, workload.batch(), count, length, workload.headSize())
            : heads;
    FloatBuffer buffer = direct(Float.BYTES * values.length).asFloatBuffer();
    buffer.put(values).rewind();
    feed.put(input, tensor(buffer, count, length));
  }

  private OnnxTensor tensor(FloatBuffer buffer, int heads, int length) throws OrtException {
    long[] shape =
        byTokens
            ? new long[] {workload.batch(), length, (long) heads * workload.headSize()}
            : new long[] {workload.batch(), heads, length, workload.headSize()};
    return OnnxTensor.createTensor(environment, buffer, shape);
  }

  private void putMask() throws OrtException {
    if (entrant == Entrant.ORT_GROUP_QUERY) {
      IntBuffer last = direct(Integer.BYTES * workload.batch()).asIntBuffer();
      for (int b = 0; b < workload.batch(); b++) {
        last.put(b, workload.keys() - 1);
      }
      put(OneNodeModel.LAST_KEYS, last, workload.batch());
      put(OneNodeModel.TOTAL_KEYS, direct(Integer.BYTES).asIntBuffer().put(0, workload.keys()));
    } else if (workload.form() == Workload.Form.CELLS || workload.form() == Workload.Form.KEYS) {
      boolean[] cells = MaskCells.of(workload);
      boolean perKey = workload.form() == Workload.Form.KEYS;
      long[] shape = {perKey ? workload.batch() : 1, 1, workload.queries(), workload.keys()};
      if (entrant == Entrant.ORT_ATTENTION) {
        putBooleans(cells, shape);
      } else if (perKey) {
        putRealKeys();
      } else {
        putBias(cells, shape);
      }
    }
  }

  private void put(String input, IntBuffer values, long... shape) throws OrtException {
    feed.put(input, OnnxTensor.createTensor(environment, values, shape));
  }

  private void putBooleans(boolean[] cells, long[] shape) throws OrtException {
    ByteBuffer buffer = direct(cells.length);
    for (int i = 0; i < cells.length; i++) {
      buffer.put(i, (byte) (cells[i] ? 1 : 0));
    }
    feed.put(
        OneNodeModel.MASK, OnnxTensor.createTensor(environment, buffer, shape, OnnxJavaType.BOOL));
  }

  private void putRealKeys() throws OrtException {
    IntBuffer real = direct(Integer.BYTES * workload.batch() * workload.keys()).asIntBuffer();
    for (int b = 0; b < workload.batch(); b++) {
      for (int key = 0; key < workload.keysOf(b); key++) {
        real.put(b * workload.keys() + key, 1);
      }
    }
    put(OneNodeModel.MASK, real, workload.batch(), workload.keys());
  }

  private void putBias(boolean[] cells, long[] shape) throws OrtException {
    FloatBuffer bias = direct(Float.BYTES * cells.length).asFloatBuffer();
    for (int i = 0; i < cells.length; i++) {
      bias.put(i, cells[i] ? 0 : -Float.MAX_VALUE);
    }
    feed.put(OneNodeModel.MASK, OnnxTensor.createTensor(environment, bias, shape));
  }

  /** Aligned to a vector and a cache line, as the runtime's own memory is. */
  private static ByteBuffer direct(int bytes) {
    return Arena.ofAuto().allocate(bytes, 64).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  @Override
  public void run() {
    try {
      session.run(feed, bound).close();
    } catch (OrtException e) {
      throw new IllegalStateException(entrant.title() + " failed at " + workload.name(), e);
    }
  }

  @Override
  public float[] output() {
    float[] values = new float[output.capacity()];
    output.get(0, values);
    return byTokens
        ? HeadLayout.toHeads(
            values,
            workload.batch(),
            workload.queryHeads(),
            workload.queries(),
            workload.headSize())
        : values;
  }

  @Override
  public void close() {
    feed.values().forEach(OnnxTensor::close);
    bound.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(entrant.title() + " could not be closed", e);
    }
  }
}
