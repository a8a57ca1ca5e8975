package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DrawingTest {
  private static final List<String> TOKENS = List.of("IMG", "IMG", "LANG", "SUB0", "SUB1", "PAD");

  @Test
  void table_ofTheWorkedExample_isExactlyTheOneOfTheContract() {
    BoundMask mask = Mask.parse("row-causal(000111) & padding(111110)").over(6, 6);
    assertThat(Drawing.of(mask, 0, 0, TOKENS))
        .isEqualTo(
            """
                  0 1 2 3 4 5
            0 IMG  ✓ ✓ ✓ ✓ ✓ ✗
            1 IMG  ✓ ✓ ✓ ✓ ✓ ✗
            2 LANG ✓ ✓ ✓ ✓ ✓ ✗
            3 SUB0 ✓ ✓ ✓ ✓ ✗ ✗
            4 SUB1 ✓ ✓ ✓ ✓ ✓ ✗
            5 PAD  ✗ ✗ ✗ ✗ ✗ ✗
            """);
  }

  @Test
  void difference_marksTheCellsThatDiffer() {
    BoundMask row = Mask.parse("row-causal(000111) & padding(5)").over(6, 6);
    BoundMask block = Mask.parse("block-causal(000111) & padding(5)").over(6, 6);
    assertThat(Drawing.difference(row, block, 0, 0, List.of()))
        .isEqualTo(
            """
              0 1 2 3 4 5
            0 ✓ ✓ ✓ A A ✗
            1 ✓ ✓ ✓ A A ✗
            2 ✓ ✓ ✓ A A ✗
            3 ✓ ✓ ✓ ✓ ✗ ✗
            4 ✓ ✓ ✓ ✓ ✓ ✗
            5 ✗ ✗ ✗ ✗ ✗ ✗
            """);
  }

  @Test
  void table_ofMoreThanTenKeys_keepsItsColumnsAligned() {
    List<String> lines = Drawing.of(Mask.causal().over(12, 12), 0, 0, List.of()).lines().toList();
    assertThat(lines.get(0)).isEqualTo("    0  1  2  3  4  5  6  7  8  9 10 11");
    assertThat(lines.get(12)).isEqualTo("11  ✓  ✓  ✓  ✓  ✓  ✓  ✓  ✓  ✓  ✓  ✓  ✓");
  }

  @Test
  void bits_areOneLineAQuery() {
    assertThat(Drawing.bits(Mask.parse("window(1,0)").over(3, 3), 0, 0))
        .isEqualTo("100\n110\n011\n");
    assertThatThrownBy(() -> Drawing.bits(Mask.full().over(1 << 20, 1 << 20), 0, 0))
        .hasMessageContaining("characters");
  }

  @Test
  void longMasks_areDrawnByDensity() {
    String text = Drawing.of(Mask.causal().over(1 << 20, 1 << 20), 0, 0, List.of());
    assertThat(text.lines().toList().get(0)).isEqualTo("▓░" + "·".repeat(62));
    assertThat(text.lines().toList().get(31)).isEqualTo("█".repeat(62) + "▓░");
    assertThat(text)
        .endsWith("1 character = 32768 x 16384 pairs: █ all allowed, ▓ ▒ ░ some, · none\n");
  }

  @Test
  void densities_addUpToTheCount_onRandomMasks() {
    for (int seed = 0; seed < 200; seed++) {
      MaskShape shape = new MaskShape(1, 1, 1 + seed % 13, 1 + seed % 7 + seed % 5);
      BoundMask mask = new RandomMasks(seed, shape).next(2).over(shape);
      int rows = 1 + seed % shape.queries();
      int columns = 1 + seed % shape.keys();
      double[][] densities = mask.densities(0, 0, rows, columns);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          int i0 = r * shape.queries() / rows;
          int i1 = (r + 1) * shape.queries() / rows;
          int j0 = c * shape.keys() / columns;
          int j1 = (c + 1) * shape.keys() / columns;
          double count = 0;
          for (int i = i0; i < i1; i++) {
            for (int j = j0; j < j1; j++) {
              count += mask.allowed(0, 0, i, j) ? 1 : 0;
            }
          }
          assertThat(densities[r][c])
              .as("seed " + seed + ": " + mask + ", " + r + ", " + c)
              .isEqualTo(count / ((i1 - i0) * (j1 - j0)));
        }
      }
    }
  }

  @Test
  void labels_ofAnotherNumberThanQueries_areRefused() {
    assertThatThrownBy(() -> Drawing.of(Mask.causal().over(3, 3), 0, 0, List.of("a", "b")))
        .hasMessage("a label for each of the 3 queries is needed, but there are 2");
  }
}
