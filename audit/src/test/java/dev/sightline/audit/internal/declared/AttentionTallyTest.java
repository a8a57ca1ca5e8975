package dev.sightline.audit.internal.declared;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Policies;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AttentionTallyTest {
  private static AttentionSite site;

  @BeforeAll
  static void anySite() throws IOException {
    site = Model.open(Policies.file("pi05-correct.onnx")).attention().found().getFirst();
  }

  private static AttentionTally tally(String mask, int samples, int heads, int length) {
    BoundMask bound = Mask.parse(mask).over(new MaskShape(samples, heads, length, length));
    List<String> names = TokenNames.numbered(java.util.Collections.nCopies(length, "t"));
    return new AttentionTally(new DeclaredAttention(site, null, bound, ""), bound, names, names);
  }

  private static Attention judge(String mask, int heads, float... probabilities) {
    int length = (int) Math.sqrt(probabilities.length / (double) heads);
    AttentionTally tally = tally(mask, 1, heads, length);
    tally.add(
        FloatTensor.of(Shape.of(1, heads, length, length), probabilities), 0, 0, (q, i) -> true);
    return tally.result();
  }

  @Test
  void tinyProbability_isAnOffenceIfForbidden_andUseIfAllowed() {
    Attention forbidden = judge("causal", 1, 1, 1e-22f, 0.5f, 0.5f);
    Attention allowed = judge("causal", 1, 1, 0, 1e-22f, 1);

    assertThat(forbidden.state()).isEqualTo(State.OFFENDS);
    assertThat(VerdictText.of(forbidden.worst().getFirst()))
        .isEqualTo("t 0 attends to t 1 in attention 0, head 0 (row 0), probability 1.0e-22");
    assertThat(allowed.state()).isEqualTo(State.CONFORMS);
    assertThat(allowed.unused()).isZero();
  }

  @Test
  void allowedKeyThatNoHeadUses_isCounted_andNoFault() {
    Attention seen = judge("full", 2, 1, 0, 1, 0, 1, 0, 0.5f, 0.5f);

    assertThat(seen.state()).isEqualTo(State.CONFORMS);
    assertThat(seen.unused()).isEqualTo(1);
    assertThat(seen.cells()).isEqualTo(8);
  }

  @Test
  void notANumber_offends() {
    Attention seen = judge("causal", 1, 1, Float.NaN, 1, 0);

    assertThat(seen.offences()).isEqualTo(1);
    assertThat(requireNonNull(seen.picture()).observed(0, 1)).isNaN();
  }

  @Test
  void eachHead_hasItsOwnMask() {
    Attention seen = judge("per-head(causal; full)", 2, 1, 0, 1, 0, 0.5f, 0.5f, 0.5f, 0.5f);
    Attention swapped = judge("per-head(full; causal)", 2, 1, 0, 1, 0, 0.5f, 0.5f, 0.5f, 0.5f);

    assertThat(seen.state()).isEqualTo(State.CONFORMS);
    assertThat(swapped.worst()).singleElement().satisfies(o -> assertThat(o.head()).isEqualTo(1));
  }

  @Test
  void queryToWhichNoKeyIsLeft_isNotJudged() {
    Attention seen = judge("padding(10)", 1, 1, 0, 0.5f, 0.5f);

    assertThat(seen.skippedQueries()).isEqualTo(1);
    assertThat(seen.state()).isEqualTo(State.CONFORMS);
  }

  @Test
  void paddedQueries_mayDoAnything_andTheWorstRowIsDrawn() {
    AttentionTally tally = tally("key-padding(10)", 2, 1, 2);
    float[] open = {0.5f, 0.5f, 0.5f, 0.5f};
    FloatTensor both = FloatTensor.of(Shape.of(2, 1, 2, 2), concat(open, open));

    tally.add(both, 0, 0, (query, index) -> !query || index == 0);
    tally.add(both, 1, 1, (query, index) -> true);

    assertThat(tally.result().offences()).isEqualTo(1 + 2);
    assertThat(requireNonNull(tally.result().picture()).sample()).isEqualTo(1);
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  void onlyTwentyOffencesAreKept_theWorst_butAllAreCounted() {
    float[] rising = new float[64];
    for (int i = 0; i < rising.length; i++) {
      rising[i] = (i + 1) / 64f;
    }
    Attention seen = judge("causal", 1, rising);

    assertThat(seen.offences()).isEqualTo(28);
    assertThat(seen.worst()).hasSize(20);
    assertThat(seen.worst().getFirst().query()).isEqualTo(6);
    assertThat(seen.worst().getFirst().key()).isEqualTo(7);
    assertThat(seen.worst()).noneMatch(o -> o.probability() < 7 / 64f);
  }

  @Test
  void nothingUsed_isUnused() {
    assertThat(judge("causal", 1, 0, 0, 0, 0).state()).isEqualTo(State.UNUSED);
  }

  @Test
  void longAxes_areDrawnBySixtyFour_withTheOffence() {
    float[] seen = new float[100 * 100];
    boolean[] declared = new boolean[seen.length];
    seen[99 * 100 + 98] = 0.25f;
    List<String> names = TokenNames.numbered(java.util.Collections.nCopies(100, "t"));

    CellPicture picture =
        CellPicture.of(
            3, names, names, new boolean[names.size()], new boolean[names.size()], declared, seen);

    assertThat(picture.rows()).hasSize(64).contains("t 0", "t 99");
    assertThat(picture.columns()).hasSize(64).contains("t 98");
    assertThat(picture.totalColumns()).isEqualTo(100);
    assertThat(picture.offends(63, picture.columns().indexOf("t 98"))).isTrue();
  }
}
