package dev.sightline.audit.zoo;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.sightline.onnx.ModelSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model of the zoo at work, on ONNX Runtime itself. */
final class ZooSession implements AutoCloseable {
  private static final long[][] DECODER_IDS = {{7, 22, 35, 50}, {13, 4, 58, 29}, {41, 19, 6, 11}};

  private final OrtEnvironment environment;
  private final OrtSession session;
  private long[][] decoderIds = DECODER_IDS;

  private ZooSession(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  static ZooSession open(ZooModel model) throws OrtException {
    // The first use of the runtime needs a large stack, which this gives it.
    String version = ModelSession.runtimeVersion();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(1);
      return new ZooSession(environment, environment.createSession(model.bytes(), options));
    } catch (OrtException e) {
      throw new IllegalStateException(model + " is refused by ONNX Runtime " + version, e);
    }
  }

  /** From now on, the decoder's ids with one replaced in each row; negative for none. */
  void replaceDecoderId(int step) {
    decoderIds = new long[DECODER_IDS.length][];
    for (int row = 0; row < DECODER_IDS.length; row++) {
      decoderIds[row] = DECODER_IDS[row].clone();
      if (step >= 0) {
        decoderIds[row][step] += 1;
      }
    }
  }

  /**
   * The outputs at real tokens, text by text, and the pooled ones, in an order that does not depend
   * on where the padding is: every vector under a name such as {@code logits[1, 3]}.
   */
  Map<String, float[]> run(TextBatch batch) throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    for (String input : session.getInputNames()) {
      feed.put(input, tensor(input, batch));
    }
    return run(feed, batch);
  }

  private OnnxTensor tensor(String input, TextBatch batch) throws OrtException {
    return switch (input) {
      case "input_ids" -> longs(batch.ids());
      case "attention_mask" -> longs(batch.mask());
      case "token_type_ids" -> longs(batch.prefix());
      case "position_ids" -> longs(batch.positions());
      case "decoder_input_ids" -> longs(decoderIds);
      case "use_cache_branch" -> OnnxTensor.createTensor(environment, new boolean[] {true});
      case String past when past.startsWith("past_key_values.") ->
          floats(new float[0], batch.rows(), 4, 0, 4);
      default -> throw new IllegalStateException("no value for input '" + input + "'");
    };
  }

  /** Features for inputs that are vectors. */
  OnnxTensor floats(float[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
  }

  OnnxTensor longs(long[][] rows) throws OrtException {
    LongBuffer values = LongBuffer.allocate(rows.length * rows[0].length);
    for (long[] row : rows) {
      values.put(row);
    }
    return OnnxTensor.createTensor(
        environment, values.flip(), new long[] {rows.length, rows[0].length});
  }

  /** Every output in full, the cache among them. */
  Map<String, float[]> run(Map<String, OnnxTensor> feed) throws OrtException {
    try (OrtSession.Result result = session.run(feed)) {
      Map<String, float[]> outputs = new LinkedHashMap<>();
      for (String output : session.getOutputNames()) {
        outputs.put(output, values((OnnxTensor) result.get(output).orElseThrow()));
      }
      return outputs;
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private Map<String, float[]> run(Map<String, OnnxTensor> feed, TextBatch batch)
      throws OrtException {
    boolean decoder = feed.containsKey("decoder_input_ids");
    try (OrtSession.Result result = session.run(feed)) {
      Map<String, float[]> vectors = new LinkedHashMap<>();
      for (String output : names()) {
        OnnxTensor tensor = (OnnxTensor) result.get(output).orElseThrow();
        long[] shape = tensor.getInfo().getShape();
        float[] values = values(tensor);
        int width = Math.toIntExact(shape[shape.length - 1]);
        for (int row = 0; row < batch.rows(); row++) {
          int tokens = shape.length == 2 ? 1 : decoder ? (int) shape[1] : batch.length(row);
          for (int token = 0; token < tokens; token++) {
            int position = decoder || shape.length == 2 ? token : batch.position(row, token);
            int positions = shape.length == 2 ? 1 : Math.toIntExact(shape[1]);
            float[] vector = new float[width];
            System.arraycopy(values, (row * positions + position) * width, vector, 0, width);
            vectors.put(output + "[" + row + ", " + token + "]", vector);
          }
        }
      }
      return vectors;
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private List<String> names() {
    List<String> names = new ArrayList<>(session.getOutputNames());
    names.removeIf(name -> name.startsWith("present."));
    return names;
  }

  private static float[] values(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /** The largest difference between vectors of the same name; a NaN differs from everything. */
  static double difference(Map<String, float[]> a, Map<String, float[]> b) {
    double largest = 0;
    for (Map.Entry<String, float[]> entry : a.entrySet()) {
      float[] other = b.get(entry.getKey());
      for (int i = 0; other != null && i < other.length; i++) {
        double difference = Math.abs((double) entry.getValue()[i] - other[i]);
        largest = Math.max(largest, Double.isNaN(difference) ? Double.MAX_VALUE : difference);
      }
    }
    return largest;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
