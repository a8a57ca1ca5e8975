package examples;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sightline.data.Pooling;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Stream;

/** Embeds sentences of different lengths in one batch, with ONNX Runtime. */
public final class Embeddings {
  private static final String MODEL = "/all-minilm-l6-v2-q";

  public static void main(String[] args) throws IOException, OrtException {
    String[] texts = {"A cat sat on the mat.", "There was a feline on the rug, asleep.", "Rates rose."};
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (InputStream words = Embeddings.class.getResourceAsStream(MODEL + "-tokenizer.json");
        InputStream model = Embeddings.class.getResourceAsStream(MODEL + ".onnx");
        HuggingFaceTokenizer tokenizer =
            HuggingFaceTokenizer.newInstance(words, Map.of("padding", "true"));
        OrtSession session = environment.createSession(model.readAllBytes())) {
      Encoding[] batch = tokenizer.batchEncode(texts); // padded on the right to the longest
      long[][] ids = Stream.of(batch).map(Encoding::getIds).toArray(long[][]::new);
      long[][] attentionMask =
          Stream.of(batch).map(Encoding::getAttentionMask).toArray(long[][]::new);
      long[][] types = Stream.of(batch).map(Encoding::getTypeIds).toArray(long[][]::new);
      try (OnnxTensor first = OnnxTensor.createTensor(environment, ids);
          OnnxTensor second = OnnxTensor.createTensor(environment, attentionMask);
          OnnxTensor third = OnnxTensor.createTensor(environment, types);
          OrtSession.Result result =
              session.run(
                  Map.of("input_ids", first, "attention_mask", second, "token_type_ids", third))) {
        float[][][] hidden = (float[][][]) result.get(0).getValue();
        float[][] vectors = Pooling.MEAN.pool(hidden, attentionMask);              // [B, S, D], [B, S] -> [B, D]; for ONNX Runtime's and DJL's outputs
        System.out.printf("cat and feline %.2f%n", cosine(vectors[0], vectors[1]));
        System.out.printf("cat and rates %.2f%n", cosine(vectors[0], vectors[2]));
      }
    }
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0, aa = 0, bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
