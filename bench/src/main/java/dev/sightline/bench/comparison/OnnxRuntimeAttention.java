package dev.sightline.bench.comparison;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model of one node. Inputs and output are off the heap and bound once: no copies. */
final class OnnxRuntimeAttention implements TimedTask {
  static final String MULTI_HEAD = "ort-mha";
  static final String STANDARD = "ort-attention";

  private final String name;
  private final OrtEnvironment environment;
  private final Workload workload;
  private final boolean byTokens;
  private final OrtSession session;
  private final Map<String, OnnxTensor> feed = new LinkedHashMap<>();
  private final FloatBuffer output;
  private final Map<String, OnnxTensor> bound;

  private OnnxRuntimeAttention(
      String name,
      OrtEnvironment environment,
      Workload workload,
      Inputs inputs,
      int threads,
      byte[] model,
      boolean byTokens)
      throws OrtException {
    this.name = name;
    this.environment = environment;
    this.workload = workload;
    this.byTokens = byTokens;
    this.session = session(environment, model, threads);
    put(OneNodeModel.QUERY, inputs.query, workload.queryHeads(), workload.queries());
    put(OneNodeModel.KEY, inputs.key, workload.keyHeads(), workload.keys());
    put(OneNodeModel.VALUE, inputs.value, workload.keyHeads(), workload.keys());
    if (workload.form() == Workload.Form.CELLS) {
      putMask();
    }
    this.output = direct(Float.BYTES * inputs.query.length).asFloatBuffer();
    this.bound =
        Map.of(OneNodeModel.OUTPUT, tensor(output, workload.queryHeads(), workload.queries()));
  }

  static TimedTask multiHead(
      OrtEnvironment environment, Workload workload, Inputs inputs, int threads) {
    byte[] model =
        OneNodeModel.multiHeadAttention(
            workload.queryHeads(), workload.form() == Workload.Form.CAUSAL_FLAG);
    return open(MULTI_HEAD, environment, workload, inputs, threads, model, true);
  }

  static TimedTask standard(
      OrtEnvironment environment, Workload workload, Inputs inputs, int threads) {
    byte[] model =
        OneNodeModel.attention(
            workload.form() == Workload.Form.CAUSAL_FLAG, workload.form() == Workload.Form.CELLS);
    return open(STANDARD, environment, workload, inputs, threads, model, false);
  }

  private static TimedTask open(
      String name,
      OrtEnvironment environment,
      Workload workload,
      Inputs inputs,
      int threads,
      byte[] model,
      boolean byTokens) {
    try {
      return new OnnxRuntimeAttention(
          name, environment, workload, inputs, threads, model, byTokens);
    } catch (OrtException e) {
      throw new IllegalStateException(
          name + " refuses " + workload.name() + ": " + e.getMessage(), e);
    }
  }

  private static OrtSession session(OrtEnvironment environment, byte[] model, int threads)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Spinning within a run is fastest; after the run it would take the cores from the other
      // backends.
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
    boolean[] cells = BooleanMask.of(workload.bound(), Polarity.TRUE_ATTENDS);
    ByteBuffer buffer = direct(cells.length);
    for (int i = 0; i < cells.length; i++) {
      buffer.put(i, (byte) (cells[i] ? 1 : 0));
    }
    long[] shape = {workload.queries(), workload.keys()};
    feed.put(
        OneNodeModel.MASK, OnnxTensor.createTensor(environment, buffer, shape, OnnxJavaType.BOOL));
  }

  /** Aligned to a vector and a cache line, as the runtime's own memory is. */
  private static ByteBuffer direct(int bytes) {
    return Arena.ofAuto().allocate(bytes, 64).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    try {
      session.run(feed, bound).close();
    } catch (OrtException e) {
      throw new IllegalStateException(name + " failed at " + workload.name(), e);
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
      throw new IllegalStateException(name + " could not be closed", e);
    }
  }
}
