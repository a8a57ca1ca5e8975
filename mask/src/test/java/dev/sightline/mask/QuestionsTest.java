package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionsTest {
  private static BoundMask over(String text, int length) {
    return Mask.parse(text).over(length, length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "causal & padding(5) ~ 2 ~ 4 ~ causal: query 2 sees keys up to 2, and key 4 comes after",
        "full & padding(5) ~ 2 ~ 5 ~ padding(5): key 5 is padding",
        "full & padding(5) ~ 5 ~ 5 ~ padding(5): query 5 and key 5 are padding",
        "window(2,0) ~ 5 ~ 1 ~ window(2,0): query 5 sees 2 to the left and 0 to the right, and key"
            + " 1 is 4 to the left",
        "documents(3,3) ~ 1 ~ 4 ~ documents(3,3): query 1 is in document 0, key 4 in document 1",
        "full - documents(3,3) ~ 1 ~ 0 ~ !documents(3,3): query 1 is in document 0, key 0 in"
            + " document 0, turned around",
        "chunk(2) ~ 1 ~ 2 ~ chunk(2): query 1 is in chunk 0, key 2 in chunk 1",
        "block-causal(000111) ~ 0 ~ 3 ~ block-causal(000111): query 0 is in block 0, key 3 in block"
            + " 1, which is later",
        "islands(0,1,1,0,0,0) ~ 0 ~ 0 ~ islands(0,1,1,0,0,0): query 0 has id 0, key 0 has id 0, and"
            + " id 0 is no island"
      })
  void explain_ofAForbiddenPair_namesThePartThatForbids(
      String text, int query, int key, String reason) {
    Explanation explanation = over(text, 6).explain(0, 0, query, key);
    assertThat(explanation.allowed()).isFalse();
    assertThat(explanation.reasons()).hasSize(1);
    assertThat(explanation.reasons().get(0)).hasToString(reason);
  }

  @Test
  void explain_ofAlternatives_namesTheOneThatAllowsOrAllThatForbid() {
    BoundMask mask = over("causal | islands(0,1,1,0,0,0)", 6);
    assertThat(mask.explain(0, 0, 1, 2))
        .hasToString(
            "query 1 may attend to key 2\n"
                + "  islands(0,1,1,0,0,0): query 1 has id 1, key 2 has id 1");
    assertThat(mask.explain(0, 0, 1, 3).reasons())
        .extracting(Explanation.Reason::part)
        .containsExactly("causal", "islands(0,1,1,0,0,0)");
  }

  @Test
  void explain_ofRandomPairs_hasAReasonAndTheRightAnswer() {
    Random random = new Random(7);
    for (int n = 0; n < 300; n++) {
      MaskShape shape = new MaskShape(2, 2, 9, 9);
      BoundMask mask = new RandomMasks(n, shape).next(3).over(shape);
      Cell cell =
          new Cell(random.nextInt(2), random.nextInt(2), random.nextInt(9), random.nextInt(9));
      Explanation explanation = mask.explain(cell.batch(), cell.head(), cell.query(), cell.key());
      assertThat(explanation.allowed()).as("seed " + n).isEqualTo(mask.allowed(cell));
      assertThat(explanation.reasons()).as("seed " + n).isNotEmpty();
    }
  }

  @Test
  void density_countsBatchRowsAndHeads() {
    assertThat(Mask.causal().over(new MaskShape(3, 2, 4, 4)).density()).isEqualTo(10 / 16.0);
    assertThat(Mask.padding(2, 4).over(new MaskShape(2, 5, 4, 4)).count()).isEqualTo(5 * 20);
    assertThat(Mask.full().over(0, 0).density()).isZero();
  }

  @Test
  void reach_throughLayers_widensAWindowAndStopsAtDocuments() {
    BoundMask mask = over("window(2,0) & documents(6,4)", 10);
    assertThat(mask.reach(0, 5, 0)).hasToString("5");
    assertThat(mask.reach(0, 5, 1)).hasToString("3..5");
    assertThat(mask.reach(0, 5, 2)).hasToString("1..5");
    assertThat(mask.reach(0, 9, 9)).hasToString("6..9");
  }

  @Test
  void reach_throughLayersOfTheirOwn_looksThroughTheLastOneFirst() {
    BoundMask near = over("window(1,0)", 9);
    BoundMask far = over("dilated(4)", 9);
    assertThat(BoundMask.reach(List.of(near, far), 0, 8)).hasToString("0, 3..4, 7..8");
    assertThat(BoundMask.reach(List.of(far, near), 0, 8)).hasToString("0, 3..4, 7..8");
    BoundMask half = over("documents(5,4)", 9);
    assertThat(BoundMask.reach(List.of(near, half), 0, 8)).hasToString("4..8");
    assertThat(BoundMask.reach(List.of(half, near), 0, 5)).hasToString("0..8");
    assertThat(BoundMask.reach(List.of(near, near, near), 0, 8)).isEqualTo(near.reach(0, 8, 3));
    assertThat(BoundMask.reach(List.of(), 0, 8)).hasToString("8");
  }

  @Test
  void reach_agreesWithABooleanProduct_onRandomMasks() {
    for (int seed = 0; seed < 200; seed++) {
      MaskShape shape = new MaskShape(1, 2, 8, 8);
      BoundMask mask = new RandomMasks(seed, shape).next(2).over(shape);
      boolean[][] sees = new boolean[8][8];
      for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
          sees[i][j] = i == j || mask.allowed(0, 0, i, j) || mask.allowed(0, 1, i, j);
        }
      }
      boolean[][] reach = sees;
      for (int layer = 1; layer < 3; layer++) {
        reach = product(reach, sees);
      }
      for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
          assertThat(mask.reach(0, i, 3).contains(j))
              .as("seed " + seed + ": " + mask + ", " + i + " to " + j)
              .isEqualTo(reach[i][j]);
        }
      }
    }
  }

  private static boolean[][] product(boolean[][] a, boolean[][] b) {
    boolean[][] c = new boolean[a.length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < a.length; k++) {
        for (int j = 0; j < a.length; j++) {
          c[i][j] |= a[i][k] && b[k][j];
        }
      }
    }
    return c;
  }

  @Test
  void fingerprint_followsWhatIsAllowedAndNotHowItIsWritten() {
    String print = over("causal & window(2,inf)", 9).fingerprint();
    assertThat(over("window(2,0)", 9).fingerprint()).isEqualTo(print).hasSize(32);
    assertThat(over("window(2,1)", 9).fingerprint()).isNotEqualTo(print);
    assertThat(over("window(2,0)", 10).fingerprint()).isNotEqualTo(print);
    assertThat(Mask.window(2, 0).over(new MaskShape(2, 1, 9, 9)).fingerprint()).isNotEqualTo(print);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "row-causal(000111) ~ FUTURE_LEAK",
        "causal | global(0) ~ FUTURE_LEAK",
        "causal | window(0,1) ~ FUTURE_LEAK",
        "(causal & documents(3,3)) | global(0) ~ DOCUMENT_LEAK",
        "padding(5) | window(1,0) ~ PADDING_LEAK",
        "causal & !window(6,0) ~ EMPTY_ROW",
        "causal - window(0,0) ~ EMPTY_ROW",
        "none ~ EMPTY_ROW",
        "documents(3,3) | documents(2,4) | window(2,0) & global(3) ~ DOCUMENT_LEAK",
        "groups(a(3) b(3); a sees a; b sees b) | window(1,0) ~ GROUP_LEAK",
        "groups(a(2) b(2) c(2); a sees a b; b sees c; c sees c) ~ GROUP_LEAK"
      })
  void lint_findsWhatIsProbablyNotMeant(String text, Finding.Kind kind) {
    assertThat(over(text, 6).lint()).as(text).extracting(Finding::kind).contains(kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "causal",
        "full",
        "window(2,2)",
        "causal & padding(5)",
        "padding(5; side=left) & causal",
        "block-causal(000111)",
        "causal | islands(0,1,1,0,0,0)",
        "prefix(3)",
        "documents(3,3)",
        "documents(3,3) | documents(2,4)",
        "causal & documents(3,3) & window(1,0)",
        "pi0(images=2, language=1, actions=2)",
        "pi05-subtask(images=1, language=1, subtask=2, actions=2)",
        "dilated(2)",
        "global(0)",
        "shared-prefix(2; 2,2) & causal",
        "tree(-1,0,1,0,3,4)",
        "chunk(3)",
        "causal & chunk(3)"
      })
  void lint_isSilentAboutMasksThatAreMeant(String text) {
    assertThat(over(text, 6).lint()).as(text).isEmpty();
  }

  @Test
  void cachedStep_whoseSuffixTokenIsPadding_isRefutedWithACell() {
    BoundMask joint = over("block-causal(000110) & padding(111101)", 6);
    assertThat(new CachedStep(joint, 3).refute())
        .hasValueSatisfying(m -> {
          assertThat(m.cell()).isEqualTo(new Cell(0, 0, 4, 0));
          assertThat(m.message())
              .isEqualTo(
                  "the step lets suffix token 1 attend to prefix token 0, the joint mask does"
                      + " not");
        });
  }

  @Test
  void cachedStep_whoseSuffixBeginsWithoutANewBlock_isRefutedInThePrefix() {
    BoundMask joint = over("block-causal(000010)", 6);
    assertThat(new CachedStep(joint, 3).refute())
        .hasValueSatisfying(m -> {
          assertThat(m.cell()).isEqualTo(new Cell(0, 0, 0, 3));
          assertThat(m.message()).startsWith("prefix token 0 sees suffix token 0");
        });
    assertThat(new CachedStep(over("block-causal(000100)", 6), 3).refute()).isEmpty();
  }

  @Test
  void cachedStep_ofActionsThatDoNotSeeSubtask_isRefuted() {
    BoundMask joint = over("pi05-subtask(images=2, language=1, subtask=2, actions=3)", 8);
    assertThat(new CachedStep(joint, 5).refute())
        .hasValueSatisfying(m -> assertThat(m.cell()).isEqualTo(new Cell(0, 0, 5, 3)));
  }

  @Test
  void cachedForm_isTheMaskTheStepBuilds() {
    Mask cached = Mask.parse("cached(11110; block-causal(1100))");
    assertThat(Pictures.of(cached, 4, 9)).isEqualTo("111101000 111101111 111101111 111101111");
    assertThat(Mask.parse(cached.toString())).isEqualTo(cached);
  }

  @Test
  void indicesOutOfRange_areRefusedWithTheRange() {
    BoundMask mask = Mask.causal().over(4, 4);
    assertThatThrownBy(() -> mask.allowed(0, 0, 4, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("query 4 is out of range: there are 4");
    assertThatThrownBy(() -> mask.row(1, 0, 0))
        .hasMessage("batch row 1 is out of range: there are 1");
    assertThatThrownBy(() -> mask.allowed(0, 0, 0, -1)).hasMessageContaining("key -1");
    assertThatThrownBy(() -> mask.classify(0, 0, 2, 2, 0, 1)).hasMessageContaining("[2, 2)");
  }
}
