package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.TinyEncoder.Masking;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Need;
import dev.sightline.audit.result.MaskTrial.Thumb;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.internal.graph.GraphBuilder;
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
