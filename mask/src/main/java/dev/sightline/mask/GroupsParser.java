package dev.sightline.mask;

/**
 * Reads the inside of {@code groups(...)}: first the segments, then who sees whom.
 *
 * <pre>
 * groups(image(2) language(1) subtask(2, causal) flow(3);
 *        image language see image language;
 *        subtask sees image language subtask;
 *        flow sees image language flow)
 * </pre>
 */
final class GroupsParser {
  private final Source source;

  GroupsParser(Source source) {
    this.source = source;
  }

  Node parse(int start) {
    source.need('(', "'(' and segments, as in groups(image(2) text(3); ...)");
    Groups groups = Groups.of();
    do {
      groups = segment(groups);
    } while (isLetter(source.peek()));
    while (source.take(';')) {
      if (source.peek() == ')') {
        break;
      }
      groups = sight(groups);
    }
    source.need(')', "';' and who sees whom, or ')'");
    return new Node.Grouped(groups);
  }

  private Groups segment(Groups groups) {
    int start = source.position();
    String name = name("a segment, such as image(2)");
    source.need('(', "'(' and the number of tokens of " + name);
    int at = source.position();
    String digits = source.takeWhile(Character::isDigit);
    if (digits.isEmpty() || digits.length() > 9) {
      source.goTo(at);
      throw source.expected("the number of tokens of " + name);
    }
    int size = Integer.parseInt(digits);
    boolean causal = false;
    if (source.take(',')) {
      int inside = source.position();
      String word = name("causal or full");
      if (!word.equals("causal") && !word.equals("full")) {
        throw source.error(
            inside, "a segment is causal or full inside, but " + name + " is '" + word + "'");
      }
      causal = word.equals("causal");
    }
    source.need(')', "')'");
    source.take(',');
    try {
      return causal ? groups.causal(name, size) : groups.segment(name, size);
    } catch (IllegalArgumentException e) {
      throw pointed(start, e);
    }
  }

  private Groups sight(Groups groups) {
    int start = source.position();
    StringBuilder viewers = new StringBuilder();
    while (true) {
      String word = name("the name of a segment, or 'sees'");
      if (word.equals("see") || word.equals("sees")) {
        break;
      }
      append(viewers, word);
    }
    if (viewers.isEmpty()) {
      throw source.error(start, "expected the segments that see something before 'sees'");
    }
    StringBuilder seen = new StringBuilder();
    boolean nothing = false;
    while (isLetter(source.peek())) {
      String word = name("the name of a segment");
      nothing |= word.equals("nothing");
      append(seen, word);
    }
    if (nothing && !seen.toString().equals("nothing")) {
      throw source.error(start, "a segment sees other segments, or nothing, but not both");
    }
    if (seen.isEmpty()) {
      throw source.expected("the segments that are seen, or 'nothing'");
    }
    try {
      return nothing
          ? groups.seesNothing(viewers.toString())
          : groups.sees(viewers.toString(), seen.toString());
    } catch (IllegalArgumentException e) {
      throw pointed(start, e);
    }
  }

  private void append(StringBuilder names, String word) {
    source.take(',');
    if (!word.equals("and")) {
      names.append(names.isEmpty() ? "" : " ").append(word);
    }
  }

  private String name(String couldBe) {
    if (!isLetter(source.peek())) {
      throw source.expected(couldBe);
    }
    return source.takeWhile(
        c -> isLetter((char) c) || (c >= '0' && c <= '9') || c == '-' || c == '_');
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private MaskSyntaxException pointed(int start, IllegalArgumentException cause) {
    MaskSyntaxException error = source.error(start, String.valueOf(cause.getMessage()));
    error.initCause(cause);
    return error;
  }
}
