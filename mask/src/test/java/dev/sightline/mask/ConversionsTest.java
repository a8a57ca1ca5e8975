package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.convert.AdditiveMask;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.CuSeqlens;
import dev.sightline.mask.convert.Fill;
import dev.sightline.mask.convert.FlashMask;
import dev.sightline.mask.convert.FlexBlocks;
import dev.sightline.mask.convert.FloatType;
import dev.sightline.mask.convert.Lengths;
import dev.sightline.mask.convert.OnnxAttention;
import dev.sightline.mask.convert.Polarity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionsTest {
  private static BoundMask over(String text, int length) {
    return Mask.parse(text).over(length, length);
  }

  @Test
  void booleans_haveTheOtherPolarityWhereTrueMeansIgnore() {
    BoundMask mask = over("causal", 2);
    assertThat(BooleanMask.of(mask, Polarity.TRUE_ATTENDS))
        .containsExactly(true, false, true, true);
    assertThat(BooleanMask.of(mask, Polarity.TRUE_IGNORES))
        .containsExactly(false, true, false, false);
    boolean[][] ignore = {{false, true}, {false, false}};
    assertThat(BooleanMask.toMask(Polarity.TRUE_IGNORES, ignore).over(2, 2).equivalentTo(mask))
        .isTrue();
  }

  @Test
  void booleans_ofHeadsAndBatchRows_lieInThatOrder() {
    BoundMask mask =
        Mask.parse("per-batch(full; per-head(none; causal))").over(new MaskShape(2, 2, 2, 2));
    assertThat(BooleanMask.of(mask, Polarity.TRUE_ATTENDS))
        .containsExactly(
            true, true, true, true, true, true, true, true, false, false, false, false, true, false,
            true, true);
  }

  @Test
  void booleansAndAdditiveValues_ofRandomMasks_areReadAgainAsTheSame() {
    for (int seed = 0; seed < 100; seed++) {
      MaskShape shape = new MaskShape(2, 2, 4, 5);
      BoundMask mask = new RandomMasks(seed, shape).next(2).over(shape);
      for (Polarity polarity : Polarity.values()) {
        Mask again = BooleanMask.toMask(polarity, shape, BooleanMask.of(mask, polarity));
        assertThat(again.over(shape).differenceFrom(mask))
            .as("seed " + seed + ": " + mask)
            .isEmpty();
      }
      Mask added = AdditiveMask.of(mask, Fill.of(-1e9), FloatType.BFLOAT16).toMask(Fill.of(-1e9));
      assertThat(added.over(new MaskShape(2, 2, 4, 5)).differenceFrom(mask))
          .as("seed " + seed + ": " + mask)
          .isEmpty();
    }
    assertThatThrownBy(
            () -> BooleanMask.toMask(Polarity.TRUE_ATTENDS, MaskShape.of(2, 2), new boolean[3]))
        .hasMessage("shape [1, 1, 2, 2] has 4 cells, but there are 3");
  }

  @ParameterizedTest
  @CsvSource({
    "-inf, FLOAT32, -Infinity",
    "min, FLOAT32, -3.4028235E38",
    "min, FLOAT16, -65504",
    "min, BFLOAT16, -3.3895314E38",
    "-1e9, FLOAT32, -1e9",
    "-1e9, FLOAT16, -Infinity",
    "-10000, FLOAT16, -10000",
    "openpi, FLOAT32, -2.3819763E38"
  })
  void additive_holdsTheFillAsTheTypeCan(String fill, FloatType type, float expected) {
    AdditiveMask additive = AdditiveMask.of(over("causal", 2), Fill.parse(fill), type);
    assertThat(additive.values()).containsExactly(0, expected, 0, 0);
    assertThat(additive.shape()).isEqualTo(new MaskShape(1, 1, 2, 2));
    assertThat(additive.toMask(Fill.parse(fill)).over(2, 2).equivalentTo(over("causal", 2)))
        .isTrue();
  }

  @Test
  void openpiFill_isMinusSevenTenthsOfTheLargestFloat() {
    assertThat(Fill.openpi().in(FloatType.FLOAT32))
        .isEqualTo((float) (-0.7 * (double) Float.MAX_VALUE));
  }

  @Test
  void float16_lowestPlusMinusFifteenStays_plusMinusSixteenOverflows() {
    assertThat(FloatType.FLOAT16.add(-65504, -15)).isEqualTo(-65504f);
    assertThat(FloatType.FLOAT16.add(-65504, -16)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void bfloat16_cannotHoldBlockIdsBeyond256() {
    assertThat(FloatType.BFLOAT16.round(256)).isEqualTo(256f);
    assertThat(FloatType.BFLOAT16.round(257)).isEqualTo(256f);
    assertThat(FloatType.BFLOAT16.round(259)).isEqualTo(260f);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "FLOAT16", "BFLOAT16"})
  void twoMinimumMasks_giveInfinityAndThenNanInANaiveSoftmax(FloatType type) {
    AdditiveMask once = AdditiveMask.of(over("padding(1)", 2), Fill.lowest(), type);
    AdditiveMask twice = once.plus(once);
    assertThat(twice.values()[2]).isEqualTo(Float.NEGATIVE_INFINITY);
    float max = Math.max(twice.values()[2], twice.values()[3]);
    assertThat(Math.exp(twice.values()[2] - max)).isNaN();
    assertThat(Math.exp(once.values()[2] - Math.max(once.values()[2], once.values()[3])))
        .isEqualTo(1);
  }

  @Test
  void additive_withNanOrABias_isRefusedWithTheCell() {
    MaskShape shape = MaskShape.of(1, 3);
    assertThatThrownBy(() ->
            AdditiveMask.wrap(shape, FloatType.FLOAT32, new float[] {0, Float.NaN, 0})
                .toMask(Fill.of(-10000)))
        .hasMessage(
            "an additive mask holds 0 and the fill -10000.0 or less, but cell (0, 1) is NaN");
    assertThatThrownBy(() ->
            AdditiveMask.wrap(shape, FloatType.FLOAT32, new float[] {0, 0, -1.5f})
                .toMask(Fill.of(-10000)))
        .hasMessageContaining("(0, 2) is -1.5, which is a bias and no mask");
    assertThatThrownBy(() -> AdditiveMask.wrap(shape, FloatType.FLOAT32, new float[2]))
        .hasMessageContaining("3 cells, but there are 2");
    assertThatThrownBy(() -> Fill.of(Double.NaN)).hasMessageContaining("below 0, but is NaN");
    assertThatThrownBy(() -> Fill.parse("low")).hasMessageContaining("'low'");
  }

  @Test
  void additive_ofHeadsThatAreAlike_hasOneHead() {
    BoundMask mask = Mask.padding(1, 2).over(new MaskShape(2, 8, 2, 2));
    assertThat(AdditiveMask.of(mask, Fill.lowest(), FloatType.FLOAT32).shape())
        .isEqualTo(new MaskShape(2, 1, 2, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "padding(5,6,3) ~ RIGHT ~ true",
        "padding(5,6,3; side=left) ~ LEFT ~ true",
        "key-padding(5,6,3) ~ RIGHT ~ false",
        "padding(111110,111111,111000) ~ RIGHT ~ true"
      })
  void lengths_ofPadding_areFoundAgain(String text, Side side, boolean queriesToo) {
    Lengths lengths = Lengths.of(over(text, 6));
    assertThat(lengths).isEqualTo(new Lengths(List.of(5, 6, 3), side, queriesToo));
    assertThat(lengths.toMask().over(6, 6).equivalentTo(over(text, 6))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "padding(110111) ~ lengths cannot express holes: the real tokens of batch row 0 are 0..1,"
            + " 3..5",
        "padding(011110) ~ padding on both sides",
        "causal & padding(5) ~ forbids (0, 1), which padding of lengths [5] allows"
      })
  void lengths_ofMoreThanPadding_areRefusedWithTheReason(String text, String reason) {
    assertThatThrownBy(() -> Lengths.of(over(text, 6))).hasMessageContaining(reason);
  }

  @Test
  void cuSeqlens_ofDocuments_areFoundAgain() {
    CuSeqlens causal = CuSeqlens.of(over("causal & documents(4,3,3)", 10));
    assertThat(causal).isEqualTo(CuSeqlens.of(new int[] {0, 4, 7, 10}, true));
    assertThat(causal.longest()).isEqualTo(4);
    CuSeqlens full = CuSeqlens.of(over("documents(ids=7,7,7,7,1,1,1,3,3,3)", 10));
    assertThat(full.offsets()).containsExactly(0, 4, 7, 10);
    assertThat(full.causal()).isFalse();
    assertThat(full.toMask()).isEqualTo(Mask.documents(4, 3, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "causal & window(2,0) ~ allows (3, 1)",
        "documents(4,3) ~ forbids (7, 7)",
        "padding(5,6) ~ one packed sequence"
      })
  void cuSeqlens_ofOtherMasks_areRefusedWithAPair(String text, String reason) {
    assertThatThrownBy(() -> CuSeqlens.of(over(text, 10))).hasMessageContaining(reason);
  }

  @Test
  void cuSeqlens_thatDescend_areRefused() {
    assertThatThrownBy(() -> CuSeqlens.of(new int[] {0, 4, 3}, true))
        .hasMessageContaining("3 follows 4");
    assertThatThrownBy(() -> CuSeqlens.of(new int[] {1, 4}, true)).hasMessageContaining("first 1");
  }

  @Test
  void flexBlocks_ofCausal_listTheDiagonalAsPartialAndTheRestAsFull() {
    FlexBlocks blocks = FlexBlocks.of(over("causal", 512), 128);
    assertThat(blocks.kvNumBlocks()).containsExactly(1, 1, 1, 1);
    assertThat(blocks.fullKvNumBlocks()).containsExactly(0, 1, 2, 3);
    assertThat(blocks.kvIndices()).containsExactly(0, 1, 2, 3, 1, 0, 2, 3, 2, 0, 1, 3, 3, 0, 1, 2);
    assertThat(blocks.fullKvIndices())
        .containsExactly(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    assertThatThrownBy(blocks::toMask).hasMessageContaining("block row 0 has 1 of them");
  }

  @Test
  void flexBlocks_cutOffByTheEnd_arePartial() {
    FlexBlocks blocks = FlexBlocks.of(over("full", 130), 128);
    assertThat(blocks.fullKvNumBlocks()).containsExactly(1, 0);
    assertThat(blocks.kvNumBlocks()).containsExactly(1, 2);
    BoundMask documents = over("documents(256,256)", 512);
    assertThat(FlexBlocks.of(documents, 128).toMask().over(512, 512).equivalentTo(documents))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "causal & documents(4,3,3) ~ true ~ 1 ~ 4,4,4,4,7,7,7,10,10,10",
        "documents(4,3,3) ~ false ~ 2 ~ 4,0,4,0,4,0,4,0,7,4,7,4,7,4,10,7,10,7,10,7",
        "causal & (window(2,0) | global(0)) ~ true ~ 1 ~ 10,4,5,6,7,8,9,10,10,10",
        "causal & shared-prefix(4; 3,3) ~ true ~ 1 ~ 10,10,10,10,7,7,7,10,10,10"
      })
  void flashMask_factsOfTenTokens(String text, boolean causal, int bounds, String indices) {
    int[] expected =
        java.util.Arrays.stream(indices.split(",", -1)).mapToInt(Integer::parseInt).toArray();
    FlashMask written = FlashMask.of(over(text, 10));
    assertThat(written.causal()).isEqualTo(causal);
    assertThat(written.bounds()).isEqualTo(bounds);
    assertThat(written.indices()).containsExactly(expected);
    Mask read = FlashMask.of(MaskShape.square(10), causal, bounds, expected).toMask();
    assertThat(read.over(10, 10).differenceFrom(over(text, 10))).isEmpty();
  }

  @Test
  void flashMask_ofRandomMasks_isRefusedOrReadAgainAsTheSame() {
    int expressed = 0;
    for (int seed = 0; seed < 600; seed++) {
      MaskShape shape = new MaskShape(2, 1, 9, 9);
      BoundMask mask = new RandomMasks(seed, shape).next(1).over(shape);
      try {
        Mask again = FlashMask.of(mask).toMask();
        assertThat(again.over(shape).differenceFrom(mask))
            .as("seed " + seed + ": " + mask)
            .isEmpty();
        expressed++;
      } catch (IllegalArgumentException e) {
        assertThat(e).as("seed " + seed).hasMessageContaining("hidden in more than one");
      }
    }
    assertThat(expressed).isGreaterThan(200);
  }

  @Test
  void flashMask_ofNumbersThatDoNotFit_isRefused() {
    MaskShape shape = MaskShape.square(4);
    assertThatThrownBy(() -> FlashMask.of(shape, true, 4, new int[16]))
        .hasMessageContaining("1 or 2");
    assertThatThrownBy(() -> FlashMask.of(shape, true, 1, new int[3]))
        .hasMessageContaining("4 numbers");
    assertThatThrownBy(() -> FlashMask.of(shape, true, 1, new int[] {0, 1, 5, 2}))
        .hasMessageContaining("that of key 2 is 5");
    assertThatThrownBy(() -> FlashMask.of(Mask.full().over(600_000_000, 600_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would need 2400000000 elements");
    assertThatThrownBy(() -> FlashMask.of(Mask.full().over(2, 4)))
        .hasMessageContaining("[1, 1, 2, 4]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "full ~ 6 ~ 6 ~ false ~ -1 ~ -1 ~ []",
        "causal(top-left) ~ 4 ~ 6 ~ true ~ -1 ~ -1 ~ []",
        "window(2,1; top-left) ~ 4 ~ 6 ~ false ~ 2 ~ 1 ~ []",
        "window(2,0) ~ 6 ~ 6 ~ false ~ 2 ~ 0 ~ []",
        "key-padding(5,3) ~ 4 ~ 6 ~ false ~ -1 ~ -1 ~ [5, 3]",
        "causal(offset=1,-1) & key-padding(5,3) ~ 4 ~ 6 ~ true ~ -1 ~ -1 ~ [5, 3]"
      })
  void onnx_takesAttributesAndLengthsWhereTheyAreEnough(
      String text, int queries, int keys, boolean causal, int left, int right, String nonpad) {
    OnnxAttention onnx = OnnxAttention.of(Mask.parse(text).over(queries, keys));
    assertThat(onnx.isCausal()).isEqualTo(causal);
    assertThat(onnx.leftWindow()).isEqualTo(left);
    assertThat(onnx.rightWindow()).isEqualTo(right);
    assertThat(onnx.nonpadKvSeqlen()).hasToString(nonpad);
    assertThat(onnx.attnMask()).isEmpty();
  }

  @Test
  void onnx_windowsStandWhereTheRealKeysOrThePastEnd() {
    MaskShape shape = new MaskShape(2, 1, 2, 6);
    OnnxAttention padded = new OnnxAttention(false, 1, 0, List.of(5, 3), Optional.empty());
    assertThat(padded.toMask(shape))
        .isEqualTo(Mask.parse("window(1,0; offset=3,1) & key-padding(5,3)"));
    OnnxAttention cached = new OnnxAttention(true, 1, -1, List.of(), Optional.empty());
    assertThat(cached.toMask(shape, 4))
        .isEqualTo(Mask.parse("causal(offset=4) & window(1,inf; offset=4)"));
  }

  @Test
  void onnx_ofAnyMask_meansTheSame() {
    for (int seed = 0; seed < 300; seed++) {
      MaskShape shape = new MaskShape(2, 2, 5, seed % 2 == 0 ? 5 : 7);
      BoundMask mask = new RandomMasks(seed, shape).next(2).over(shape);
      Mask again = OnnxAttention.of(mask).toMask(shape);
      assertThat(again.over(shape).differenceFrom(mask)).as("seed " + seed + ": " + mask).isEmpty();
    }
  }
}
