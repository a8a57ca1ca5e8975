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
            .named(List.of("IMG", "</text><script>", "a&\u202eb"))
            .toSvg();
    assertThat(svg)
        .contains(">0 IMG</text>", ">1 &lt;/text&gt;&lt;script&gt;</text>")
        .doesNotContain("<script", "\u202e");
    assertThatThrownBy(() -> MaskPicture.of(Mask.causal().over(3, 3), 0, 0).named(List.of("IMG")))
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

  @Test
  void segments_haveTheirNamesAndColours_onBothAxes() {
    Mask mask = Mask.parse("groups(image(2) text(1) action(2, causal); action sees image action)");
    String svg = MaskPicture.of(mask.over(5, 5), 0, 0).toSvg();
    assertThat(svg)
        .contains(">0 image</text>", ">3 action</text>", ">image</text>")
        // An action sees the images in their colour, and itself in its own.
        .contains("<rect x=\"0\" y=\"48\" width=\"32\" height=\"16\" fill=\"#0b61a4\"/>")
        .contains("<rect x=\"48\" y=\"64\" width=\"32\" height=\"16\" fill=\"#0b7d5c\"/>")
        // The strips above and beside the squares.
        .contains("<rect x=\"0\" y=\"-6\" width=\"31\" height=\"5\" fill=\"#0b61a4\"/>")
        .contains("<rect x=\"-6\" y=\"48\" width=\"5\" height=\"31\" fill=\"#0b7d5c\"/>");
  }

  @Test
  void cachedStep_namesThePrefixAndTheStep() {
    String svg = MaskPicture.of(Mask.parse("cached(1101; causal)").over(3, 7), 0, 0).toSvg();
    assertThat(svg).contains(">prefix</text>", ">step</text>", ">2 step</text>");
    assertThat(svg)
        .contains("<rect x=\"48\" y=\"0\" width=\"16\" height=\"16\" fill=\"#0b61a4\"/>");
  }

  @Test
  void masksSideBySide_areMarkedWhereTheyDiffer() throws IOException {
    MaskPicture picture =
        MaskPicture.beside(
            Mask.rowCausal("001").over(3, 3), Mask.blockCausal("001").over(3, 3), 0, 0);
    String svg = picture.toSvg();
    String only = "<rect x=\"33\" y=\"1\" width=\"14\" height=\"14\" fill=\"#c62828\"/>";
    String lacks = "<rect x=\"34.5\" y=\"2.5\" width=\"11.0\" height=\"11.0\" fill=\"none\"";
    assertThat(svg).contains("A: row-causal(001)", "B: block-causal(001)", only, lacks);
    assertThat(svg.indexOf(only)).isLessThan(svg.indexOf("B: block")).isPositive();
    assertThat(svg.indexOf(lacks)).isGreaterThan(svg.indexOf(only));
    assertThat(svg.split("#c62828", -1)).hasSize(1 + 2 + 2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    picture.writePng(out);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    assertThat(image.getRGB(40, 8) & 0xFFFFFF).isEqualTo(0xC62828);
    assertThat(image.getRGB(48 + 32 + 40, 8) & 0xFFFFFF).isEqualTo(0xF2F2F0);
    assertThat(image.getRGB(48 + 32 + 32, 8) & 0xFFFFFF).isEqualTo(0xC62828);
    assertThatThrownBy(
            () -> MaskPicture.beside(Mask.full().over(2, 2), Mask.full().over(3, 3), 0, 0))
        .hasMessageContaining("[1, 1, 2, 2]");
  }

  @Test
  void page_isSmallForAMillionTokens_andNamesCannotLeaveIt() {
    String page = MaskPicture.of(Mask.causal().over(1 << 20, 1 << 20), 0, 0).toHtml();
    assertThat(page)
        .contains("1,048,576 queries down", "data:image/png;base64,", "about 512 x 512 pairs")
        .hasSizeLessThan(400_000);
    String small =
        MaskPicture.of(Mask.causal().over(2, 2), 0, 0).named(List.of("<b>", "\"><i>")).toHtml();
    assertThat(small)
        .contains("<svg xmlns", "Each square is one pair")
        .doesNotContain("<b>", "<i>");
    assertThat(small).doesNotContain(" style=", "onload=", "\\n<");
  }
}
