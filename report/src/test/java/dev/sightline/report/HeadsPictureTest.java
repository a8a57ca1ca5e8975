package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.report.internal.page.HeadGrid;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.Ranges;
import dev.sightline.report.internal.page.Viridis;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class HeadsPictureTest {
  @Test
  void ranges_joinNeighbours() {
    assertThat(Ranges.of(new TreeSet<>(List.of(0, 1, 2, 5, 7, 8)))).isEqualTo("0-2, 5, 7-8");
    assertThat(Ranges.of(new TreeSet<>())).isEmpty();
  }

  @Test
  void viridis_endsWhereItShould_andGrowsLighter() {
    assertThat(Viridis.at(0)).isEqualTo("#440154");
    assertThat(Viridis.at(1)).isEqualTo("#fde725");
    assertThat(Viridis.at(7)).isEqualTo("#fde725");
    double before = -1;
    for (int i = 0; i <= 100; i++) {
      int rgb = Integer.parseInt(Viridis.at(i / 100.0).substring(1), 16);
      double light = 0.299 * (rgb >> 16) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255);
      assertThat(light).isGreaterThan(before);
      before = light;
    }
  }

  @Test
  void grid_ofManyHeads_hasSmallSquaresAndFewerLabels() {
    HeadGrid<String> wide = HeadGrid.of(List.of(32), (layer, head) -> "no data");
    assertThat(wide.width()).isLessThan(760);
    assertThat(wide.columns().stream().filter(HeadGrid.Column::labelled)).hasSize(16);
  }

  @Test
  void grid_ofALayerWithoutData_hasARowWithTheReason() {
    HeadGrid<String> grid =
        HeadGrid.ofLayers(
            List.of(new HeadGrid.Layer(3, 0, "fused"), new HeadGrid.Layer(5, 2, null)),
            (row, head) -> row + "/" + head);
    assertThat(grid.rows()).extracting(HeadGrid.Row::layer).containsExactly(3, 5);
    assertThat(grid.rows()).extracting(HeadGrid.Row::reason).containsExactly("fused", null);
    assertThat(grid.rows().getLast().squares())
        .extracting(HeadGrid.Square::shown)
        .containsExactly("1/0", "1/1");
    assertThat(grid.right()).isEqualTo(64 + 64);
  }

  @Test
  void precise_keepsFourDigits() {
    assertThat(Numbers.precise(2.31249)).isEqualTo("2.312");
    assertThat(Numbers.precise(0)).isEqualTo("0 (exact)");
    assertThat(Numbers.precise(-0.000012345)).isEqualTo("-1.234\u00A0×\u00A010⁻⁵");
  }
}
