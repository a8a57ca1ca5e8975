package dev.sightline.report.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControlCharactersTest {
  @Test
  void shown_leavesReadableTextAlone() {
    String readable =
        "caf\u00E9 \u05E9\u05DC\u05D5\u05DD \u4F60\u597D \uD83D\uDE00 \u0645\u06CC\u200C\u062E";
    assertThat(ControlCharacters.shown(readable)).isSameAs(readable);
  }

  @Test
  void shown_twice_isTheSame() {
    String once = ControlCharacters.shown("a\u202E\n\t\u0000");
    assertThat(once).isEqualTo("a\\u202E\\n\\t\\u0000");
    assertThat(ControlCharacters.shown(once)).isEqualTo(once);
  }

  @Test
  void inJson_leavesTheLayoutAlone() {
    assertThat(ControlCharacters.inJson("{\n  \"a\u202E\"\n}")).isEqualTo("{\n  \"a\\u202E\"\n}");
  }
}
