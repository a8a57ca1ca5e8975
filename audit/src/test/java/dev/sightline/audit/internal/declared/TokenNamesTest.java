package dev.sightline.audit.internal.declared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sightline.audit.declared.Segments;
import dev.sightline.data.internal.batch.JointTokens;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenNamesTest {
  private static JointTokens joint(int past, Integer... widths) {
    List<String> names = List.of("first", "second", "third").subList(0, widths.length);
    return new JointTokens(names, past, List.of(widths));
  }

  @Test
  void segments_nameTokens_andTheRestKeepTheirStream() {
    List<String> names = TokenNames.of(Segments.parse("state=1, future=2"), joint(0, 3, 2));

    assertThat(names).containsExactly("state 0", "future 0", "future 1", "second 0", "second 1");
    assertThat(TokenNames.of(Segments.parse("a=1,b=1,a=1"), joint(0, 3)))
        .containsExactly("a 0", "b 0", "a 1");
    assertThat(TokenNames.of(Segments.parse("cached=2,new=1"), joint(2, 1)))
        .containsExactly("cached 0", "cached 1", "new 0");
  }

  @Test
  void segmentsThatEndInsideAStream_areRefused_withBothNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenNames.of(Segments.parse("state=1,future=3"), joint(0, 3, 2)))
        .withMessageContaining("name 4 tokens, but the model has first 3 + second 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Segments.parse("state=1,future"))
        .withMessageContaining("'future' is no segment");
    assertThatIllegalArgumentException().isThrownBy(() -> Segments.parse("state=0"));
  }
}
