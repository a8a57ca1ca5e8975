package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.mask.convert.AdditiveMask;
import dev.sightline.mask.convert.Fill;
import dev.sightline.mask.convert.FloatType;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The Java of docs/masks.md, line by line; a test of the command line holds the two together. */
class GuideTest {
  @Test
  void masks_areBuiltAskedAndRead() {
    Mask mask = Mask.causal().and(Mask.padding(5, 6, 3));
    BoundMask bound = mask.over(6, 6); // 3 batch rows, since the padding names three
    boolean allowed = bound.allowed(0, 0, 4, 2); // batch row 0, head 0, query 4, key 2
    Runs keys = bound.row(2, 0, 5); // of batch row 2, query 5: nothing, it is padding
    double density = bound.density();
    assertThat(allowed).isTrue();
    assertThat(keys.isEmpty()).isTrue();
    assertThat(density).isEqualTo((15 + 21 + 6) / 108.0);
    Mask read = Mask.parse("causal & padding(5,6,3)");
    boolean same = read.equals(mask);
    String text = mask.toString();
    assertThat(same).isTrue();
    assertThat(text).isEqualTo("causal & padding(5,6,3)");
  }

  @Test
  void longMasks_areComparedAndTiled() {
    Mask packed = Mask.causal().and(Mask.window(1023, 0)).and(Mask.documents(500_000, 548_576));
    BoundMask million = packed.over(1 << 20, 1 << 20);
    Optional<Cell> cell = million.differenceFrom(Mask.window(1023, 0).over(1 << 20, 1 << 20));
    assertThat(cell).hasValue(new Cell(0, 0, 500_000, 498_977));
    Tiles tiles = million.tiles(0, 0, 128, 128);
    TileClass corner = tiles.at(0, 8191);
    Tiles byKey = tiles.transpose();
    assertThat(corner).isEqualTo(TileClass.EMPTY);
    assertThat(byKey.full()).isEqualTo(tiles.full());
  }

  @Test
  void padding_hasPositionsAndAnEnd() {
    RealTokens real = Mask.padding(Side.LEFT, 3).over(6, 6).realTokens(0);
    int[] positions = real.positions(); // -1 -1 -1 0 1 2
    OptionalInt last = real.last(); // 5, which sum(mask) - 1 would miss
    OptionalInt none = Mask.padding(0).over(6, 6).realTokens(0).last(); // empty
    assertThat(positions).containsExactly(-1, -1, -1, 0, 1, 2);
    assertThat(last).hasValue(5);
    assertThat(none).isEmpty();
  }

  @Test
  void reachAndFingerprint_areOneCall() {
    BoundMask million = Mask.causal().over(1 << 20, 1 << 20);
    Runs reached = Mask.window(2, 0).over(100, 100).reach(0, 50, 4); // 42..50
    String fingerprint = million.fingerprint();
    assertThat(reached).hasToString("42..50");
    assertThat(fingerprint).hasSize(32);
  }

  @Test
  void twoRightMasks_addUpToInfinity() {
    AdditiveMask causal =
        AdditiveMask.of(Mask.causal().over(4, 4), Fill.lowest(), FloatType.FLOAT16);
    AdditiveMask padding =
        AdditiveMask.of(Mask.padding(2).over(4, 4), Fill.lowest(), FloatType.FLOAT16);
    float sum = causal.plus(padding).values()[3]; // both forbid (0, 3): -Infinity, not -65504
    assertThat(sum).isEqualTo(Float.NEGATIVE_INFINITY);
  }
}
