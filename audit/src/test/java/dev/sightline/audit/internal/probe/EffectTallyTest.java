package dev.sightline.audit.internal.probe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.audit.result.Effect;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.ElementType;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EffectTallyTest {
  private static final Output HIDDEN = TokenOutputs.of("h", 1);
  private static final Output LOGITS = HIDDEN.as(OutputKind.TOKEN_LOGITS, Pooling.MEAN);
  private static final Output SCORES =
      Output.ofRows("scores", 0, ElementType.FLOAT32).as(OutputKind.CLASS_SCORES, Pooling.MEAN);
  private static final Output POOLED = Output.ofRows("pooled", 0, ElementType.FLOAT32);

  private final EffectTally tally = new EffectTally();

  private static Sample sample(long number) {
    return Sample.ofTokens(number, "text " + number, TokenizedText.ofIds(new long[] {7, 8, 9}), 1);
  }

  @Test
  void logits_countPositionsOfAnotherTopToken_andKeepTheLargestChangeWithItsGap() {
    tally.add(
        LOGITS, sample(1), OptionalInt.of(0), new double[] {1, 5, 2}, new double[] {1, 4.5, 2});
    tally.add(LOGITS, sample(1), OptionalInt.of(1), new double[] {1, 5, 4}, new double[] {1, 3, 4});
    tally.add(LOGITS, sample(2), OptionalInt.of(2), new double[] {9, 0, 1}, new double[] {5, 0, 1});

    assertThat(tally.effect()).isEqualTo(new Effect.TopToken(1, 3, 4, 8, 2, OptionalInt.of(2)));
  }

  @Test
  void scores_areComparedAsProbabilities() {
    double log3 = Math.log(3);
    tally.add(SCORES, sample(1), OptionalInt.empty(), new double[] {0.1, 0}, new double[] {0.2, 0});
    tally.add(
        SCORES, sample(4), OptionalInt.empty(), new double[] {log3, 0}, new double[] {0, log3});

    Effect.ClassProbability p = (Effect.ClassProbability) requireNonNull(tally.effect());

    assertThat(p.label()).isZero();
    assertThat(p.before()).isCloseTo(0.75, within(1e-12));
    assertThat(p.after()).isCloseTo(0.25, within(1e-12));
    assertThat(p.text()).isEqualTo(4);
    assertThat(p.token()).isEmpty();
    assertThat(p.changed()).isEqualTo(1);
    assertThat(p.compared()).isEqualTo(2);
  }

  @Test
  void singleScore_isASigmoid_andProbabilitiesStayAsTheyAre() {
    tally.add(SCORES, sample(2), OptionalInt.empty(), new double[] {0}, new double[] {Math.log(9)});
    Effect.ClassProbability one = (Effect.ClassProbability) requireNonNull(tally.effect());
    assertThat(one.before()).isEqualTo(0.5);
    assertThat(one.after()).isCloseTo(0.9, within(1e-12));
    assertThat(one.changed()).isEqualTo(1);

    EffectTally other = new EffectTally();
    other.add(
        SCORES,
        sample(2),
        OptionalInt.empty(),
        new double[] {0.2, 0.5, 0.3},
        new double[] {0.4, 0.4, 0.2});
    assertThat(((Effect.ClassProbability) requireNonNull(other.effect())).before()).isEqualTo(0.2);
  }

  @Test
  void pooledVector_goesBeforeTheMeanOfTokens_andBothBeforeASingleToken() {
    tally.add(HIDDEN, sample(1), OptionalInt.of(2), new double[] {1, 0}, new double[] {-1, 0});
    assertThat(tally.effect()).isEqualTo(new Effect.TokenCosine(-1, 1, 2));

    tally.addEmbedding(HIDDEN, sample(1), new double[] {1, 0}, new double[] {1, 1});
    assertThat(((Effect.EmbeddingCosine) requireNonNull(tally.effect())).value())
        .isCloseTo(Math.sqrt(0.5), within(1e-12));

    tally.addEmbedding(POOLED, sample(3), new double[] {1, 0}, new double[] {3, 4});
    tally.addEmbedding(POOLED, sample(5), new double[] {1, 0}, new double[] {4, 3});
    assertThat(tally.effect()).isEqualTo(new Effect.EmbeddingCosine(0.6, 3));
  }

  @Test
  void nan_isCountedAndSaid() {
    tally.add(LOGITS, sample(1), OptionalInt.of(0), new double[] {1, 2}, new double[] {1, 2});
    tally.add(
        LOGITS, sample(1), OptionalInt.of(1), new double[] {1, 2}, new double[] {Double.NaN, 2});

    assertThat(tally.effect()).isEqualTo(new Effect.NotFinite(1, 2));
  }

  @Test
  void embedding_isPooledAsDeclared() {
    double[][] tokens = {{1, 0}, {0, 5}, {-2, 1}};
    assertThat(pooled(Pooling.MEAN, tokens)).containsExactly(-1, 6);
    assertThat(pooled(Pooling.FIRST, tokens)).containsExactly(1, 0);
    assertThat(pooled(Pooling.LAST, tokens)).containsExactly(-2, 1);
    assertThat(pooled(Pooling.MAX, tokens)).containsExactly(1, 5);
    assertThat(pooled(Pooling.WEIGHTED_MEAN, tokens)).containsExactly(-5, 13);
  }

  private static double[] pooled(Pooling pooling, double[][] tokens) {
    Embedding embedding = new Embedding(pooling, 2);
    for (int t = 0; t < tokens.length; t++) {
      embedding.add(t, tokens.length, tokens[t]);
    }
    return embedding.vector();
  }

  @Test
  void kind_followsTheVocabularyThenTheName() {
    OptionalInt vocabulary = OptionalInt.of(40);
    assertThat(OutputKind.of("output_0", 40, vocabulary, true)).isEqualTo(OutputKind.TOKEN_LOGITS);
    assertThat(OutputKind.of("logits", 9, vocabulary, true)).isEqualTo(OutputKind.CLASS_SCORES);
    assertThat(OutputKind.of("logits", 3, OptionalInt.empty(), false))
        .isEqualTo(OutputKind.CLASS_SCORES);
    assertThat(OutputKind.of("logits", 30_522, OptionalInt.empty(), true))
        .isEqualTo(OutputKind.TOKEN_LOGITS);
    assertThat(OutputKind.of("last_hidden_state", 32, vocabulary, true))
        .isEqualTo(OutputKind.EMBEDDING);
    assertThat(OutputKind.of("pooler_output", 40, vocabulary, false))
        .isEqualTo(OutputKind.EMBEDDING);
  }
}
