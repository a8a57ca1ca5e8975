package dev.sightline.data.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.TokenAxis.Pair;
import dev.sightline.data.internal.batch.TokenAxis.Past;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenAxisTest {
  private static JointTokens joint(int past, Integer... widths) {
    List<String> names = List.of("first", "second", "third").subList(0, widths.length);
    return new JointTokens(names, past, List.of(widths));
  }

  private static Pair read(JointTokens joint, Source source, int queries, int keys) {
    return Pair.of(joint, source, queries, keys, Past.FED).orElseThrow();
  }

  @Test
  void lengthsTellStreamsApart() {
    Pair cross = read(joint(0, 41, 10), Source.CROSS, 41, 10);

    assertThat(cross.queries()).isEqualTo(new TokenAxis(0, 0, 0));
    assertThat(cross.keys()).isEqualTo(new TokenAxis(0, 1, 1));
    assertThat(cross.ambiguous()).isFalse();
  }

  @Test
  void streamsInARow_areAJointAttention() {
    Pair self = read(joint(0, 15, 5), Source.SELF, 20, 20);

    assertThat(self.keys()).isEqualTo(new TokenAxis(0, 0, 1));
    assertThat(self.queries()).isEqualTo(self.keys());
  }

  @Test
  void cache_standsBeforeTheStreamThatAsksIt() {
    Pair step = read(joint(15, 5), Source.SELF, 5, 20);

    assertThat(step.queries()).isEqualTo(new TokenAxis(0, 0, 0));
    assertThat(step.keys()).isEqualTo(new TokenAxis(15, 0, 0));
    assertThat(step.keys().tokens(joint(15, 5))).hasSize(20).startsWith(0, 1).endsWith(18, 19);
    assertThat(step.queries().tokens(joint(15, 5))).containsExactly(15, 16, 17, 18, 19);
  }

  @Test
  void equalLengths_areReadAsTheGraphHasIt_andSaidToBeAmbiguous() {
    JointTokens twins = joint(0, 5, 5);

    Pair self = read(twins, Source.SELF, 5, 5);
    Pair cross = read(twins, Source.CROSS, 5, 5);

    assertThat(self.queries()).isEqualTo(self.keys());
    assertThat(cross.queries()).isNotEqualTo(cross.keys());
    assertThat(self.ambiguous()).isTrue();
    assertThat(cross.ambiguous()).isTrue();
  }

  @Test
  void lengthsOfNoStream_areNotGuessed() {
    assertThat(Pair.of(joint(0, 41, 10), Source.SELF, 41, 11, Past.FED)).isEmpty();
  }

  @Test
  void oneStream_isPreferredToSeveral_andThatIsNotAmbiguous() {
    Pair self = read(joint(0, 2, 3, 5), Source.SELF, 5, 5);

    assertThat(self).isEqualTo(new Pair(new TokenAxis(0, 2, 2), new TokenAxis(0, 2, 2), false));
  }

  @Test
  void crossAttentionOfEqualLengths_hasTheLaterStreamAsQueries() {
    Pair cross = read(joint(0, 5, 5), Source.CROSS, 5, 5);

    assertThat(cross).isEqualTo(new Pair(new TokenAxis(0, 1, 1), new TokenAxis(0, 0, 0), true));
  }

  @Test
  void whatTheGraphSays_isPreferredToFewerStreams() {
    Pair cross = read(joint(0, 5, 2, 3), Source.CROSS, 5, 5);

    assertThat(cross).isEqualTo(new Pair(new TokenAxis(0, 1, 2), new TokenAxis(0, 0, 0), true));
  }

  @Test
  void cache_belongsToAnyStream() {
    Pair step = read(joint(15, 10, 5), Source.SELF, 5, 20);

    assertThat(step.queries()).isEqualTo(new TokenAxis(0, 1, 1));
    assertThat(step.keys()).isEqualTo(new TokenAxis(15, 1, 1));
    assertThat(step.keys().names(joint(15, 10, 5))).isEqualTo("past + second");
    assertThat(step.keys().tokens(joint(15, 10, 5))).startsWith(0, 1).endsWith(28, 29).hasSize(20);
  }

  @Test
  void tokensThatNoStreamFeeds_areReadOnlyWhereAskedFor() {
    JointTokens joint = joint(0, 4, 3);
    TokenAxis missing = new TokenAxis(2, 0, 1);

    assertThat(TokenAxis.readings(joint, 9, Past.FED)).isEmpty();
    assertThat(TokenAxis.readings(joint, 9, Past.ANY)).containsExactly(missing);
    assertThat(TokenAxis.readings(joint, 7, Past.ANY)).containsExactly(new TokenAxis(0, 0, 1));
    assertThat(TokenAxis.readings(joint, 5, Past.ANY)).isEmpty();
    assertThat(Pair.of(joint, Source.SELF, 9, 9, Past.ANY))
        .contains(new Pair(missing, missing, false));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> missing.tokens(joint))
        .withMessageContaining("2 tokens before those of the streams are not a cache of 0");
  }

  /** A cache of 3, a stream of 2 and 1 tokens in 4 positions, and one of 1 and 2 in 2. */
  @Test
  void positionsOfABatch_areRealOrPadding_inTheirOwnStream() {
    Batch batch =
        Batch.of(
                new ModelInputs(List.of(stream("a"), stream("b")), List.of(cache())),
                List.of(sample(1, 2, 1), sample(2, 1, 2)),
                0)
            .withPadding(0, Padding.LEFT, 4);
    assertThat(batch.joint()).hasToString("past 3 + a 4 + b 2");

    TokenAxis axis = Pair.of(batch.joint(), Source.CROSS, 2, 9, Past.FED).orElseThrow().keys();

    assertThat(axis).isEqualTo(new TokenAxis(3, 0, 1));
    assertThat(axis.length(batch)).isEqualTo(9);
    assertThat(axis.numbers(batch, 0)).containsExactly(0, 1, 2, -1, -1, 3, 4, 5, -1);
    assertThat(axis.numbers(batch, 1)).containsExactly(0, 1, 2, -1, -1, -1, 3, 4, 5);
    assertThat(axis.at(batch, 2)).isEqualTo(new TokenAxis.Position(JointTokens.PAST, 2));
    assertThat(axis.at(batch, 8)).isEqualTo(new TokenAxis.Position(1, 1));
    assertThat(axis.isReal(batch, 0, 8)).isFalse();
    assertThat(axis.isReal(batch, 1, 8)).isTrue();
  }

  private static TokenStream stream(String name) {
    TensorSpec ids = new TensorSpec(name, ElementType.INT64, List.of("batch", name + "_length"));
    return new TokenStream(ids, 1, null, false, null, null, null);
  }

  private static TensorSpec cache() {
    return new TensorSpec("past_keys", ElementType.FLOAT32, List.of("batch", "1", "past", "2"));
  }

  private static Sample sample(int number, int first, int second) {
    RawTensor past =
        RawTensor.ofFloats(
            FloatTensor.of(Shape.of(1, 3, 2), new float[] {1, 2, 3, 4, 5, 6}), ElementType.FLOAT32);
    return new Sample(
        number,
        "sample " + number,
        List.of(ids(first), ids(second)),
        List.of(Optional.empty(), Optional.empty()),
        Map.of("past_keys", past));
  }

  private static TokenizedText ids(int count) {
    return TokenizedText.ofIds(java.util.stream.LongStream.rangeClosed(1, count).toArray());
  }
}
