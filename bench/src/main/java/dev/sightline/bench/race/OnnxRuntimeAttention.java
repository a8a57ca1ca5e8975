package dev.sightline.bench.race;

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

/** A model of one node. Inputs and output lie outside the heap and are bound once: no copies. */
final class OnnxRuntimeAttention implements Contestant {
  static final String MULTI_HEAD = "ort-mha";
  static final String STANDARD = "ort-attention";

  private final String name;
  private final OrtEnvironment environment;
  private final Work work;
  private final boolean byTokens;
  private final OrtSession session;
  private final Map<String, OnnxTensor> feed = new LinkedHashMap<>();
  private final FloatBuffer output;
  private final Map<String, OnnxTensor> bound;

  private OnnxRuntimeAttention(
      String name,
      OrtEnvironment environment,
      Work work,
      Inputs inputs,
      int threads,
      byte[] model,
      boolean byTokens)
      throws OrtException {
    this.name = name;
    this.environment = environment;
    this.work = work;
    this.byTokens = byTokens;
    this.session = session(environment, model, threads);
    put(OneNodeModel.QUERY, inputs.query, work.queryHeads(), work.queries());
    put(OneNodeModel.KEY, inputs.key, work.keyHeads(), work.keys());
    put(OneNodeModel.VALUE, inputs.value, work.keyHeads(), work.keys());
    if (work.form() == Work.Form.CELLS) {
      putMask();
    }
    this.output = direct(Float.BYTES * inputs.query.length).asFloatBuffer();
    this.bound = Map.of(OneNodeModel.OUTPUT, tensor(output, work.queryHeads(), work.queries()));
  }

  static Contestant multiHead(OrtEnvironment environment, Work work, Inputs inputs, int threads) {
    byte[] model =
        OneNodeModel.multiHeadAttention(work.queryHeads(), work.form() == Work.Form.CAUSAL_FLAG);
    return open(MULTI_HEAD, environment, work, inputs, threads, model, true);
  }

  static Contestant standard(OrtEnvironment environment, Work work, Inputs inputs, int threads) {
    byte[] model =
        OneNodeModel.attention(
            work.form() == Work.Form.CAUSAL_FLAG, work.form() == Work.Form.CELLS);
    return open(STANDARD, environment, work, inputs, threads, model, false);
  }

  private static Contestant open(
      String name,
      OrtEnvironment environment,
      Work work,
      Inputs inputs,
      int threads,
      byte[] model,
      boolean byTokens) {
    try {
      return new OnnxRuntimeAttention(name, environment, work, inputs, threads, model, byTokens);
    } catch (OrtException e) {
      throw new IllegalStateException(name + " refuses " + work.name() + ": " + e.getMessage(), e);
    }
  }

  private static OrtSession session(OrtEnvironment environment, byte[] model, int threads)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Within a run they may spin, which is fastest; after it they would take the cores from the
      // others.
      options.addConfigEntry("session.intra_op.allow_spinning", "1");
      options.addConfigEntry("session.force_spinning_stop", "1");
      return environment.createSession(model, options);
    }
  }

  private void put(String input, float[] heads, int count, int length) throws OrtException {
    float[] values =
        byTokens ? HeadLayout.toTokens(heads, work.batch(), count, length, work.headSize()) : heads;
    FloatBuffer buffer = direct(Float.BYTES * values.length).asFloatBuffer();
    buffer.put(values).rewind();
    feed.put(input, tensor(buffer, count, length));
  }

  private OnnxTensor tensor(FloatBuffer buffer, int heads, int length) throws OrtException {
    long[] shape =
        byTokens
            ? new long[] {work.batch(), length, (long) heads * work.headSize()}
            : new long[] {work.batch(), heads, length, work.headSize()};
    return OnnxTensor.createTensor(environment, buffer, shape);
  }

  private void putMask() throws OrtException {
    boolean[] cells = BooleanMask.of(work.bound(), Polarity.TRUE_ATTENDS);
    ByteBuffer buffer = direct(cells.length);
    for (int i = 0; i < cells.length; i++) {
      buffer.put(i, (byte) (cells[i] ? 1 : 0));
    }
    long[] shape = {work.queries(), work.keys()};
    feed.put(
        OneNodeModel.MASK, OnnxTensor.createTensor(environment, buffer, shape, OnnxJavaType.BOOL));
  }

  /** Begins where a vector and a cache line do, as the runtime's own memory would. */
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
      throw new IllegalStateException(name + " failed at " + work.name(), e);
    }
  }

  @Override
  public float[] output() {
    float[] values = new float[output.capacity()];
    output.get(0, values);
    return byTokens
        ? HeadLayout.toHeads(
            values, work.batch(), work.queryHeads(), work.queries(), work.headSize())
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
