package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.Kinds;
import dev.sightline.mask.internal.kind.Word;
import dev.sightline.mask.internal.text.Excerpt;
import dev.sightline.mask.internal.text.Source;
import dev.sightline.mask.internal.text.Suggestion;
import dev.sightline.mask.internal.text.SyntaxException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Reads the text form. {@code !} binds tightest, then {@code &} and {@code -}, then {@code |};
 * blanks, line breaks and comments from # to the end of a line may be anywhere between words.
 *
 * <pre>
 * mask    = all { "|" all }
 * all     = operand { ("&amp;" | "-") operand }
 * operand = { "!" } ( "(" mask ")" | word [ "(" arguments ")" ] )
 * </pre>
 */
public final class Parser {
  private static final String A_MASK = "a mask such as causal or window(2,0), '!' or '('";

  /** Longer than any word: a megabyte of letters is read once and not again and again. */
  private static final int LONGEST_WORD = 40;

  /** How deep expressions may nest: deeper ones come from a faulty program. */
  public static final int DEEPEST = 300;

  /** The words that combine masks; all others are in {@link Kinds}. */
  private static final List<String> COMBINATIONS =
      List.of("step", "cached", "per-batch", "per-head");

  /** Where a part is in the text: characters [start, end). */
  public record Span(int start, int end) {}

  private final Source source;
  private final Map<Node, Span> spans;
  private int depth;

  private Parser(String text, Map<Node, Span> spans) {
    this.source = new Source(text);
    this.spans = spans;
  }

  /**
   * Reads an expression.
   *
   * @throws SyntaxException if the text is none
   */
  public static Node parse(String text) {
    return parse(text, new IdentityHashMap<>());
  }

  /**
   * Reads an expression, and where its parts are in the text.
   *
   * @param spans takes the place of every part that decides by itself; by identity
   * @throws SyntaxException if the text is none
   */
  public static Node parse(String text, IdentityHashMap<Node, Span> spans) {
    Parser parser = new Parser(text, spans);
    Node node = parser.mask();
    if (!parser.source.atEnd()) {
      throw parser.source.expected("'&', '|', '-' or the end");
    }
    if (Sizing.depth(node) > DEEPEST) {
      throw parser.source.error(0, "masks are nested more than " + DEEPEST + " deep");
    }
    return node;
  }

  private Node mask() {
    int start = source.position();
    if (++depth > DEEPEST) {
      throw source.error(start, "parentheses are nested more than " + DEEPEST + " deep");
    }
    List<Node> parts = new ArrayList<>(List.of(all()));
    while (source.take('|')) {
      parts.add(all());
    }
    depth--;
    return Algebra.or(parts);
  }

  private Node all() {
    List<Node> parts = new ArrayList<>(List.of(operand()));
    while (true) {
      if (source.take('&')) {
        parts.add(operand());
      } else if (source.take('-')) {
        int start = source.position();
        parts.add(placed(Algebra.not(operand()), start));
      } else {
        return Algebra.and(parts);
      }
    }
  }

  private Node operand() {
    int start = source.position();
    boolean inverted = false;
    while (source.take('!')) {
      inverted = !inverted;
    }
    Node node;
    if (source.take('(')) {
      node = mask();
      source.need(')', "'&', '|', '-' or ')'");
    } else {
      node = word();
    }
    return placed(inverted ? Algebra.not(node) : node, start);
  }

  /** Notes where a part is; one in parentheses is where they are. */
  private Node placed(Node node, int start) {
    spans.put(node, new Span(start, source.end()));
    return node;
  }

  private Node word() {
    int start = source.position();
    String word = takeWord(start);
    return switch (word) {
      case "step" -> new Node.Step(only(masks(word)));
      case "per-batch" -> new Node.PerBatch(List.copyOf(masks(word)));
      case "per-head" -> new Node.PerHead(List.copyOf(masks(word)));
      case "cached" -> cached();
      default -> {
        Word known = Kinds.word(word).orElseThrow();
        yield checked(start, () -> new Node.Leaf(known.syntax().read(source, start)));
      }
    };
  }

  /** Turns the exception of a value into one that points at the word that made it. */
  private Node checked(int start, Supplier<Node> make) {
    try {
      return make.get();
    } catch (SyntaxException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw source.error(start, e);
    }
  }

  /** Several words have a hyphen; what is no word with it is a difference without blanks. */
  private String takeWord(int start) {
    String text =
        source.takeWhile(
            c -> Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_', LONGEST_WORD);
    if (text.isEmpty() || text.startsWith("-")) {
      source.goTo(start);
      throw source.expected(A_MASK);
    }
    for (String word = text; !word.isEmpty(); word = beforeHyphen(word)) {
      if (COMBINATIONS.contains(word) || Kinds.word(word).isPresent()) {
        source.goTo(start + word.length());
        return word;
      }
    }
    List<String> known = new ArrayList<>(Kinds.names());
    known.addAll(COMBINATIONS);
    throw source.error(
        start, "there is no mask '" + Excerpt.of(text) + "'; " + Suggestion.of(text, known));
  }

  private static String beforeHyphen(String word) {
    return word.substring(0, Math.max(0, word.lastIndexOf('-')));
  }

  private List<Node> masks(String word) {
    source.need('(', "'(' and the masks of " + word);
    List<Node> masks = new ArrayList<>(List.of(mask()));
    while (source.take(';')) {
      masks.add(mask());
    }
    source.need(')', "'&', '|', '-', ';' or ')'");
    return masks;
  }

  private Node only(List<Node> masks) {
    if (masks.size() != 1) {
      throw source.error(source.position(), "step takes one mask, but there are " + masks.size());
    }
    return masks.get(0);
  }

  private Node cached() {
    int start = source.position();
    source.need('(', "'(' and the bits of the prefix, as in cached(1101; causal)");
    List<Bits> prefix = new ArrayList<>();
    do {
      int at = source.position();
      String bits = source.takeWhile(c -> c == '0' || c == '1');
      if (bits.isEmpty()) {
        source.goTo(at);
        throw source.expected("the bits of the prefix, such as 1101");
      }
      prefix.add(Bits.parse(bits));
    } while (source.take(','));
    source.need(';', "';' and the mask of the suffix");
    Node suffix = mask();
    source.need(')', "'&', '|', '-' or ')'");
    return checked(start, () -> new Node.Cached(BitRows.of("cached", prefix), suffix));
  }
}
