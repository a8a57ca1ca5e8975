package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.convert.Windows;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The facts of the contract that do not concern a foreign form; those are in the tests of the
 * forms.
 */
class GoldenFactsTest {
  private static String rows(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static String parsed(String text, int length) {
    return Pictures.of(Mask.parse(text), length);
  }

  @Test
  void rowCausalAndBlockCausal_ofTheWorkedExample_differInSixCells() {
    BoundMask row = Mask.rowCausal("000111").and(Mask.padding(5)).over(6, 6);
    BoundMask block = Mask.blockCausal("000111").and(Mask.padding(5)).over(6, 6);
    assertThat(Pictures.of(row, 0, 0)).isEqualTo("111110 111110 111110 111100 111110 000000");
    assertThat(Pictures.of(block, 0, 0)).isEqualTo("111000 111000 111000 111100 111110 000000");
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        if (row.allowed(0, 0, i, j) != block.allowed(0, 0, i, j)) {
          cells.add(new Cell(0, 0, i, j));
        }
      }
    }
    assertThat(cells).hasToString("[(0, 3), (0, 4), (1, 3), (1, 4), (2, 3), (2, 4)]");
  }

  @Test
  void bothRules_withoutAnyCausalToken_areFullyBidirectional() {
    for (Mask rule : List.of(Mask.blockCausal("000000"), Mask.rowCausal("000000"))) {
      assertThat(rule.over(6, 6).equivalentTo(Mask.full().over(6, 6))).isTrue();
      assertThat(rule.and(Mask.padding(4)).over(6, 6).equivalentTo(Mask.padding(4).over(6, 6)))
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "000111, 24, 33, 9",
    "100111, 24, 28, 8",
    "1010100100, 63, 77, 26",
    "000011000, 57, 74, 23",
    "111111, 21, 21, 0"
  })
  void bothRules_withoutPadding_differInSoManyCells(String ar, int block, int row, int differ) {
    Mask blockCausal = Mask.blockCausal(ar);
    Mask rowCausal = Mask.rowCausal(ar);
    int n = ar.length();
    assertThat(blockCausal.over(n, n).count()).isEqualTo(block);
    assertThat(rowCausal.over(n, n).count()).isEqualTo(row);
    Mask xor = blockCausal.minus(rowCausal).or(rowCausal.minus(blockCausal));
    assertThat(xor.over(n, n).count()).isEqualTo(differ);
  }

  @Test
  void fact1_theFirstBitOfBlockCausalDoesNotMatter() {
    String expected = "111000 111000 111000 111100 111110 111111";
    assertThat(parsed("block-causal(000111)", 6)).isEqualTo(expected);
    assertThat(parsed("block-causal(100111)", 6)).isEqualTo(expected);
    assertThat(
            Mask.blockCausal("000111")
                .over(6, 6)
                .equivalentTo(Mask.blockCausal("100111").over(6, 6)))
        .isTrue();
    assertThat(Mask.blockCausal("000111").over(6, 6).fingerprint())
        .isEqualTo(Mask.blockCausal("100111").over(6, 6).fingerprint())
        .isEqualTo("c5f2387e99c5f68c818e33e97f390aa6");
  }

  @Test
  void fact2_blocksOfTwoTwoThreeThree() {
    assertThat(parsed("block-causal(1010100100)", 10))
        .isEqualTo(
            rows(
                "1100000000 ".repeat(2)
                    + "1111000000 ".repeat(2)
                    + "1111111000 ".repeat(3)
                    + "1111111111 ".repeat(3)));
  }

  @Test
  void fact3_paddingEmptiesARowAndAColumn() {
    assertThat(parsed("block-causal(011) & padding(110)", 3)).isEqualTo("100 110 000");
    assertThat(parsed("block-causal(0011)", 4)).isEqualTo("1100 1100 1110 1111");
  }

  @Test
  void fact4_aLayoutLikePi0_withPositionsAndTheCachedStep() {
    Mask byBits = Mask.blockCausal("000001100").and(Mask.padding("111101111"));
    String expected =
        rows("111100000 ".repeat(4) + "000000000 111101000 " + "111101111 ".repeat(3));
    assertThat(Pictures.of(byBits, 9)).isEqualTo(expected);
    assertThat(parsed("pi0(images=3, language=2, actions=3) & padding(111101111)", 9))
        .isEqualTo(expected);
    BoundMask joint = byBits.over(9, 9);
    assertThat(joint.realTokens(0).positions()).containsExactly(0, 1, 2, 3, 3, 4, 5, 6, 7);
    CachedStep step = new CachedStep(joint, 5);
    assertThat(Pictures.of(step.rows(), 0, 0))
        .isEqualTo(rows("111101000 " + "111101111 ".repeat(3)));
    assertThat(Pictures.of(step.built(), 0, 0)).isEqualTo(Pictures.of(step.rows(), 0, 0));
    assertThat(step.positions(0)).containsExactly(4, 5, 6, 7);
    assertThat(step.refute()).isEmpty();
  }

  @Test
  void fact5_aWindowAlignedBottomRight() {
    assertThat(Pictures.of(Mask.parse("window(1,2; bottom-right)"), 4, 4))
        .isEqualTo("1110 1111 0111 0011");
    assertThat(Pictures.of(Mask.parse("window(1,2; bottom-right)"), 4, 5))
        .isEqualTo("11110 01111 00111 00011");
    assertThat(Pictures.of(Mask.parse("window(1,2; offset=1)"), 4, 5))
        .isEqualTo("11110 01111 00111 00011");
  }

  @Test
  void fact6_theWindowOfOnnxIsTopLeft() {
    assertThat(Pictures.of(Windows.onnx(2, 1), 4, 6)).isEqualTo("110000 111000 111100 011110");
  }

  @Test
  void fact7_chunksBehindLeftPadding() {
    assertThat(parsed("causal & chunk(3; left-padding=4)", 8))
        .isEqualTo(rows("00000000 ".repeat(4) + "00001000 00001100 00001110 00000001"));
    assertThat(parsed("causal & chunk(3)", 8))
        .isEqualTo("10000000 11000000 11100000 00010000 00011000 00011100 00000010 00000011");
  }

  @Test
  void fact8_emptyRowsOfNothingAndOfEverything() {
    assertThat(Mask.none().over(7, 7).emptyRows(0, 0)).hasToString("0..6");
    assertThat(Mask.full().over(7, 7).emptyRows(0, 0).isEmpty()).isTrue();
  }

  @Test
  void fact9_theLastRealToken_isThereOnlyWhereThereIsOne() {
    BoundMask right = Mask.padding(5, 6, 3).over(6, 6);
    assertThat(right.realTokens(0).last()).hasValue(4);
    assertThat(right.realTokens(1).last()).hasValue(5);
    assertThat(right.realTokens(2).last()).hasValue(2);
    BoundMask left = Mask.padding(Side.LEFT, 5, 6, 3).over(6, 6);
    for (int b = 0; b < 3; b++) {
      assertThat(left.realTokens(b).last()).hasValue(5);
      assertThat(left.realTokens(b).poolingIndex(true)).hasValue(5);
    }
    assertThat(left.realTokens(2).first()).hasValue(3);
    assertThat(left.realTokens(2).poolingIndex(false)).hasValue(3);
    assertThat(left.realTokens(2).positions()).containsExactly(-1, -1, -1, 0, 1, 2);
    RealTokens none = Mask.padding(0).over(6, 6).realTokens(0);
    assertThat(none.last()).isEmpty();
    assertThat(none.first()).isEmpty();
    assertThat(none.poolingIndex(true)).isEmpty();
  }

  @Test
  void alignment_ofCausalMasks_isAsFlashAttnAndTorchDrawIt() {
    Mask bottomRight = Mask.causal(Alignment.bottomRight());
    Mask topLeft = Mask.causal(Alignment.topLeft());
    assertThat(Pictures.of(bottomRight, 2, 5)).isEqualTo("11110 11111");
    assertThat(Pictures.of(bottomRight, 5, 2)).isEqualTo("00 00 00 10 11");
    assertThat(Pictures.of(topLeft, 2, 5)).isEqualTo("10000 11000");
    assertThat(Pictures.of(topLeft, 5, 2)).isEqualTo("10 11 11 11 11");
    assertThat(Pictures.of(topLeft, 3, 4)).isEqualTo("1000 1100 1110");
    assertThat(Pictures.of(bottomRight, 3, 4)).isEqualTo("1100 1110 1111");
    assertThat(Pictures.of(Mask.causal(Alignment.offset(3)), 2, 5)).isEqualTo("11110 11111");
    BoundMask perRow = Mask.causal(Alignment.offset(0, 3)).over(2, 5);
    assertThat(Pictures.of(perRow, 0, 0)).isEqualTo("10000 11000");
    assertThat(Pictures.of(perRow, 1, 0)).isEqualTo("11110 11111");
  }

  @Test
  void alignment_unstatedOnAProblemThatIsNotSquare_isRefused() {
    assertThatThrownBy(() -> Mask.causal().over(2, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("causal over 2 queries and 5 keys")
        .hasMessageContaining("top-left, bottom-right or offset=n");
    assertThatThrownBy(() -> Mask.window(2, 0).over(2, 5)).hasMessageContaining("window(2,0)");
    assertThatThrownBy(() -> Mask.prefix(2).over(2, 5)).hasMessageContaining("prefix(2)");
  }

  @Test
  void windowsOfThree_seeAsManyKeysAsTheirSystemsSay() {
    assertThat(middle(Windows.huggingFaceCausal(3))).isEqualTo(3);
    assertThat(middle(Windows.huggingFaceLegacy(3))).isEqualTo(4);
    assertThat(middle(Windows.huggingFaceBidirectional(3))).isEqualTo(7);
    // transformers 5.18, masking_utils: the distance is at most half of the configured number.
    assertThat(middle(Windows.halfToEitherSide(4))).isEqualTo(5);
    assertThat(middle(Windows.halfToEitherSide(3))).isEqualTo(3);
    assertThat(middle(Windows.keras(3))).isEqualTo(5);
    assertThat(middle(Windows.keras(3).and(Mask.causal()))).isEqualTo(3);
    assertThat(middle(Windows.attentionGym(3))).isEqualTo(4);
    assertThat(middle(Windows.flashAttention(3, 0))).isEqualTo(4);
    assertThat(middle(Windows.onnx(3, 0))).isEqualTo(4);
    assertThat(middle(Windows.jax(3, 0))).isEqualTo(4);
    assertThat(Windows.huggingFaceCausal(3)).isEqualTo(Mask.parse("window(2,0)"));
    assertThat(Windows.keras(3)).isEqualTo(Mask.parse("window(2,2)"));
    assertThat(Windows.flashAttention(-1, 0)).isEqualTo(Mask.parse("window(inf,0; bottom-right)"));
  }

  private static long middle(Mask mask) {
    return mask.over(100, 100).row(0, 0, 50).positions();
  }

  @Test
  void huggingFace_docstrings_ofWindowAndChunks() {
    assertThat(Pictures.of(Windows.huggingFaceCausal(3), 5))
        .isEqualTo("10000 11000 11100 01110 00111");
    assertThat(parsed("causal & chunk(3)", 5)).isEqualTo("10000 11000 11100 00010 00011");
  }

  @Test
  void groups_keepFlowFromSubtask() {
    Mask groups =
        Mask.parse(
            """
            groups(
              image(2) language(1) subtask(2, causal) flow(3);
              image and language see image, language;
              subtask sees image, language, subtask;  # itself causally
              flow sees image, language, flow
            )
            """);
    assertThat(Pictures.of(groups, 8))
        .isEqualTo(rows("11100000 ".repeat(3) + "11110000 11111000 " + "11100111 ".repeat(3)));
    assertThat(groups.labels())
        .containsExactly(
            "image", "image", "language", "subtask", "subtask", "flow", "flow", "flow");
    // Neither of the two rules can say it: rows of flow see image and flow, but not what is
    // between.
    assertThat(groups.over(8, 8).lint()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'pi0(images=3, language=2, actions=4)', 0000011000",
    "'pi05(images=3, language=2, actions=4)', 000001000",
    "'smolvla(images=3, language=2, actions=4)', 0000011111"
  })
  void presets_areTheBlocksTheirPoliciesBuild(String preset, String ar) {
    int n = ar.length();
    BoundMask expected = Mask.blockCausal(ar).over(n, n);
    assertThat(Mask.parse(preset).over(n, n).differenceFrom(expected)).isEmpty();
  }

  @Test
  void presetPi05Subtask_isBlockCausalWithoutActionsOnSubtask() {
    Mask blocks =
        Mask.parse(
            "block-causal(0000011100) - (query-padding(0000000111) & key-padding(0000011000))");
    Mask preset = Mask.parse("pi05-subtask(images=3, language=2, subtask=2, actions=3)");
    assertThat(preset.over(10, 10).differenceFrom(blocks.over(10, 10))).isEmpty();
  }

  @Test
  void presetsOfGroot_seeTextOrImagesAndNeverPadding() {
    BoundMask cross = Mask.parse("groot-n1(actions=16, keys=6) & key-padding(111100)").over(49, 6);
    assertThat(cross.row(0, 0, 0)).hasToString("0..3");
    assertThat(cross.row(0, 0, 48)).hasToString("0..3");
    String sizes = "groot-alternate(actions=2; image=011100; real=111110; sees=";
    assertThat(Mask.parse(sizes + "text)").over(35, 6).row(0, 0, 34)).hasToString("0, 4");
    assertThat(Mask.parse(sizes + "image)").over(35, 6).row(0, 0, 0)).hasToString("1..3");
  }

  @Test
  void declaredMasksOfThePolicyModels_areRead() {
    Mask pi05 =
        Mask.parse(
            "(block-causal(00000000000111110000) & padding(11111111111111111111,"
                + "11111111100110011111,11111111110000011111,11111100111010111111)) - "
                + "(query-padding(00000000000000011111) & key-padding(00000000000111100000))");
    BoundMask bound = pi05.over(20, 20);
    assertThat(bound.shape().batch()).isEqualTo(4);
    assertThat(Pictures.of(bound, 0, 0))
        .isEqualTo(
            rows(
                "11111111111000000000 ".repeat(11)
                    + "11111111111100000000 11111111111110000000 11111111111111000000 "
                    + "11111111111111100000 "
                    + "11111111111000011111 ".repeat(5)));
    assertThat(Pictures.of(bound, 3, 0))
        .isEqualTo(
            rows(
                "11111100111000000000 ".repeat(6)
                    + "00000000000000000000 ".repeat(2)
                    + "11111100111000000000 ".repeat(3)
                    + "00000000000000000000 11111100111010000000 00000000000000000000 "
                    + "11111100111010100000 "
                    + "11111100111000011111 ".repeat(5)));
    assertThat(Pictures.of(Mask.step(pi05).over(5, 20), 3, 0))
        .isEqualTo(rows("11111100111000011111 ".repeat(5)));
    BoundMask groot = Mask.parse("key-padding(1111111111,1111111000,0011110111)").over(41, 10);
    assertThat(groot.row(2, 0, 40)).hasToString("2..5, 7..9");
  }
}
