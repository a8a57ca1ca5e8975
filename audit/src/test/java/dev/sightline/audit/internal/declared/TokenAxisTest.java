package dev.sightline.audit.internal.declared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sightline.audit.declared.Segments;
import dev.sightline.data.JointTokens;
import dev.sightline.data.TokenAxis;
import dev.sightline.data.TokenAxis.Pair;
import dev.sightline.data.TokenAxis.Part;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenAxisTest {
  private static JointTokens joint(int past, Integer... widths) {
    List<String> names = List.of("first", "second", "third").subList(0, widths.length);
    return new JointTokens(names, past, List.of(widths));
  }

  private static Pair read(JointTokens joint, Source source, int queries, int keys) {
    return TokenAxis.of(joint, source, queries, keys).orElseThrow();
  }

  @Test
  void lengthsTellStreamsApart() {
    Pair cross = read(joint(0, 41, 10), Source.CROSS, 41, 10);

    assertThat(cross.queries().parts()).containsExactly(new Part(0, 0, 41));
    assertThat(cross.keys().parts()).containsExactly(new Part(1, 0, 10));
    assertThat(cross.ambiguous()).isFalse();
  }

  @Test
  void streamsInARow_areAJointAttention() {
    Pair self = read(joint(0, 15, 5), Source.SELF, 20, 20);

    assertThat(self.keys().parts()).containsExactly(new Part(0, 0, 15), new Part(1, 0, 5));
    assertThat(self.queries()).isEqualTo(self.keys());
  }

  @Test
  void cache_standsBeforeTheStreamThatAsksIt() {
    Pair step = read(joint(15, 5), Source.SELF, 5, 20);

    assertThat(step.queries().parts()).containsExactly(new Part(0, 0, 5));
    assertThat(step.keys().parts())
        .containsExactly(new Part(JointTokens.PAST, 0, 15), new Part(0, 0, 5));
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
    assertThat(TokenAxis.of(joint(0, 41, 10), Source.SELF, 41, 11)).isEmpty();
  }

  @Test
  void segments_nameTokens_andTheRestKeepTheirStream() {
    List<String> names = Segments.parse("state=1, future=2").names(joint(0, 3, 2));

    assertThat(names).containsExactly("state 0", "future 0", "future 1", "second 0", "second 1");
    assertThat(Segments.parse("a=1,b=1,a=1").names(joint(0, 3)))
        .containsExactly("a 0", "b 0", "a 1");
    assertThat(Segments.parse("cached=2,new=1").names(joint(2, 1)))
        .containsExactly("cached 0", "cached 1", "new 0");
  }

  @Test
  void segmentsThatEndInsideAStream_areRefused_withBothNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Segments.parse("state=1,future=3").names(joint(0, 3, 2)))
        .withMessageContaining("name 4 tokens, but the model has first 3 + second 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Segments.parse("state=1,future"))
        .withMessageContaining("'future' is no segment");
    assertThatIllegalArgumentException().isThrownBy(() -> Segments.parse("state=0"));
  }
}
