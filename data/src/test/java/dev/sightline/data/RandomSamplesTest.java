package dev.sightline.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Made-up texts: what a tokenizer would give, but for the words. */
class RandomSamplesTest {
  private static final long PAD = 1;

  private static final SpecialTokens SPECIAL =
      new SpecialTokens(OptionalLong.of(PAD), List.of(0L), List.of(2L), Set.of(5L));

  @Test
  void specialTokens_areWhereATokenizerPutsThem_andNowhereElse() throws ModelException {
    Model model = model(9).withSpecialTokens(SPECIAL);

    List<Sample> samples = new RandomTokens(model, PAD, 7).samples(8);

    Set<Long> inside = new HashSet<>();
    for (Sample sample : samples) {
      TokenizedText text = (TokenizedText) sample.streams().getFirst();
      long[] ids = text.ids();
      assertThat(ids).startsWith(0).endsWith(2);
      assertThat(text.isSpecial(0)).isTrue();
      assertThat(text.isSpecial(1)).isFalse();
      Arrays.stream(ids, 1, ids.length - 1).forEach(inside::add);
    }
    assertThat(inside).containsExactlyInAnyOrder(3L, 4L, 6L, 7L, 8L);
  }

  @Test
  void lengths_vary() throws ModelException {
    Model model = model(9);

    List<Sample> samples = new RandomTokens(model, PAD, 7).samples(3);

    assertThat(samples).extracting(sample -> sample.length(0)).containsExactly(14, 9, 7);
  }

  /** A configuration can name ids that the table does not have. */
  @Test
  void specialTokens_thatTheModelDoesNotHave_areLeftOut() throws ModelException {
    Model model =
        model(9)
            .withSpecialTokens(
                new SpecialTokens(OptionalLong.of(50), List.of(9L), List.of(2L), Set.of()));

    TokenizedText text =
        (TokenizedText) new RandomTokens(model, PAD, 7).samples(1).getFirst().streams().getFirst();

    assertThat(text.ids()).endsWith(2);
    assertThat(Arrays.stream(text.ids()).max().orElseThrow()).isLessThan(9);
  }

  @Test
  void otherContent_isNeverSpecial() throws ModelException {
    Model model = model(9).withSpecialTokens(SPECIAL);
    TokenStream stream = model.roles().streams().getFirst();
    RandomTokens random = new RandomTokens(model, PAD, 7);
    RandomTokens.Draw draw = random.of(stream, random.samples(1).getFirst());

    Set<Long> drawn = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      drawn.add(draw.id());
    }

    assertThat(drawn).containsExactlyInAnyOrder(3L, 4L, 6L, 7L, 8L);
  }

  /** Where almost every id is special, the texts still differ. */
  @Test
  void smallVocabulary_keepsIdsToDraw() throws ModelException {
    Model model =
        model(4)
            .withSpecialTokens(
                new SpecialTokens(OptionalLong.of(PAD), List.of(0L), List.of(2L), Set.of()));
    RandomTokens random = new RandomTokens(model, PAD, 7);

    TokenizedText text = (TokenizedText) random.samples(1).getFirst().streams().getFirst();

    assertThat(new HashSet<>(Arrays.stream(text.ids()).boxed().toList()))
        .containsExactlyInAnyOrder(0L, 2L, 3L);
  }

  private static Model model(int vocabulary) throws ModelException {
    GraphBuilder graph = new GraphBuilder("lookup");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    graph.input("attention_mask", ElementType.INT64, "batch", "sequence");
    String table =
        graph.floats("table", ElementType.FLOAT32, new float[vocabulary * 4], vocabulary, 4);
    graph.output(
        "y", graph.node("Gather", table, ids), ElementType.FLOAT32, "batch", "sequence", "4");
    return Model.parse(graph.model(17, "test"), "lookup");
  }
}
