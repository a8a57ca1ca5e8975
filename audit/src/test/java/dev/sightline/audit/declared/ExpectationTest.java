package dev.sightline.audit.declared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationTest {
  @Test
  void oneMask_isForAllAttentions_semicolonsInsideNotwithstanding() {
    Expectation one = Expectation.parse("per-batch(causal; full) & window(2,0; top-left)");

    assertThat(one.of(0)).contains(Mask.parse("per-batch(causal; full) & window(2,0; top-left)"));
    assertThat(one.of(99)).isEqualTo(one.of(0));
  }

  @Test
  void pieces_nameAttentionsByNumberAndRange_andTheRestByElse() {
    Expectation some =
        Expectation.parse("0, 2, 4-6: causal; # the even ones\n 1: none;\n else: full;");

    assertThat(some.of(2)).contains(Mask.causal());
    assertThat(some.of(5)).contains(Mask.causal());
    assertThat(some.of(1)).contains(Mask.none());
    assertThat(some.of(3)).contains(Mask.full());
    assertThat(Expectation.parse("*: full").of(7)).contains(Mask.full());
    assertThat(Expectation.parse("0: full").of(1)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          0: causal; full      | 'full' does not say which attentions it is about
          0-x: causal          | '0-x:' does not name attentions
          3-1: causal          | '3-1' of '3-1:' runs backwards
          0,1: full; 1-2: none | attention 1 is declared twice, last in '1-2:'
          *: full; else: none  | 'else:' is declared twice
          0: paddin(3)         | 'paddin(3)' is no mask: column 1: there is no mask 'paddin'
          0: a: b              | '0: a: b' does not say which attentions
          ; # nothing          | no mask is declared in '; # nothing'
          """)
  void whatIsNoDeclaration_isQuoted(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expectation.parse(text))
        .withMessageContaining(message);
  }

  @Test
  void numbersThatDoNotFit_areBothNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expectation.parse("0,9: full").requireWithin(6))
        .withMessage("a mask is declared for attention 9, but the model has 6, counted from 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expectation.parse("padding(3,2)").over(1, new MaskShape(3, 4, 5, 5)))
        .withMessageContaining("attention 1 tells apart 2 batch rows, but there are 3 samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expectation.parse("causal").over(1, new MaskShape(3, 4, 5, 7)))
        .withMessageContaining("attention 1 has 5 queries and 7 keys, which")
        .withMessageContaining("diagonal");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Expectation.parse("per-head(full; causal)").over(0, new MaskShape(1, 4, 5, 5)))
        .withMessageContaining("2 heads, but there are 4 heads in the model");
  }

  @Test
  void file_isReadWithItsComments(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("policy.mask"), "# all\n0: causal # one\n");

    assertThat(Expectation.read(file.toString()).of(0)).contains(Mask.causal());
    assertThatThrownBy(() -> Expectation.read(folder.resolve("other.mask").toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no file")
        .hasMessageContaining("other.mask");
  }
}
