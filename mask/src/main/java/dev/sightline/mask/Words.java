package dev.sightline.mask;

import java.util.List;
import java.util.stream.Collectors;

/** The words of the text form and what each takes between its parentheses. */
final class Words {
  private static final List<String> ALL =
      List.of(
          "full",
          "none",
          "causal",
          "window",
          "chunk",
          "prefix",
          "padding",
          "key-padding",
          "query-padding",
          "documents",
          "block-causal",
          "row-causal",
          "islands",
          "dilated",
          "global",
          "tree",
          "shared-prefix",
          "groups",
          "dense",
          "rows",
          "step",
          "cached",
          "per-batch",
          "per-head",
          "pi0",
          "pi05",
          "pi05-subtask",
          "smolvla",
          "groot-n1",
          "groot-alternate");

  private Words() {}

  static boolean isKnown(String word) {
    return ALL.contains(word);
  }

  static String cut(String text) {
    return text.length() <= 30 ? text : text.substring(0, 27) + "...";
  }

  /** The nearest word if one is near, otherwise all of them. */
  static String suggestion(String unknown) {
    String wanted = cut(unknown).toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    for (String word : ALL) {
      if (distance(wanted, word) <= (word.length() > 4 ? 2 : 1)) {
        return "did you mean " + word + "?";
      }
    }
    return "the masks are " + ALL.stream().collect(Collectors.joining(", "));
  }

  /** The number of letters to insert, remove or replace to get from one word to the other. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  static Node node(String word, Arguments a) {
    Node node =
        switch (word) {
          case "full" -> new Node.Full();
          case "none" -> new Node.Nothing();
          case "causal" -> new Node.Causal(a.alignment());
          case "window" -> {
            Alignment alignment = a.alignment();
            int[] sides = a.exactly(2, "two distances, left and right, as in window(2,0)");
            yield new Node.Window(sides[0], sides[1], alignment);
          }
          case "chunk" -> {
            int[] padding = a.namedNumbers("left-padding").orElse(new int[] {0});
            yield new Node.Chunk(a.one("a size, as in chunk(3)"), Ints.of(padding));
          }
          case "prefix" -> {
            Alignment alignment = a.alignment();
            yield new Node.Prefix(Ints.of(a.numbers("a length, as in prefix(4)")), alignment);
          }
          case "padding" -> new Node.Padding(Node.Who.BOTH, tokens(a, word));
          case "key-padding" -> new Node.Padding(Node.Who.KEYS, tokens(a, word));
          case "query-padding" -> new Node.Padding(Node.Who.QUERIES, tokens(a, word));
          case "documents" -> documents(a);
          case "islands" ->
              new Node.SameId(
                  Ints.of(a.numbers("an id for each token, as in islands(0,1,1,0)")), true);
          case "block-causal" -> new Node.BlockCausal(a.bits(a.list(BITS)));
          case "row-causal" -> new Node.RowCausal(a.bits(a.list(BITS)));
          case "dilated" -> new Node.Dilated(a.one("a step, as in dilated(2)"));
          case "global" -> new Node.Global(Ints.of(a.numbers("the positions, as in global(0,7)")));
          case "tree" ->
              new Node.Tree(Ints.of(a.numbers("the parent of each token, as in tree(-1,0,1,0)")));
          case "shared-prefix" ->
              new Node.SharedPrefix(
                  a.one("a length, then the branches, as in shared-prefix(4; 3,3)"),
                  Ints.of(a.numbers("branches behind a semicolon, as in shared-prefix(4; 3,3)")));
          default -> Presets.read(word, a);
        };
    a.done(takes(word));
    return node;
  }

  private static final String BITS = "a bit for each token, as in block-causal(000111)";

  private static String takes(String word) {
    return switch (word) {
      case "full", "none" -> "nothing";
      case "causal" -> "an alignment (top-left, bottom-right or offset=n)";
      case "window" -> "two distances and an alignment, as in window(2,0; bottom-right)";
      case "chunk" -> "a size and left-padding=n, as in chunk(3; left-padding=4)";
      case "prefix" -> "a length per batch row and an alignment, as in prefix(4; bottom-right)";
      case "padding", "key-padding", "query-padding" ->
          "lengths or bits, and side=left or side=right, as in padding(5,6; side=left)";
      case "documents" -> "lengths, or lengths and keys=..., or ids=...";
      default -> "one list of numbers, such as the table of masks shows,";
    };
  }

  private static Node documents(Arguments a) {
    if (!a.hasList()) {
      int[] ids =
          a.namedNumbers("ids")
              .orElseGet(() -> a.numbers("the length of each document, as in documents(4,3,3)"));
      return new Node.SameId(Ints.of(ids), false);
    }
    Ints queries = Ints.of(a.numbers("the length of each document, as in documents(4,3,3)"));
    return new Node.Documents(queries, a.namedNumbers("keys").map(Ints::of).orElse(queries));
  }

  private static Tokens tokens(Arguments a, String word) {
    java.util.Optional<List<Arguments.Item>> side = a.takeNamed("side");
    java.util.Optional<List<Arguments.Item>> bits = a.takeNamed("bits");
    if (bits.isPresent()) {
      return new Tokens.Flags(a.bits(bits.get()));
    }
    java.util.Optional<int[]> lengths = a.namedNumbers("lengths");
    if (lengths.isPresent() || side.isPresent()) {
      int[] numbers =
          lengths.orElseGet(() -> a.numbers("a length per batch row, as in " + word + "(5,6)"));
      return new Tokens.Lengths(Ints.of(numbers), side.map(s -> side(a, s)).orElse(Side.RIGHT));
    }
    List<Arguments.Item> items =
        a.list("a length per batch row or bits, as in " + word + "(5,6) or " + word + "(110111)");
    List<String> texts = items.stream().map(Arguments.Item::text).toList();
    return switch (TokensText.meaning(texts)) {
      case LENGTHS -> new Tokens.Lengths(Ints.of(a.numbers(items)), Side.RIGHT);
      case BITS -> new Tokens.Flags(a.bits(items));
      case EITHER -> new Tokens.Digits(texts);
    };
  }

  private static Side side(Arguments a, List<Arguments.Item> items) {
    String word = items.get(0).text();
    if (items.size() == 1 && word.equals("left")) {
      return Side.LEFT;
    }
    if (items.size() == 1 && word.equals("right")) {
      return Side.RIGHT;
    }
    throw a.error(items.get(0), "a side is left or right, but is '" + cut(word) + "'");
  }
}
