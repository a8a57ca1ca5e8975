package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.Mask;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class MaskPictureTest {
  @Test
  void svg_hasOneRectangleForARunOfAllowedKeys() {
    String svg = MaskPicture.of(Mask.causal().over(3, 3), 0, 0).toSvg();
    assertThat(svg)
        .startsWith("<svg xmlns=")
        .contains("<rect x=\"0\" y=\"0\" width=\"16\" height=\"16\" fill=\"#1f4e79\"/>")
        .contains("<rect x=\"0\" y=\"32\" width=\"48\" height=\"16\" fill=\"#1f4e79\"/>")
        .endsWith("</svg>\n");
    assertThat(svg.split("<rect", -1)).hasSize(5);
  }

  @Test
  void svg_namesItsTokens_andTheNamesCannotLeaveIt() {
    String svg =
        MaskPicture.of(Mask.causal().over(3, 3), 0, 0)
            .toSvg(List.of("IMG", "</text><script>", "a&\u202eb"));
    assertThat(svg)
        .contains(">0 IMG</text>", ">1 &lt;/text&gt;&lt;script&gt;</text>")
        .doesNotContain("<script", "\u202e");
    assertThatThrownBy(() -> MaskPicture.of(Mask.causal().over(3, 3), 0, 0).toSvg(List.of("IMG")))
        .hasMessage("1 labels for 3 queries; expected one for each");
  }

  @Test
  void png_isDarkWhereAPairIsAllowed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MaskPicture.of(Mask.causal().over(3, 3), 0, 0).writePng(out);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    assertThat(image.getWidth()).isEqualTo(48);
    assertThat(image.getRGB(8, 40) & 0xFFFFFF).isEqualTo(0x1F4E79);
    assertThat(image.getRGB(40, 8) & 0xFFFFFF).isEqualTo(0xF2F2F0);
  }

  @Test
  void longMasks_haveAPictureOfBoundedSize() {
    String svg = MaskPicture.of(Mask.causal().over(1 << 20, 1 << 20), 0, 0).toSvg();
    assertThat(svg).contains("width=\"1024\" height=\"1024\"").hasSizeLessThan(100_000);
    assertThatThrownBy(() -> MaskPicture.of(Mask.full().over(0, 0), 0, 0))
        .hasMessageContaining("[1, 1, 0, 0]");
  }
}
