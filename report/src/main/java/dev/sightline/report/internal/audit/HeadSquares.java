package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.TokenSpelling;
import dev.sightline.tensor.internal.Excerpt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
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
 * digits, and what is above 0 is kept above 0. Of many tokens evenly spread ones are drawn, and of
 * many heads those of the first layers, so that the page stays below a few megabytes; what a
 * caption counts, it counts over all tokens.
 */
final class HeadSquares {
  private static final float SMALLEST_HALF = 0x1p-24f;
  private static final int MOST_TOKENS = 48;
  private static final int MOST_CELLS = 1_000_000;
  private static final int LONGEST_TEXT = 1_000;
  private static final int LABEL = 12;
  private static final int LEFT = 104;
  private static final int TOP = 100;

  private final AttentionPicture picture;

  /** The tokens that are drawn. */
  private final int[] tokens;

  private final int length;
  private final List<AttentionPicture.Layer> layers;
  private final int shownLayer;
  private final int shownHead;
  private final boolean leaks;

  private HeadSquares(AttentionPicture picture, Verdict.@Nullable Leak leak) {
    this.picture = picture;
    int all = picture.tokens().size();
    length = Math.min(all, MOST_TOKENS);
    tokens = IntStream.range(0, length).map(i -> (int) ((long) i * all / length)).toArray();
    layers = kept(picture.layers(), leak);
    int leaking = -1;
    for (int i = 0; leak != null && !leak.isOutsideAttention() && i < layers.size(); i++) {
      if (isIn(layers.get(i), leak) && leak.head().getAsInt() < layers.get(i).heads()) {
        leaking = i;
      }
    }
    leaks = leaking >= 0;
    shownLayer =
        leaks
            ? leaking
            : IntStream.range(0, layers.size())
                .filter(i -> layers.get(i).heads() > 0)
                .findFirst()
                .orElse(0);
    shownHead = leaks && leak != null ? leak.head().orElse(0) : 0;
  }

  private static boolean isIn(AttentionPicture.Layer layer, Verdict.@Nullable Leak leak) {
    return leak != null && leak.layer().equals(OptionalInt.of(layer.layer()));
  }

  /** As many layers as there is room for, the one that leaks among them. */
  private List<AttentionPicture.Layer> kept(
      List<AttentionPicture.Layer> all, Verdict.@Nullable Leak leak) {
    List<AttentionPicture.Layer> kept = new ArrayList<>();
    int room = MOST_CELLS / (length * length);
    for (AttentionPicture.Layer layer : all) {
      if (isIn(layer, leak)) {
        room -= layer.heads();
      }
    }
    for (AttentionPicture.Layer layer : all) {
      if (isIn(layer, leak)) {
        kept.add(layer);
      } else if (layer.heads() <= room) {
        kept.add(layer);
        room -= layer.heads();
      }
    }
    return kept;
  }

  /** Null if no attention could be read. The head that leaks is shown first, if one does. */
  static @Nullable HeadSquares of(AuditResult result) {
    AttentionPicture picture = result.picture();
    if (picture == null
        || picture.tokens().isEmpty()
        || picture.layers().stream().allMatch(l -> l.heads() == 0)) {
      return null;
    }
    return new HeadSquares(picture, leak(result));
  }

  /** Where the first failed probe says the leak enters; null if none says. */
  static Verdict.@Nullable Leak leak(AuditResult result) {
    return result.findings().stream()
        .map(finding -> finding.verdict() instanceof Verdict.Fail fail ? fail.leak() : null)
        .filter(leak -> leak != null)
        .findFirst()
        .orElse(null);
  }

  /** How many squares of real tokens a head lights up though they must stay empty. */
  static int offences(AttentionPicture picture, AttentionPicture.Layer layer, int head) {
    int length = picture.tokens().size();
    int offences = 0;
    for (int q = 0; q < length; q++) {
      for (int k = 0; k < length; k++) {
        offences += picture.isForbidden(q, k) && layer.probability(head, q, k) != 0 ? 1 : 0;
      }
    }
    return offences;
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
   * @param padding rows and columns of padding
   * @param future the squares of later tokens, as a path; empty unless the model is causal
   * @param offends whether any head of the picture lights a forbidden square
   * @param leftOut what is not drawn, in a sentence; empty if all is
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
      List<Bar> padding,
      String future,
      boolean offends,
      int fontSize,
      List<Label> labels,
      List<Cell> cells,
      int layers,
      int heads,
      String leftOut) {}

  /** A token at both axes: the baselines of its row and its column. */
  public record Label(String token, String whole, int rowY, int columnX, boolean padding) {}

  /** A band, px. */
  public record Bar(int x, int y, int width, int height) {}

  /** A probability that is not 0 comes with its opacity, and marked if it must be 0. */
  public record Cell(int x, int y, String opacity, boolean off) {}

  Drawing drawing() {
    int side = Math.clamp(440 / length, 8, 34);
    int end = LEFT + length * side;
    int bottom = TOP + length * side;
    List<Label> labels = new ArrayList<>();
    List<Bar> padding = new ArrayList<>();
    StringBuilder future = new StringBuilder();
    for (int t = 0; t < length; t++) {
      int x = LEFT + t * side;
      int y = TOP + t * side;
      boolean padded = picture.isPadding(tokens[t]);
      String token = label(tokens[t]);
      labels.add(
          new Label(Excerpt.of(token, LABEL - 1), token, y + side / 2, x + side / 2, padded));
      if (padded) {
        padding.add(new Bar(x, TOP, side, bottom - TOP));
        padding.add(new Bar(LEFT, y, end - LEFT, side));
      }
      if (picture.isCausal() && !padded && t < length - 1) {
        future.append("M%d %dH%dv%dH%dz".formatted(x + side, y, end, side, x + side));
      }
    }
    AttentionPicture.Layer layer = layers.get(shownLayer);
    int heads = layers.stream().mapToInt(AttentionPicture.Layer::heads).sum();
    return new Drawing(
        Excerpt.of(picture.text(), LONGEST_TEXT),
        layer.layer(),
        shownHead,
        caption(layer, shownHead),
        end + 8,
        bottom + 8,
        LEFT,
        TOP,
        side,
        end,
        bottom,
        padding,
        future.toString(),
        layers.stream()
            .anyMatch(l -> IntStream.range(0, l.heads()).anyMatch(h -> offences(l, h) > 0)),
        Math.clamp(side - 2, 8, 12),
        labels,
        cells(layer, side),
        layers.size(),
        heads,
        leftOut());
  }

  private List<Cell> cells(AttentionPicture.Layer layer, int side) {
    List<Cell> cells = new ArrayList<>();
    for (int q = 0; q < length; q++) {
      for (int k = 0; k < length; k++) {
        float p = layer.probability(shownHead, tokens[q], tokens[k]);
        cells.add(
            new Cell(
                LEFT + k * side,
                TOP + q * side,
                opacity(p),
                p != 0 && picture.isForbidden(tokens[q], tokens[k])));
      }
    }
    return cells;
  }

  private String leftOut() {
    StringBuilder out = new StringBuilder();
    if (length < picture.tokens().size()) {
      out.append(
          "Of %d tokens %d evenly spread ones are drawn. "
              .formatted(picture.tokens().size(), length));
    }
    if (layers.size() < picture.layers().size()) {
      out.append("Of %d layers %d are drawn. ".formatted(picture.layers().size(), layers.size()));
    }
    return out.toString().strip();
  }

  /** The script's data, safe inside a script element. */
  String data() {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("length", length).put("causal", picture.isCausal());
    data.put("shownLayer", shownLayer).put("shownHead", shownHead);
    ArrayNode names = data.putArray("tokens");
    ArrayNode padding = data.putArray("padding");
    for (int token : tokens) {
      names.add(label(token));
      padding.add(picture.isPadding(token));
    }
    ArrayNode numbers = data.putArray("numbers");
    IntStream.of(tokens).forEach(numbers::add);
    ArrayNode each = data.putArray("layers");
    for (AttentionPicture.Layer layer : layers) {
      ObjectNode node = each.addObject().put("layer", layer.layer());
      ArrayNode captions = node.putArray("captions");
      ArrayNode offences = node.putArray("offences");
      for (int h = 0; h < layer.heads(); h++) {
        captions.add(caption(layer, h));
        offences.add(offences(layer, h));
      }
    }
    data.put("halves", Base64.getEncoder().encodeToString(halves()));
    return ControlCharacters.inScript(JsonMapper.shared().writeValueAsString(data));
  }

  private byte[] halves() {
    int heads = layers.stream().mapToInt(AttentionPicture.Layer::heads).sum();
    int bytes = Math.multiplyExact(Math.multiplyExact(heads, length * length), Short.BYTES);
    ByteBuffer halves = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (AttentionPicture.Layer layer : layers) {
      for (int h = 0; h < layer.heads(); h++) {
        for (int q : tokens) {
          for (int k : tokens) {
            float p = layer.probability(h, q, k);
            halves.putShort(Float.floatToFloat16(p > 0 ? Math.max(p, SMALLEST_HALF) : p));
          }
        }
      }
    }
    return halves.array();
  }

  private int offences(AttentionPicture.Layer layer, int head) {
    return offences(picture, layer, head);
  }

  /** What a head does, in sentences: what it must not, its favourite key, padding. */
  private String caption(AttentionPicture.Layer layer, int head) {
    int all = picture.tokens().size();
    double[] received = new double[all];
    double onPadding = 0;
    double onFuture = 0;
    int real = 0;
    for (int q = 0; q < all; q++) {
      if (picture.isPadding(q)) {
        continue;
      }
      real++;
      double padding = 0;
      double future = 0;
      for (int k = 0; k < all; k++) {
        double p = layer.probability(head, q, k);
        received[k] += p;
        padding += picture.isPadding(k) ? p : 0;
        future += picture.isCausal() && k > q && !picture.isPadding(k) ? p : 0;
      }
      onPadding = Math.max(onPadding, padding);
      onFuture = Math.max(onFuture, future);
    }
    int favourite = 0;
    for (int k = 1; k < all; k++) {
      favourite = received[k] > received[favourite] ? k : favourite;
    }
    int offences = offences(layer, head);
    return (offences == 0
            ? "No forbidden square is lit. "
            : Numbers.count(offences)
                + " of the real tokens' squares "
                + (offences == 1 ? "is" : "are")
                + " forbidden and lit. ")
        + (leaks && layer == layers.get(shownLayer) && head == shownHead
            ? "The leak enters here, so this head is shown first. "
            : "")
        + "The most that a real token gives to padding: "
        + Numbers.share(onPadding)
        + (picture.isCausal() ? "; to tokens after it: " + Numbers.share(onFuture) : "")
        + ". Real tokens look most at \u201C"
        + label(favourite)
        + "\u201D (token "
        + favourite
        + "): "
        + Numbers.share(received[favourite] / Math.max(1, real))
        + " of their attention on average.";
  }

  private String label(int token) {
    String spelling = ControlCharacters.shown(TokenSpelling.of(picture.tokens().get(token)));
    return spelling.isBlank() ? "'" + spelling + "'" : spelling;
  }

  /** The square root lets small shares be seen beside a sink. */
  static String opacity(float probability) {
    if (!(probability > 0)) {
      return "0";
    }
    return String.format(Locale.ROOT, "%.3f", Math.sqrt(Math.min(probability, 1)));
  }
}
