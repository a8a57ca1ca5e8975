package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileInputTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '"',
      value = {
        "causal & & full ~ column 10: expected a mask such as causal or window(2,0), '!' or '(',"
            + " but found '&'",
        "causal & ~ column 9: expected a mask such as causal or window(2,0), '!' or '(', but the"
            + " text ends",
        "causl ~ column 1: there is no mask 'causl'; did you mean causal?",
        "(causal ~ column 8: expected '&', '|', '-' or ')', but the text ends",
        "causal) ~ column 7: expected '&', '|', '-' or the end, but found ')'",
        "window(2) ~ column 8: window needs two distances, left and right, as in window(2,0)",
        "window(-1,0) ~ column 1: a window's distances must not be negative, but they are -1 and 0",
        "window(2,x) ~ column 8: window needs two distances",
        "causal(offset=3x) ~ column 15: expected a whole number, but found '3x'",
        "padding(99999999999) ~ column 9: a number must be between -2^30 and 2^30",
        "padding(5,6; side=up) ~ column 19: a side is left or right, but is 'up'",
        "block-causal(012) ~ column 14: expected bits such as 000111, but found '012'",
        "block-causal(01,011) ~ column 1: the rows of block-causal must have the same number of"
            + " bits",
        "chunk(0) ~ column 1: a chunk must have at least 1 token, but has 0",
        "chunk(inf) ~ column 7: expected a whole number, but found 'inf'",
        "dilated(inf) ~ column 9: expected a whole number, but found 'inf'",
        "documents(ids) ~ column 11: 'ids' of documents needs a value",
        "padding(5; side) ~ column 12: 'side' of padding needs a value",
        "pi0(images, actions=3) ~ column 5: 'images' of pi0 needs a value",
        "pi0(images=3,4; language=2) ~ column 14: 'images' of pi0 is one number",
        "groot-alternate(actions=2; image; sees=text) ~ column 28: 'image' of groot-alternate needs"
            + " a value",
        "tree(-1,1) ~ column 1: a parent comes before its child",
        "dense(110/11) ~ column 11: every row must have the same number of keys",
        "rows(0; -) ~ column 6: a dense mask needs at least one key, but has 0",
        "groups(a(2); a sees b) ~ column 14: there is no segment 'b'; the segments are a",
        "groups(a(2) b(1); a sees nothing b) ~ column 19: a segment sees other segments, or"
            + " nothing",
        "groups(a(2); c sees nothing) ~ column 14: there is no segment 'c'; the segments are a",
        "groups(a(2); a sees nothing; a sees a; a sees a) ~ column 40: what a sees is said twice",
        "groups(a(2) a(3)) ~ column 13: there are two segments of the name a",
        "pi0(images=3) ~ column 1: pi0 needs language=n; an example is pi0(images=3, language=2,"
            + " actions=3)",
        "full(3) ~ column 6: full takes nothing",
        "causal % ~ column 8: expected '&', '|', '-' or the end, but found '%'",
        "\"\" ~ column 1: expected a mask such as causal or window(2,0), '!' or '(', but the text"
            + " ends"
      })
  void parse_ofATextThatIsNoMask_pointsAtTheCharacter(String text, String message) {
    assertThatThrownBy(() -> Mask.parse(text))
        .isInstanceOf(MaskSyntaxException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void message_hasNothingThatSteersATerminal_andIsShort() {
    String hostile = "causal & \u001b]0;title\u0007\u001b[31m \u202ered\u2028 \u009b2J";
    assertThatThrownBy(() -> Mask.parse(hostile))
        .satisfies(e ->
            assertThat(String.valueOf(e.getMessage()).replace("\n", "").chars())
                .allMatch(c -> c >= ' ' && c < 127));
    assertThatThrownBy(() -> Mask.parse("x".repeat(1 << 20)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }

  @Test
  void parse_drawsACaretUnderTheCharacter_alsoOnALaterLine() {
    assertThatThrownBy(() -> Mask.parse("causal\n  & paddin(5)"))
        .hasMessage(
            """
            line 2, column 5: there is no mask 'paddin'; did you mean padding?
                & paddin(5)
                  ^\
            """);
  }

  @Test
  void parse_ofTenThousandParentheses_isRefusedAndOfTenThousandNegationsIsRead() {
    String deep = "(".repeat(10_000) + "causal" + ")".repeat(10_000);
    assertThatThrownBy(() -> Mask.parse(deep))
        .isInstanceOf(MaskSyntaxException.class)
        .hasMessageStartingWith("column 301: parentheses are nested more than 300 deep");
    assertThat(Mask.parse("!".repeat(10_000) + "causal")).isEqualTo(Mask.causal());
    assertThat(Mask.parse("!".repeat(10_001) + "causal")).isEqualTo(Mask.causal().not());
    assertThatThrownBy(() -> Mask.parse("step(".repeat(10_000)))
        .isInstanceOf(MaskSyntaxException.class);
    assertThatThrownBy(() -> Mask.parse("!(causal & ".repeat(10_000)))
        .isInstanceOf(MaskSyntaxException.class);
  }

  @Test
  void masksBuiltTooDeep_areRefusedAndLongChainsAreNot() {
    Mask chain = Mask.causal();
    for (int n = 0; n < 1000; n++) {
      chain = chain.and(Mask.window(n, 0));
    }
    assertThat(chain.over(4, 4).count()).isEqualTo(4);
    assertThatThrownBy(
            () -> {
              Mask deep = Mask.causal();
              for (int n = 0; n < 1000; n++) {
                deep = deep.and(Mask.full()).not();
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("masks are nested more than 300 deep");
  }

  @Test
  void masksAsDeepAsAllowed_arePrintedReadAndAsked() {
    Mask deep = Mask.dilated(2);
    for (int n = 0; n < 149; n++) {
      deep = deep.and(Mask.global(n % 8)).not();
    }
    BoundMask bound = deep.over(8, 8);
    assertThat(Mask.parse(deep.toString())).isEqualTo(deep).hasSameHashCodeAs(deep);
    assertThat(bound.equivalentTo(Mask.parse(deep.toFileText()).over(8, 8))).isTrue();
    assertThat(bound.explain(0, 0, 1, 2).reasons()).isNotEmpty();
    assertThat(bound.lint()).isNotNull();
    String tooDeep = "!(full & ".repeat(200) + "none" + ")".repeat(200);
    assertThatThrownBy(() -> Mask.parse(tooDeep))
        .isInstanceOf(MaskSyntaxException.class)
        .hasMessageStartingWith("column 1: masks are nested more than 300 deep");
  }

  @ParameterizedTest
  @ValueSource(strings = {"causal&", "!causal|", "full-", "(window(3,3))&"})
  void parse_ofAMegabyte_isReadPrintedAndAsked(String part) {
    String text = part.repeat((1 << 20) / part.length()) + "full";
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          Mask mask = Mask.parse(text);
          assertThat(mask.over(8, 8).count()).isBetween(0L, 64L);
          assertThat(Mask.parse(mask.toString())).isEqualTo(mask);
          assertThat(mask.over(8, 8).explain(0, 0, 2, 3).reasons()).isNotEmpty();
          assertThat(mask.over(8, 8).lint()).hasSizeLessThan(9);
        });
  }

  @Test
  void parse_ofAMegabyteOfNumbers_isReadAndOfJunkIsRefused() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          Mask mask = Mask.parse("block-causal(" + "0011".repeat(1 << 18) + ")");
          assertThat(mask.over(1 << 20, 1 << 20).emptyRows(0, 0).isEmpty()).isTrue();
          Mask documents = Mask.parse("documents(" + "1,".repeat(1 << 19) + "1)");
          assertThat(documents.over(1 << 20, 1 << 20).count()).isEqualTo((1 << 19) + 1);
          for (String junk : new String[] {"x", "(", "9", "-", "causal ", "\u2713", "a-"}) {
            assertThatThrownBy(() -> Mask.parse(junk.repeat((1 << 20) / junk.length())))
                .isInstanceOf(MaskSyntaxException.class)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(900));
          }
        });
  }

  @Test
  void sizes_negativeOrBeyondTheLimits_areRefused() {
    assertThatThrownBy(() -> Mask.full().over(-1, 4)).hasMessageContaining("[1, 1, -1, 4]");
    assertThatThrownBy(() -> Mask.full().over(4, Integer.MAX_VALUE))
        .hasMessageContaining("between 0 and 2^30");
    assertThatThrownBy(() -> new MaskShape(0, 1, 4, 4)).hasMessageContaining("[0, 1, 4, 4]");
    assertThatThrownBy(() -> new MaskShape(1 << 20, 1, 1 << 30, 1 << 30))
        .hasMessageContaining("2^62");
    assertThatThrownBy(() -> BooleanMask.of(Mask.full().over(65536, 65536), Polarity.TRUE_ATTENDS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4294967296 elements");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "padding(5,6,3) ~ padding(5,6,3) describes 3 batch rows, but the mask has 2",
        "padding(7) ~ length 7 is beyond the 6 tokens of the mask",
        "padding(11111) ~ length 11111 is beyond the 6 tokens",
        "padding(01111) ~ padding(01111) describes 5 tokens, but there are 6",
        "documents(4,3) ~ sum of lengths 7 is beyond the 6 queries",
        "block-causal(0001) ~ block-causal(0001) describes 4 tokens, but there are 6",
        "islands(0,1) ~ islands(0,1) describes 2 tokens, but there are 6",
        "global(6) ~ last global position plus one 7 is beyond the 6 tokens",
        "prefix(9) ~ prefix length 9 is beyond the 6 keys",
        "chunk(2; left-padding=7) ~ left padding 7 is beyond the 6 tokens",
        "dense(11/11) ~ dense(11/11) is 2 x 2, but the mask is 6 x 6",
        "per-head(causal; full) ~ has masks for 2 heads, but the mask has 1",
        "pi0(images=3, language=2, actions=3) ~ describes 9 tokens, but there are 6"
      })
  void over_ofSizesThatDoNotFit_quotesBoth(String text, String message) {
    assertThatThrownBy(() -> Mask.parse(text).over(new MaskShape(2, 1, 6, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void digits_thatCouldBeBitsOrALength_areReadAsWhatFits() {
    assertThat(Pictures.of(Mask.parse("key-padding(10)"), 1, 2)).isEqualTo("10");
    assertThat(Mask.parse("key-padding(10)").over(1, 16).row(0, 0, 0)).hasToString("0..9");
    assertThat(Mask.keyPadding(10)).hasToString("key-padding(lengths=10)");
    assertThat(Mask.keyPadding("10")).hasToString("key-padding(bits=10)");
    assertThat(Mask.parse("padding(lengths=10)")).isEqualTo(Mask.padding(10));
    assertThat(Mask.parse("padding(bits=10)")).isEqualTo(Mask.padding("10"));
  }

  @Test
  void arrays_raggedOrNotOfZeroAndOne_areRefused() {
    assertThatThrownBy(() -> Mask.dense(new boolean[][] {{true, true}, {true}}))
        .hasMessageContaining("row 0 has 2 and row 1 has 1");
    assertThatThrownBy(() -> Mask.dense(new boolean[0][0])).hasMessageContaining("at least one");
    assertThatThrownBy(() -> Mask.padding(new int[][] {{1, 1, 2}}))
        .hasMessage("an attention mask holds 0 and 1 only, but row 0, token 2 is 2");
    assertThatThrownBy(() -> Mask.padding(new int[][] {{1, 1}, {1}}))
        .hasMessageContaining("2 and 1 tokens");
    assertThatThrownBy(() -> Mask.blockCausal("01x")).hasMessageContaining("'x'");
    assertThatThrownBy(() -> Mask.padding(3, -1)).hasMessageContaining("-1");
  }

  @Test
  void values_builtAlike_areEqual() {
    assertThat(Mask.causal().and(Mask.padding(5, 6, 3)))
        .isEqualTo(Mask.parse("causal & padding(5, 6, 3)"))
        .hasSameHashCodeAs(Mask.parse("causal & padding(5, 6, 3)"))
        .isNotEqualTo(Mask.padding(5, 6, 3).and(Mask.causal()));
    assertThat(Mask.parse("(causal & full) & none"))
        .isEqualTo(Mask.parse("causal & (full & none)"));
    assertThat(Mask.parse("causal-full")).isEqualTo(Mask.causal().minus(Mask.full()));
    assertThat(Mask.parse("!(causal | full) & none - key-padding(3)"))
        .hasToString("!(causal | full) & none - key-padding(3)");
  }
}
