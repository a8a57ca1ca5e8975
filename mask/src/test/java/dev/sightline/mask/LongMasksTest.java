package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A million tokens: every question has an answer, and the answer can be checked by hand. */
class LongMasksTest {
  private static final int LONG = 1 << 20;

  private static Mask packed() {
    int[] documents = IntStream.generate(() -> 4096).limit(LONG / 4096).toArray();
    return Mask.causal().and(Mask.window(1023, 0)).and(Mask.documents(documents));
  }

  @Test
  void everyQuestion_overAMillionTokens_isAnswered() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          BoundMask mask = packed().over(LONG, LONG);
          // A document of 4096 tokens: the first 1023 rows grow, the others see 1024 keys.
          long document = 1024L * 1023 / 2 + (4096 - 1023) * 1024L;
          assertThat(mask.count()).isEqualTo(256 * document);
          assertThat(mask.emptyRows(0, 0).isEmpty()).isTrue();
          assertThat(mask.row(0, 0, 4096 * 9 + 1030)).hasToString("36871..37894");
          assertThat(mask.classify(0, 0, 0, LONG / 2, LONG / 2, LONG)).isEqualTo(TileClass.EMPTY);
          assertThat(mask.realTokens(0).last()).hasValue(LONG - 1);
          assertThat(mask.reach(0, 8191, 1000)).hasToString("4096..8191");
          assertThat(mask.lint()).isEmpty();
          assertThat(mask.fingerprint()).hasSize(32);
          assertThat(mask.explain(0, 0, 5000, 10).allowed()).isFalse();
          Tiles tiles = mask.tiles(0, 0, 128, 128);
          // 32 tile rows a document; row r sees tiles r - 8 to r, the first eight rows fewer.
          assertThat(tiles.full() + tiles.partial()).isEqualTo(256 * (32 * 9 - 36));
          assertThat(tiles.transpose().full()).isEqualTo(tiles.full());
          assertThat(mask.equivalentTo(Mask.window(1023, 0).and(documents()).over(LONG, LONG)))
              .isTrue();
          assertThat(mask.differenceFrom(Mask.window(1022, 0).and(documents()).over(LONG, LONG)))
              .hasValue(new Cell(0, 0, 1023, 0));
        });
  }

  private static Mask documents() {
    return Mask.documentIds(IntStream.range(0, LONG).map(i -> i / 4096).toArray());
  }

  @Test
  void otherKinds_overAMillionTokens_areAnswered() {
    int[] chain = IntStream.range(-1, LONG - 1).toArray();
    String alternating = "01".repeat(LONG / 2);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (Mask mask :
              List.of(
                  Mask.tree(chain),
                  Mask.blockCausal(alternating),
                  Mask.rowCausal(alternating).and(Mask.window(300, 300)),
                  Mask.dilated(3).and(Mask.window(1000, 0)),
                  Mask.global(0, 77, LONG - 1).or(Mask.window(10, 10)),
                  Mask.padding(Side.LEFT, 1000).and(Mask.causal()),
                  Mask.sharedPrefix(1000, 5000, 6000).and(Mask.causal()),
                  Presets.pi05(LONG - 148, 48, 100))) {
            BoundMask bound = mask.over(LONG, LONG);
            Tiles tiles = bound.tiles(0, 0, 128, 128);
            assertThat(tiles.transpose().partial())
                .as(mask.over(LONG, LONG).shape().toString())
                .isEqualTo(tiles.partial());
            assertThat(bound.count()).isPositive();
            assertThat(bound.equivalentTo(bound)).isTrue();
          }
        });
  }

  @Test
  void aMaskWithRunsWithoutNumber_isRefusedAndDoesNotHang() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          BoundMask mask = Mask.dilated(2).over(LONG, LONG);
          assertThat(mask.allowed(0, 0, LONG - 1, 1)).isTrue();
          assertThat(mask.row(0, 0, 5).count()).isEqualTo(LONG / 2);
          assertThat(mask.classify(0, 0, 0, 128, 0, 128)).isEqualTo(TileClass.PARTIAL);
          assertThatThrownBy(mask::count)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("more than 2^27 runs");
          // The work of the parts counts: what is left of both is empty in every row.
          assertThatThrownBy(
                  () -> mask.equivalentTo(Mask.dilated(2).or(Mask.none()).over(LONG, LONG)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("this was not decided");
          int far = 1 << 30;
          BoundMask farther = Mask.dilated(2).and(Mask.causal()).over(far, far);
          assertThat(farther.allowed(0, 0, far - 1, 1)).isTrue();
          assertThat(farther.allowed(0, 0, far - 1, 2)).isFalse();
          assertThat(farther.explain(0, 0, far - 1, 2).allowed()).isFalse();
          assertThatThrownBy(() -> farther.row(0, 0, far - 1))
              .hasMessageContaining("has more than 2^24 runs of allowed keys");
          assertThatThrownBy(() -> mask.densities(0, 0, 32, 64))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("more runs of allowed keys than a picture can count");
        });
  }

  @Test
  void tiles_agreeWithTheirOwnClasses_atPlacesAllOver() {
    BoundMask mask = packed().over(LONG, LONG);
    Tiles tiles = mask.tiles(0, 0, 128, 128);
    for (int r : new int[] {0, 7, 8, 31, 32, 40, 5000, 8191}) {
      for (int c = Math.max(0, r - 12); c <= Math.min(8191, r + 2); c++) {
        assertThat(tiles.at(r, c))
            .as(r + ", " + c)
            .isEqualTo(mask.classify(0, 0, r * 128, r * 128 + 128, c * 128, c * 128 + 128));
      }
    }
    assertThat(Arrays.stream(tiles.columnsOf(40, TileClass.PARTIAL)).toArray())
        .containsExactly(32, 40);
    assertThat(tiles.columnsOf(40, TileClass.FULL)).containsExactly(33, 34, 35, 36, 37, 38, 39);
  }
}
