package dev.sightline.heads;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/** A small causal model of 4 layers x 4 heads with its tokenizer, and runs over it. */
final class TinyGpt {
  private TinyGpt() {}

  static Model model() throws IOException {
    return Model.parse(bytes("/tiny-gpt.onnx"), "tiny-gpt");
  }

  static Tokenizer tokenizer() throws IOException {
    return Tokenizer.parse(bytes("/tiny-gpt-tokenizer.json"), "its tokenizer");
  }

  static byte[] bytes(String resource) throws IOException {
    try (InputStream in = TinyGpt.class.getResourceAsStream(resource)) {
      return Objects.requireNonNull(in, resource).readAllBytes();
    }
  }

  /** A run over token ids, for texts once it has a tokenizer. */
  static HeadRun run(Model model, TokenAggregation aggregation) {
    return HeadRun.of(model).aggregation(aggregation).padId(0).seed(1);
  }

  /** The model with an embedding of no number for one token. */
  static byte[] withNanEmbedding(int id) throws IOException {
    ModelProto.Builder proto = ModelProto.parseFrom(bytes("/tiny-gpt.onnx")).toBuilder();
    for (TensorProto.Builder weight : proto.getGraphBuilder().getInitializerBuilderList()) {
      if (weight.getDimsList().equals(List.of(2048L, 128L))) {
        byte[] raw = weight.getRawData().toByteArray();
        ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putFloat(id * 128 * 4, Float.NaN);
        weight.setRawData(ByteString.copyFrom(raw));
      }
    }
    return proto.build().toByteArray();
  }
}
