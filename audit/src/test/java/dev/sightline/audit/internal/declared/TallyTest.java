package dev.sightline.audit.internal.declared;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.audit.TinyEncoder;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.MassTally;
import dev.sightline.audit.internal.probe.Output;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Site;
import dev.sightline.audit.internal.probe.TokenOutputs;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Place;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The two things that sum up runs, fed by hand with values that tell every position apart. */
class TallyTest {
  private static final Output TOKENS = TokenOutputs.of("h", 1);
  private static final TokenAxis AXIS = new TokenAxis(0, 0, 0);

  @Test
  void difference_looksAtRealTokensOnly() throws ModelException {
    Difference difference = new Difference();
    RunOutputs a = seen(Padding.RIGHT, 1, 2, 3, 4, 5, 6, 7, 8);
    RunOutputs b = seen(Padding.RIGHT, 1, 2, 3, 4.5f, 99, 99, 99, 99); // tokens 2 and 3 are padding

    difference.compare(TOKENS, a, 0, b, 0, token -> true);

    assertThat(difference.largest()).isEqualTo(0.5);
    assertThat(difference.compared()).isEqualTo(2);
    Place worst = requireNonNull(difference.worst());
    assertThat(worst.token()).hasValue(1);
    assertThat(worst.spelling()).isEqualTo("#6");
    assertThat(worst.batch()).isEqualTo("[1, 4]");
  }

  @Test
  void difference_followsATokenToWhereItStands() throws ModelException {
    Difference difference = new Difference();
    RunOutputs right = seen(Padding.RIGHT, 1, 2, 3, 4, 50, 60, 70, 80);
    RunOutputs left = seen(Padding.LEFT, -9, -9, -9, -9, 1, 2, 3, 4);
    RunOutputs interior = seen(Padding.INTERIOR, 1, 2, -9, -9, -9, -9, 3, 4);

    difference.compare(TOKENS, right, 0, left, 0, token -> true);
    difference.compare(TOKENS, left, 0, interior, 0, token -> true);

    assertThat(difference.largest()).isZero();
    assertThat(difference.compared()).isEqualTo(4);
  }

  @Test
  void difference_passesOverTheTokenThatIsMeantToDiffer() throws ModelException {
    Difference difference = new Difference();
    RunOutputs a = seen(Padding.RIGHT, 1, 2, 3, 4, 0, 0, 0, 0);
    RunOutputs b = seen(Padding.RIGHT, 1, 2, 9, 9, 0, 0, 0, 0);

    difference.compare(TOKENS, a, 0, b, 0, token -> token != 1);

    assertThat(difference.largest()).isZero();
    assertThat(difference.compared()).isEqualTo(1);
  }

  @Test
  void difference_keepsWhatIsNotFinite() throws ModelException {
    Difference difference = new Difference();
    RunOutputs clean = seen(Padding.RIGHT, 1, 2, 3, 4, 0, 0, 0, 0);
    RunOutputs broken = seen(Padding.RIGHT, 1, Float.NaN, 3, 4, 0, 0, 0, 0);

    difference.compare(TOKENS, clean, 0, broken, 0, token -> true);
    difference.compare(
        TOKENS, clean, 0, seen(Padding.RIGHT, 1, 2, 3, 9, 0, 0, 0, 0), 0, token -> true);

    assertThat(difference.largest()).isNaN();
    assertThat(requireNonNull(difference.worst()).token()).hasValue(0);
    assertThat(requireNonNull(difference.pair()).b()).isSameAs(broken);
  }

  @Test
  void difference_ofAnEmbedding_isTheCosineOfMeansOverRealTokens() throws ModelException {
    Difference difference = new Difference();

    // Means (1, 0) and (1, 1): 45 degrees. The padding would make them equal.
    difference.compare(
        TOKENS,
        seen(Padding.RIGHT, 1, 0, 1, 0, 50, 50, 50, 50),
        0,
        seen(Padding.RIGHT, 1, 1, 1, 1, -50, 50, 50, 50),
        0,
        token -> true);

    assertThat(difference.cosine().orElseThrow()).isCloseTo(Math.sqrt(0.5), within(1e-12));
  }

  @Test
  void difference_readsVectorsWhateverAxisCountsTheTokens() throws ModelException {
    Output keys = TokenOutputs.of("h", 2); // [B, D, S]
    Batch batch = batch(Padding.RIGHT);
    FloatTensor a = FloatTensor.of(Shape.of(1, 2, 4), new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    FloatTensor b = FloatTensor.of(Shape.of(1, 2, 4), new float[] {1, 2, 99, 99, 5, 6.25f, 99, 99});
    Difference difference = new Difference();

    difference.compare(
        keys,
        new RunOutputs(batch, Map.of("h", a)),
        0,
        new RunOutputs(batch, Map.of("h", b)),
        0,
        token -> true);

    assertThat(difference.largest()).isEqualTo(0.25);
  }

  @Test
  void mass_isOfRealQueriesOnly() throws ModelException {
    MassTally tally = new MassTally(List.of(site(0)));

    // [1, 2, 4]: two heads; queries 2 and 3 are padding and may look where they like.
    tally.add(
        List.of(FloatTensor.of(Shape.of(1, 2, 4), new float[] {0, 0.25f, 1, 1, 0.5f, 0, 1, 1})),
        batch(Padding.RIGHT));

    PaddingMass mass = tally.result(Map.of());
    assertThat(mass.queries()).isEqualTo(2);
    assertThat(mass.layers().getFirst().max()).containsExactly(0.25, 0.5);
    assertThat(mass.layers().getFirst().mean()).containsExactly(0.125, 0.25);
    assertThat(requireNonNull(mass.worst()).spelling()).isEqualTo("#5");
  }

  @Test
  void mass_keepsLayersInOrder_thoseWithoutDataToo() throws ModelException {
    MassTally tally = new MassTally(List.of(site(0), site(2)));
    FloatTensor none = FloatTensor.of(Shape.of(1, 1, 4), new float[4]);
    tally.add(List.of(none, none), batch(Padding.RIGHT));

    PaddingMass mass = tally.result(Map.of(1, "out of reach"));

    assertThat(mass.layers()).extracting(PaddingMass.Layer::layer).containsExactly(0, 1, 2);
    assertThat(mass.max()).hasValue(0);
  }

  /** Two tokens in four positions, hidden states {@code [1, 4, 2]}. */
  private static RunOutputs seen(Padding side, float... hidden) throws ModelException {
    return new RunOutputs(batch(side), Map.of("h", FloatTensor.of(Shape.of(1, 4, 2), hidden)));
  }

  private static Batch batch(Padding side) throws ModelException {
    Model model = Model.parse(TinyEncoder.correct(), "tiny");
    Sample sample = new Sample(1, "w5 w6", List.of(TokenizedText.ofIds(5, 6)));
    return Batch.of(model.roles(), List.of(sample), 0).withPadding(0, side, 4);
  }

  private static Site site(int layer) {
    return new Site(
        new AttentionSite(
            layer, "softmax", "Softmax", Source.SELF, List.of(), Set.of(), "", null, ""),
        AXIS,
        AXIS);
  }
}
