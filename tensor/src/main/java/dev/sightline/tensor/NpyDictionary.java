package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dictionary of a .npy header, the only Python that the format needs: string keys, one
 * string, one boolean, one flat tuple of integers. Nothing nests, so nothing recurses; a structured
 * element type, the one thing that may nest, is refused at its first bracket.
 */
final class NpyDictionary {
  private final String text;
  private final ByteSource source;
  private int at;

  private @Nullable String descr;
  private @Nullable Boolean fortran;
  private @Nullable Shape shape;

  private NpyDictionary(String text, ByteSource source) {
    this.text = text;
    this.source = source;
  }

  static NpyDictionary parse(String text, ByteSource source) throws TensorFileException {
    NpyDictionary dictionary = new NpyDictionary(text, source);
    dictionary.dictionary();
    return dictionary;
  }

  String descr() throws TensorFileException {
    return present(descr, "descr");
  }

  boolean fortran() throws TensorFileException {
    return present(fortran, "fortran_order");
  }

  Shape shape() throws TensorFileException {
    return present(shape, "shape");
  }

  private <T> T present(@Nullable T value, String key) throws TensorFileException {
    if (value == null) {
      throw source.refusal("has a .npy header without '" + key + "': " + Quoted.of(text.strip()));
    }
    return value;
  }

  private void dictionary() throws TensorFileException {
    expect('{');
    while (!accept('}')) {
      entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (peek() != 0 || at < text.length()) {
      throw malformed("nothing");
    }
  }

  private void entry() throws TensorFileException {
    String key = string();
    expect(':');
    switch (key) {
      case "descr" -> {
        once(descr, key);
        if (peek() == '[' || peek() == '(') {
          throw source.refusal(
              "has a structured element type, "
                  + Quoted.of(text.substring(at).strip())
                  + "; expected one type, such as '<f4'");
        }
        descr = string();
      }
      case "fortran_order" -> {
        once(fortran, key);
        fortran = bool();
      }
      case "shape" -> {
        once(shape, key);
        shape = tuple();
      }
      default -> throw source.refusal("has an unknown key in its .npy header: " + Quoted.of(key));
    }
  }

  private void once(@Nullable Object earlier, String key) throws TensorFileException {
    if (earlier != null) {
      throw source.refusal("has '" + key + "' twice in its .npy header");
    }
  }

  private String string() throws TensorFileException {
    char quote = peek();
    if (quote != '\'' && quote != '"') {
      throw malformed("a string");
    }
    int end = text.indexOf(quote, at + 1);
    if (end < 0) {
      throw malformed("the end of the string");
    }
    String string = text.substring(at + 1, end);
    at = end + 1;
    return string;
  }

  private boolean bool() throws TensorFileException {
    peek();
    for (boolean value : new boolean[] {true, false}) {
      String word = value ? "True" : "False";
      if (text.startsWith(word, at)) {
        at += word.length();
        return value;
      }
    }
    throw malformed("True or False");
  }

  private Shape tuple() throws TensorFileException {
    int[] dims = new int[RawTensor.MAX_RANK];
    int rank = 0;
    boolean comma = false;
    expect('(');
    while (!accept(')')) {
      if (rank > 0 && !comma) {
        throw malformed("',' or ')'");
      }
      if (rank == dims.length) {
        throw source.refusal(
            "has a tensor of more than " + dims.length + " axes: " + Quoted.of(text.strip()));
      }
      dims[rank++] = axis();
      comma = accept(',');
    }
    if (rank == 1 && !comma) {
      throw malformed("a tuple, such as (3,), not a number in brackets");
    }
    try {
      return Shape.of(Arrays.copyOf(dims, rank));
    } catch (IllegalArgumentException e) {
      throw source.refusal("has a shape that cannot be read: " + e.getMessage());
    }
  }

  private int axis() throws TensorFileException {
    peek();
    int start = at;
    if (at < text.length() && text.charAt(at) == '-') {
      at++;
    }
    int digits = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    if (digits == at) {
      throw malformed("a whole number");
    }
    String number = text.substring(start, at);
    if (text.startsWith("L", at)) { // a long, as Python 2 wrote it
      at++;
    }
    try {
      int axis = Integer.parseInt(number);
      if (axis >= 0) {
        return axis;
      }
    } catch (NumberFormatException e) {
      // The same message as for a negative number says what was expected.
    }
    throw source.refusal("has an axis of length " + Quoted.of(number) + "; expected 0 to 2^31 - 1");
  }

  /** The next character that is not blank, not consumed; 0 at the end. */
  private char peek() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean accept(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws TensorFileException {
    if (!accept(c)) {
      throw malformed("'" + c + "'");
    }
  }

  private TensorFileException malformed(String expected) {
    return source.refusal(
        "has a malformed .npy header: expected "
            + expected
            + " at character "
            + at
            + " of "
            + Quoted.of(text.strip()));
  }
}
