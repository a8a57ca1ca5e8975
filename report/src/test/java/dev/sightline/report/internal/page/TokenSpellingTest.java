package dev.sightline.report.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSpellingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\u0120and | ' and'",
        "\u2581the | ' the'",
        "##ing | ##ing",
        "caf\u00C3\u00A9 | caf\u00E9",
        "caf\u00E9 | caf\u00E9",
        "\u65E5\u672C | \u65E5\u672C",
        "[CLS] | [CLS]",
        "\u0120\u00C3 | \u0120\u00C3"
      })
  void spelling_isWhatPeopleRead(String token, String text) {
    assertThat(TokenSpelling.of(token)).isEqualTo(text);
  }
}
