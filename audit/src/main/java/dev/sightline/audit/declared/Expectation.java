package dev.sightline.audit.declared;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.MaskSyntaxException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The masks that a model should have, as its user declares them: one for all attentions, {@code
 * causal & padding(5,3)}, or one for each of several, by their order of execution: {@code 0,2,4-6:
 * padding(5,3); else: full}. Attentions of which nothing is said have no expectation.
 */
public final class Expectation {
  private static final long LARGEST_FILE = 64L << 20;
  private static final int LARGEST_NUMBER = 1_000_000;

  private final String text;
  private final TreeMap<Integer, Mask> own = new TreeMap<>();
  private @Nullable Mask rest;

  private Expectation(String text) {
    this.text = text.strip();
  }

  /**
   * {@return the masks of a text; comments run from # to the end of a line, as in a mask}
   *
   * @param text such as {@code 0-3: causal; 4: full}, or a mask for all attentions
   * @throws IllegalArgumentException if a piece of it is no declaration, which it quotes
   */
  public static Expectation parse(String text) {
    Expectation expectation = new Expectation(text);
    String plain = text.replaceAll("#[^\n\r]*", " ");
    List<String> pieces = split(plain, ';').stream().filter(piece -> !piece.isBlank()).toList();
    if (pieces.isEmpty()) {
      throw new IllegalArgumentException("no mask is declared in '" + brief(text) + "'");
    }
    for (String piece : pieces) {
      List<String> sides = split(piece, ':');
      if (sides.size() == 1 && pieces.size() == 1) {
        expectation.rest = mask(piece);
      } else if (sides.size() == 2) {
        expectation.declare(sides.get(0).strip(), mask(sides.get(1)));
      } else {
        throw new IllegalArgumentException(
            "'"
                + brief(piece)
                + "' does not say which attentions it is about; expected one mask for all, or"
                + " pieces such as '0,2,4-6: causal' or 'else: full', with semicolons between");
      }
    }
    return expectation;
  }

  /**
   * {@return the masks of a text, or of a file that holds one} What is both is taken as the text.
   *
   * @param textOrFile the text form, or the path of a file that holds it
   * @throws IllegalArgumentException as {@link #parse}
   * @throws IOException if the file cannot be read
   */
  public static Expectation read(String textOrFile) throws IOException {
    try {
      return parse(textOrFile);
    } catch (IllegalArgumentException e) {
      Path file = file(textOrFile);
      if (file == null) {
        if (textOrFile.endsWith(".mask") || textOrFile.endsWith(".expect")) {
          throw new IOException("there is no file '" + textOrFile + "'", e);
        }
        throw e;
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw new IOException(
            file + " has " + Files.size(file) + " bytes; a mask's text has at most " + LARGEST_FILE,
            e);
      }
      return parse(contents(file));
    }
  }

  private static String contents(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException("'" + file + "' is no text in UTF-8", e);
    }
  }

  private static @Nullable Path file(String text) {
    try {
      Path path = Path.of(text);
      return text.length() < 4096 && Files.isRegularFile(path) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** At the character, outside of all parentheses. */
  private static List<String> split(String text, char separator) {
    List<String> pieces = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == separator && depth <= 0) {
        pieces.add(text.substring(from, i));
        from = i + 1;
      }
    }
    pieces.add(text.substring(from));
    return pieces;
  }

  private static Mask mask(String piece) {
    String text = piece.strip();
    try {
      return Mask.parse(text);
    } catch (MaskSyntaxException e) {
      throw new IllegalArgumentException("'" + brief(text) + "' is no mask: " + e.getMessage(), e);
    }
  }

  private void declare(String attentions, Mask mask) {
    if (attentions.equals("*") || attentions.equals("else")) {
      if (rest != null) {
        throw new IllegalArgumentException("'" + attentions + ":' is declared twice");
      }
      rest = mask;
      return;
    }
    for (String range : attentions.split(",", -1)) {
      String[] ends = range.strip().split("\\s*-\\s*", 2);
      int first = number(ends[0], attentions);
      int last = number(ends[ends.length - 1], attentions);
      if (first > last) {
        throw new IllegalArgumentException(
            "'" + range.strip() + "' of '" + attentions + ":' runs backwards");
      }
      for (int attention = first; attention <= last; attention++) {
        if (own.putIfAbsent(attention, mask) != null) {
          throw new IllegalArgumentException(
              "attention " + attention + " is declared twice, last in '" + attentions + ":'");
        }
      }
    }
  }

  private static int number(String digits, String attentions) {
    if (digits.matches("[0-9]{1,7}")) {
      int number = Integer.parseInt(digits);
      if (number < LARGEST_NUMBER) {
        return number;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + brief(attentions)
            + ":' does not name attentions; expected numbers from 0 in order of execution, such as"
            + " '0,2,4-6:', or 'else:'");
  }

  private static String brief(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 80 ? line : line.substring(0, 77) + "...";
  }

  /**
   * {@return the declared mask of an attention, counted from 0 in order of execution; empty if none
   * is}
   *
   * @param attention the attention, in order of execution from 0
   */
  public Optional<Mask> of(int attention) {
    return Optional.ofNullable(own.getOrDefault(attention, rest));
  }

  /**
   * Checks that every declared attention exists.
   *
   * @param attentions how many attentions the model has
   * @throws IllegalArgumentException if one does not, with both numbers
   */
  public void requireWithin(int attentions) {
    if (!own.isEmpty() && own.lastKey() >= attentions) {
      throw new IllegalArgumentException(
          "a mask is declared for attention "
              + own.lastKey()
              + ", but the model has "
              + attentions
              + (attentions > 0 ? ", counted from 0" : ""));
    }
  }

  /**
   * {@return the declared mask of an attention over {@code [samples, heads, Lq, Lk]}}
   *
   * @param attention the attention, in order of execution from 0
   * @param shape {@code [samples, heads, Lq, Lk]}
   * @throws IllegalArgumentException if it does not fit, quoting the mask and the sizes
   */
  public Optional<BoundMask> over(int attention, MaskShape shape) {
    return over(attention, shape, List.of());
  }

  /**
   * {@return the declared mask of an attention over {@code [samples, heads, Lq, Lk]}, its words
   * that are about a sample, such as {@code padding} without lengths, taken from the samples}
   *
   * @param attention the attention, in order of execution from 0
   * @param shape {@code [samples, heads, Lq, Lk]}
   * @param samples one for each batch row; none if they are not known
   * @throws IllegalArgumentException if it does not fit, quoting the mask and the sizes
   */
  public Optional<BoundMask> over(int attention, MaskShape shape, List<MaskSample> samples) {
    Mask mask = of(attention).orElse(null);
    if (mask == null) {
      return Optional.empty();
    }
    if (mask.needsSample() && mask.batchRows() == 1 && samples.size() == shape.batch()) {
      Mask declared = mask;
      mask =
          samples.size() == 1
              ? declared.forSample(samples.getFirst())
              : Mask.perBatch(samples.stream().map(declared::forSample).toArray(Mask[]::new));
    }
    require(attention, mask, "batch rows", mask.batchRows(), "samples", shape.batch());
    require(attention, mask, "heads", mask.heads(), "heads in the model", shape.heads());
    try {
      return Optional.of(mask.over(shape));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "attention "
              + attention
              + " has "
              + shape.queries()
              + " queries and "
              + shape.keys()
              + " keys, which the declared mask does not fit: "
              + e.getMessage(),
          e);
    }
  }

  private static void require(
      int attention, Mask mask, String what, int declared, String ofWhat, int there) {
    if (declared != 1 && declared != there) {
      throw new IllegalArgumentException(
          "the mask declared for attention "
              + attention
              + " tells apart "
              + declared
              + " "
              + what
              + ", but there are "
              + there
              + " "
              + ofWhat
              + ": "
              + brief(mask.toString()));
    }
  }

  /** The text it was read from. */
  @Override
  public String toString() {
    return text;
  }
}
