package dev.sightline.audit.internal.declared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Policies;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.data.internal.batch.TokenAxis.Pair;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two streams: a has two tokens, of which the first sees the second; b has one, which sees a 0. */
class DeclaredReachTest {
  private static final JointTokens JOINT = new JointTokens(List.of("a", "b"), 0, List.of(2, 1));
  private static final TokenAxis A = new TokenAxis(0, 0, 0);
  private static final TokenAxis B = new TokenAxis(0, 1, 1);

  private static AttentionSite site;

  @BeforeAll
  static void anySite() throws ModelException {
    site = Model.open(Policies.file("pi05-correct.onnx")).attention().found().getFirst();
  }

  private static DeclaredAttention self() {
    return new DeclaredAttention(
        site, new Pair(A, A, false), Mask.parse("dense(11/01)").over(2, 2), "");
  }

  private static DeclaredAttention cross() {
    return new DeclaredAttention(
        site, new Pair(B, A, false), Mask.parse("dense(10)").over(1, 2), "");
  }

  @Test
  void order_decidesWhatIsReachedThroughOthers() {
    DeclaredReach crossThenSelf = new DeclaredReach(JOINT, List.of(cross(), self()), 0);
    DeclaredReach selfThenCross = new DeclaredReach(JOINT, List.of(self(), cross()), 0);

    assertThat(crossThenSelf.reaches(2, 0)).isTrue();
    assertThat(crossThenSelf.reaches(2, 1)).isFalse();
    assertThat(selfThenCross.reaches(2, 1)).isTrue();
    assertThat(selfThenCross.reaches(0, 2)).isFalse();
    assertThat(selfThenCross.reaches(2, 2)).isTrue();
  }

  @Test
  void anyHead_opensAPath_andNothingDeclaredOpensAll() {
    DeclaredAttention heads =
        new DeclaredAttention(
            site,
            new Pair(A, A, false),
            Mask.parse("per-head(causal; none)").over(new MaskShape(1, 2, 2, 2)),
            "");
    DeclaredAttention open = new DeclaredAttention(site, new Pair(A, A, false), null, "");

    assertThat(new DeclaredReach(JOINT, List.of(heads), 0).reaches(1, 0)).isTrue();
    assertThat(new DeclaredReach(JOINT, List.of(heads), 0).reaches(0, 1)).isFalse();
    assertThat(new DeclaredReach(JOINT, List.of(open), 0).reaches(0, 1)).isTrue();
  }
}
