package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.audit.TinyEncoder.Masking;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Need;
import dev.sightline.audit.result.MaskTrial.Thumb;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MaskTrialTest {
  @Test
  void encoder_hasEveryNumber() throws IOException {
    MaskTrial trial = trial(TinyEncoder.withLayers(Masking.BY_VALUE), "w2 w3 w4 w5 w6", "w7 w8");

    assertThat(trial.rows()).extracting(MaskTrial.Row::padding).containsExactly(4, 7);
    assertThat(requireNonNull(trial.cosine()).count()).isEqualTo(2);
    assertThat(requireNonNull(trial.unpadded()).count()).isEqualTo(20);
    assertThat(trial.thumb().norm().orElseThrow()).isPositive();
    assertThat(trial.thumb().weight().orElseThrow()).isBetween(0.01, 1.0);
  }

  /** The same model with the mask cut differs from itself by what the mask is worth. */
  @Test
  void maskThatIsNotRead_isPutInAtTheAttentions() throws IOException {
    MaskTrial read = trial(TinyEncoder.withLayers(Masking.BY_VALUE), "w2 w3 w4 w5 w6", "w7 w8");
    MaskTrial cut = trial(TinyEncoder.withLayers(Masking.CUT), "w2 w3 w4 w5 w6", "w7 w8");

    assertThat(read.isTwin()).isFalse();
    assertThat(cut.isTwin()).isTrue();
    assertThat(cut.difference().value()).isCloseTo(read.difference().value(), within(1e-5));
    assertThat(cut.rows()).extracting(MaskTrial.Row::padding).containsExactly(4, 7);
    assertThat(cut.thumb().need()).isEqualTo(read.thumb().need()).isNotEqualTo(Need.NO_DATA);
  }

  /** Without an input for a mask its texts run together all the same, whatever their lengths. */
  @Test
  void modelWithoutMaskInput_getsOne() throws IOException {
    GraphBuilder graph = new GraphBuilder("no-mask");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    float[] values = new float[40 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * i);
    }
    String x = graph.node("Gather", graph.floats("table", ElementType.FLOAT32, values, 40, 4), ids);
    String weights = graph.softmax(graph.node("MatMul", x, graph.transpose(x, 0, 2, 1)));
    String y = graph.node("MatMul", weights, x);
    graph.output("last_hidden_state", y, ElementType.FLOAT32, "batch", "sequence", "4");

    MaskTrial trial = trial(graph.model(17, "test"), "w2 w3 w4 w5 w6", "w7 w8");

    assertThat(trial.isTwin()).isTrue();
    assertThat(trial.rows()).extracting(MaskTrial.Row::padding).containsExactly(4, 7);
    assertThat(trial.rows()).allMatch(row -> row.difference() > 0.01);
    assertThat(trial.thumb().weight().orElseThrow()).isBetween(0.1, 0.9);
  }

  @Test
  void modelWithoutAttention_isRefused_whereItReadsNoMask() {
    GraphBuilder graph = new GraphBuilder("no-attention");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    String token = graph.reshape(graph.cast(ids, ElementType.FLOAT32), 0, -1, 1);
    graph.output("logits", token, ElementType.FLOAT32, "batch", "sequence", "1");

    assertThatThrownBy(() -> trial(graph.model(17, "test"), "w2 w3 w4", "w7 w8"))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "'tiny' reads no mask, and none can be put in: no attention was found in the graph");
  }

  /** One value for each token has no angle: its cosine is not 1, it is unknown. */
  @Test
  void modelWithOneValueForEachToken_hasNoCosine_andNothingIsKnownOfPadding() throws IOException {
    MaskTrial trial = trial(countOfRealTokens(), "w2 w3 w4 w5 w6", "w7 w8");

    assertThat(trial.difference().value()).isPositive();
    assertThat(trial.cosine()).isNull();
    assertThat(trial.rows()).allMatch(row -> row.cosine().isEmpty());
    assertThat(trial.thumb()).isEqualTo(new Thumb(OptionalDouble.empty(), OptionalDouble.empty()));
    assertThat(trial.thumb().need()).isEqualTo(Need.NO_DATA);
  }

  @Test
  void rule_needsBothNumbers() {
    assertThat(need(0.005, 0.0005)).isEqualTo(Need.REDUNDANT);
    assertThat(need(0.2, 0.02)).isEqualTo(Need.USEFUL);
    assertThat(need(0.2, 0.0005)).isEqualTo(Need.UNDECIDED);
    assertThat(need(0.005, 0.02)).isEqualTo(Need.UNDECIDED);
    assertThat(new Thumb(OptionalDouble.of(0), OptionalDouble.empty()).need())
        .isEqualTo(Need.NO_DATA);
  }

  private static Need need(double norm, double weight) {
    return new Thumb(OptionalDouble.of(norm), OptionalDouble.of(weight)).need();
  }

  /** Each token is given how many tokens of its row are real, as {@code [B, S, 1]}. */
  private static byte[] countOfRealTokens() {
    GraphBuilder graph = new GraphBuilder("count-of-real-tokens");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    String mask = graph.input("attention_mask", ElementType.INT64, "batch", "sequence");
    String real = graph.op("Cast", mask).with("to", 1).out();
    String sum = graph.op("ReduceSum", real, graph.longs(1)).with("keepdims", 1).out();
    String each = graph.node("Add", graph.op("Cast", ids).with("to", 1).out(), sum);
    String token = graph.node("Unsqueeze", each, graph.longs(2));
    graph.output("logits", token, ElementType.FLOAT32, "batch", "sequence", "1");
    return graph.model(17, "sightline-test");
  }

  private static MaskTrial trial(byte[] model, String... texts) throws IOException {
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      Audit audit =
          Audit.of(Model.parse(model, "tiny")).padId(0).tokenizer(tokenizer).texts(List.of(texts));
      AuditResult result = audit.run();
      return audit.compareMasks(result);
    }
  }
}
