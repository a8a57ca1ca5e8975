package dev.sightline.report;

import dev.sightline.audit.AttentionPicture;
import dev.sightline.audit.AuditResult;
import dev.sightline.audit.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The attention of every head over one text: one head drawn for the template, all of them as data
 * for the page's script.
 *
 * <p>The data holds each probability in 16 bits, layer by layer, head by head, row by row, little
 * endian: 12 layers of 12 heads over 28 tokens are 300 kB of Base64. A half keeps three significant
 * digits, and what is above 0 is kept above 0.
 */
final class HeadSquares {
  private static final float SMALLEST_HALF = 0x1p-24f;
  private static final int LABEL = 12;
  private static final int LEFT = 104;
  private static final int TOP = 100;

  private final AttentionPicture picture;
  private final int length;
  private final int shownLayer;
  private final int shownHead;
  private final boolean leaks;

  private HeadSquares(AttentionPicture picture, int shownLayer, int shownHead, boolean leaks) {
    this.picture = picture;
    this.length = picture.tokens().size();
    this.shownLayer = shownLayer;
    this.shownHead = shownHead;
    this.leaks = leaks;
  }

  /** Null if no attention could be read. The head that leaks is shown first, if one does. */
  static @Nullable HeadSquares of(AuditResult result) {
    AttentionPicture picture = result.picture();
    if (picture == null || picture.layers().stream().allMatch(l -> l.heads() == 0)) {
      return null;
    }
    List<AttentionPicture.Layer> layers = picture.layers();
    Verdict.Leak leak = leak(result);
    for (int i = 0; leak != null && i < layers.size(); i++) {
      if (layers.get(i).layer() == leak.layer() && leak.head() < layers.get(i).heads()) {
        return new HeadSquares(picture, i, Math.max(0, leak.head()), true);
      }
    }
    int first =
        IntStream.range(0, layers.size())
            .filter(i -> layers.get(i).heads() > 0)
            .findFirst()
            .orElse(0);
    return new HeadSquares(picture, first, 0, false);
  }

  /** Where the first failed probe says the leak enters; null if none says. */
  static Verdict.@Nullable Leak leak(AuditResult result) {
    return result.findings().stream()
        .map(finding -> finding.verdict() instanceof Verdict.Fail fail ? fail.leak() : null)
        .filter(leak -> leak != null)
        .findFirst()
        .orElse(null);
  }

  /**
   * One head, drawn.
   *
   * @param text the text, without its special tokens
   * @param caption what the head does, in a sentence
   * @param left where the squares begin, px
   * @param top where the squares begin, px
   * @param side of a square, px
   * @param end where the squares end to the right, px
   * @param bottom where the squares end, px
   * @param padLeft where the columns of padding begin, px
   * @param padTop where the rows of padding begin, px
   * @param padSize width and height of the padding, px; 0 without padding
   */
  public record Drawing(
      String text,
      int layer,
      int head,
      String caption,
      int width,
      int height,
      int left,
      int top,
      int side,
      int end,
      int bottom,
      int padLeft,
      int padTop,
      int padSize,
      int fontSize,
      List<Label> labels,
      List<Cell> cells,
      int layers,
      int heads) {}

  /** A token at both axes: the baselines of its row and its column. */
  public record Label(String token, String whole, int rowY, int columnX, boolean padding) {}

  /** A probability that is not 0 comes with its opacity. */
  public record Cell(int x, int y, String opacity) {}

  Drawing drawing() {
    int side = Math.clamp(440 / length, 8, 34);
    int end = LEFT + length * side;
    int padLeft = LEFT + real() * side;
    List<Label> labels = new ArrayList<>();
    for (int t = 0; t < length; t++) {
      String token = label(t);
      labels.add(
          new Label(
              shortened(token),
              token,
              TOP + t * side + side / 2,
              LEFT + t * side + side / 2,
              t >= real()));
    }
    List<Cell> cells = new ArrayList<>();
    AttentionPicture.Layer layer = picture.layers().get(shownLayer);
    for (int q = 0; q < length; q++) {
      for (int k = 0; k < length; k++) {
        cells.add(
            new Cell(LEFT + k * side, TOP + q * side, opacity(layer.probability(shownHead, q, k))));
      }
    }
    return new Drawing(
        picture.text(),
        layer.layer(),
        shownHead,
        caption(layer, shownHead),
        end + 8,
        TOP + length * side + 8,
        LEFT,
        TOP,
        side,
        end,
        TOP + length * side,
        padLeft,
        TOP + real() * side,
        end - padLeft,
        Math.clamp(side - 2, 8, 12),
        labels,
        cells,
        picture.layers().size(),
        picture.layers().stream().mapToInt(AttentionPicture.Layer::heads).sum());
  }

  /** The script's data, safe inside a script element. */
  String data() {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("length", length).put("real", real());
    data.put("shownLayer", shownLayer).put("shownHead", shownHead);
    ArrayNode tokens = data.putArray("tokens");
    IntStream.range(0, length).forEach(t -> tokens.add(label(t)));
    ArrayNode layers = data.putArray("layers");
    for (AttentionPicture.Layer layer : picture.layers()) {
      ArrayNode captions = layers.addObject().put("layer", layer.layer()).putArray("captions");
      for (int h = 0; h < layer.heads(); h++) {
        captions.add(caption(layer, h));
      }
    }
    data.put("halves", Base64.getEncoder().encodeToString(halves()));
    return inScript(JsonMapper.shared().writeValueAsString(data));
  }

  private byte[] halves() {
    int heads = picture.layers().stream().mapToInt(AttentionPicture.Layer::heads).sum();
    int bytes = Math.multiplyExact(Math.multiplyExact(heads, length * length), Short.BYTES);
    ByteBuffer halves = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (AttentionPicture.Layer layer : picture.layers()) {
      for (int h = 0; h < layer.heads(); h++) {
        for (int q = 0; q < length; q++) {
          for (int k = 0; k < length; k++) {
            float p = layer.probability(h, q, k);
            halves.putShort(Float.floatToFloat16(p > 0 ? Math.max(p, SMALLEST_HALF) : p));
          }
        }
      }
    }
    return halves.array();
  }

  private int real() {
    return (int) IntStream.range(0, length).filter(t -> !picture.isPadding(t)).count();
  }

  /** What a head does, in a sentence: its favourite key, and padding. */
  private String caption(AttentionPicture.Layer layer, int head) {
    double padding = 0;
    double[] received = new double[length];
    for (int q = 0; q < real(); q++) {
      double onPadding = 0;
      for (int k = 0; k < length; k++) {
        double p = layer.probability(head, q, k);
        received[k] += p / real();
        onPadding += k < real() ? 0 : p;
      }
      padding = Math.max(padding, onPadding);
    }
    int favourite = 0;
    for (int k = 1; k < length; k++) {
      favourite = received[k] > received[favourite] ? k : favourite;
    }
    return "Real tokens look most at \u201C"
        + label(favourite)
        + "\u201D (token "
        + favourite
        + "): "
        + Numbers.share(received[favourite])
        + " of their attention on average. The most that one of them gives to padding: "
        + Numbers.share(padding)
        + (leaks && layer == picture.layers().get(shownLayer) && head == shownHead
            ? ". The leak enters here, so this head is shown first."
            : ".");
  }

  private String label(int token) {
    String spelling = Unseen.shown(picture.tokens().get(token));
    return spelling.isBlank() ? "'" + spelling + "'" : spelling;
  }

  private static String shortened(String token) {
    return token.codePointCount(0, token.length()) <= LABEL
        ? token
        : token.substring(0, token.offsetByCodePoints(0, LABEL - 1)) + "…";
  }

  /** The square root lets small shares be seen beside a sink. */
  private static String opacity(float probability) {
    if (!(probability > 0)) {
      return "0";
    }
    return String.format(Locale.ROOT, "%.3f", Math.sqrt(Math.min(probability, 1)));
  }

  private static String inScript(String json) {
    StringBuilder out = new StringBuilder(json.length() + 64);
    for (char c : Unseen.inJson(json).toCharArray()) {
      if (c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
        Unseen.appendUnit(out, c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
