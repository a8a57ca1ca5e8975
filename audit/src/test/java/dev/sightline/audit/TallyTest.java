package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.audit.Difference.NumberedText;
import dev.sightline.audit.Difference.Row;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The two things that sum up runs, fed by hand with values that tell every position apart. */
class TallyTest {
  private static final Outputs TOKENS = new Outputs(List.of("h"), List.of(), 0x1p-23);

  @Test
  void difference_looksAtRealTokensOnly() throws IOException {
    Difference difference = new Difference(TOKENS);
    FloatTensor a = hidden(1, 2, 3, 4, 5, 6, 7, 8);
    FloatTensor b = hidden(1, 2, 3, 4.5f, 99, 99, 99, 99); // tokens 2 and 3 are padding

    difference.compare(row(a), row(b), text("w5 w6"), -1);

    assertThat(difference.largest()).isEqualTo(0.5);
    assertThat(difference.compared()).isEqualTo(2);
    Place worst = requireNonNull(difference.worst());
    assertThat(worst.token()).isEqualTo(1);
    assertThat(worst.spelling()).isEqualTo("w6");
    assertThat(worst.batch()).isEqualTo("[1, 4]");
  }

  @Test
  void difference_passesOverTheTokenThatIsMeantToDiffer() throws IOException {
    Difference difference = new Difference(TOKENS);

    difference.compare(
        row(hidden(1, 2, 3, 4, 0, 0, 0, 0)), row(hidden(1, 2, 9, 9, 0, 0, 0, 0)), text("w5 w6"), 1);

    assertThat(difference.largest()).isZero();
    assertThat(difference.compared()).isEqualTo(1);
  }

  @Test
  void difference_keepsWhatIsNotFinite() throws IOException {
    Difference difference = new Difference(TOKENS);
    FloatTensor clean = hidden(1, 2, 3, 4, 0, 0, 0, 0);

    difference.compare(row(clean), row(hidden(1, Float.NaN, 3, 4, 0, 0, 0, 0)), text("w5 w6"), -1);
    difference.compare(row(clean), row(hidden(1, 2, 3, 9, 0, 0, 0, 0)), text("w5 w6"), -1);

    assertThat(difference.largest()).isNaN();
    assertThat(requireNonNull(difference.worst()).token()).isZero();
  }

  @Test
  void difference_ofAnEmbedding_isTheCosineOfMeansOverRealTokens() throws IOException {
    Difference difference = new Difference(TOKENS);

    // Means (1, 0) and (1, 1): 45 degrees. The padding would make them equal.
    difference.compare(
        row(hidden(1, 0, 1, 0, 50, 50, 50, 50)),
        row(hidden(1, 1, 1, 1, -50, 50, 50, 50)),
        text("w5 w6"),
        -1);

    assertThat(difference.cosine().orElseThrow()).isCloseTo(Math.sqrt(0.5), within(1e-12));
  }

  @Test
  void mass_isOfRealQueriesOnly() throws IOException {
    MassTally tally = new MassTally(List.of(site(0)));

    // [1, 2, 4, 1]: two heads; queries 2 and 3 are padding and may look where they like.
    tally.add(
        List.of(FloatTensor.of(Shape.of(1, 2, 4, 1), new float[] {0, 0.25f, 1, 1, 0.5f, 0, 1, 1})),
        List.of(text("w5 w6")),
        4);

    PaddingMass mass = tally.result(List.of());
    assertThat(mass.queries()).isEqualTo(2);
    assertThat(mass.layers().getFirst().max()).containsExactly(0.25, 0.5);
    assertThat(mass.layers().getFirst().mean()).containsExactly(0.125, 0.25);
    assertThat(requireNonNull(mass.worst()).spelling()).isEqualTo("w5");
  }

  @Test
  void mass_keepsLayersInOrder_thoseWithoutDataToo() throws IOException {
    MassTally tally = new MassTally(List.of(site(0), site(2)));
    FloatTensor none = FloatTensor.of(Shape.of(1, 1, 1, 1), new float[1]);
    tally.add(List.of(none, none), List.of(text("w5")), 1);

    PaddingMass mass =
        tally.result(List.of(new PaddingMass.Layer(1, "out of reach", List.of(), List.of())));

    assertThat(mass.layers()).extracting(PaddingMass.Layer::layer).containsExactly(0, 1, 2);
    assertThat(mass.max()).isZero();
  }

  /** {@code [1, 4, 2]}. */
  private static FloatTensor hidden(float... values) {
    return FloatTensor.of(Shape.of(1, 4, 2), values);
  }

  private static Row row(FloatTensor tensor) {
    return new Row(Map.of("h", tensor), 0, 1, 4);
  }

  private static NumberedText text(String words) throws IOException {
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      return new NumberedText(1, words, tokenizer.encode(words, 40));
    }
  }

  private static AttentionSite site(int layer) {
    return new AttentionSite(layer, "softmax", "p", "s", "v", MaskRoute.VALUE, List.of());
  }
}
