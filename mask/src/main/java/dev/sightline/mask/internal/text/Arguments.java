package dev.sightline.mask.internal.text;

import dev.sightline.mask.internal.band.Bits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is between a word's parentheses: lists of numbers, separated by semicolons, some of them
 * named, as in {@code padding(5,6; side=left)}. Every list is taken once; what is left at the end
 * is an error that points at it.
 */
public final class Arguments {
  /** One item and its index in the text. */
  public record Item(String text, int at) {}

  /** A list, its name or "", and where it begins. */
  private record Section(String name, List<Item> items, int at) {}

  private final Source source;
  private final String word;
  private final int start;
  private final List<Section> open;

  private Arguments(Source source, String word, int start, List<Section> open) {
    this.source = source;
    this.word = word;
    this.start = start;
    this.open = open;
  }

  public static Arguments read(Source source, int start, String word) {
    List<Section> sections = new ArrayList<>();
    if (source.take('(')) {
      if (source.peek() != ')') {
        readSections(source, word, sections);
      }
      source.need(')', "',', ';' or ')'");
    }
    return new Arguments(source, word, start, sections);
  }

  private static void readSections(Source source, String word, List<Section> sections) {
    boolean fresh = true;
    do {
      int at = source.position();
      String item = source.takeWhile(Arguments::isItem);
      if (item.isEmpty() || item.equals("-")) {
        source.goTo(at);
        throw source.expected("a number or a word among the arguments of " + word);
      }
      boolean named = source.take('=');
      boolean flag = !named && isFlag(item);
      if (fresh || named || flag) {
        sections.add(new Section(named || flag ? item : "", new ArrayList<>(), at));
      }
      if (named) {
        at = source.position();
        item = source.takeWhile(Arguments::isItem);
        if (item.isEmpty()) {
          source.goTo(at);
          throw source.expected("a value");
        }
      }
      if (!flag) {
        sections.getLast().items().add(new Item(item, at));
      }
      fresh = source.peek() == ';' || flag;
    } while (source.take(',') || source.take(';'));
  }

  private static boolean isItem(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  }

  private static boolean isFlag(String item) {
    return Character.isLetter(item.charAt(0)) && !item.equals("inf");
  }

  /** Whether there is nothing left between the parentheses, or there are none. */
  public boolean isEmpty() {
    return open.isEmpty();
  }

  /** The next unnamed list, which must be there. */
  public List<Item> list(String whatAndExample) {
    return takeNamed("").orElseThrow(() -> source.error(start, word + " needs " + whatAndExample));
  }

  public boolean hasList() {
    return open.stream().anyMatch(section -> section.name().isEmpty());
  }

  /**
   * The items of a named list, if it is there; at least one.
   *
   * @throws SyntaxException if the name is there without a value
   */
  public Optional<List<Item>> takeNamed(String name) {
    for (int s = 0; s < open.size(); s++) {
      Section section = open.get(s);
      if (section.name().equals(name)) {
        if (section.items().isEmpty()) {
          throw source.error(section.at(), "'" + name + "' of " + word + " needs a value");
        }
        open.remove(s);
        return Optional.of(section.items());
      }
    }
    return Optional.empty();
  }

  /**
   * The number of a named list, if it is there.
   *
   * @throws SyntaxException if it has several
   */
  public OptionalInt namedNumber(String name) {
    Optional<List<Item>> items = takeNamed(name);
    if (items.isEmpty()) {
      return OptionalInt.empty();
    }
    if (items.get().size() > 1) {
      throw error(items.get().get(1), "'" + name + "' of " + word + " is one number");
    }
    return OptionalInt.of(number(items.get().getFirst()));
  }

  public Optional<int[]> namedNumbers(String name) {
    return takeNamed(name).map(this::numbers);
  }

  /** The next unnamed list as whole numbers. */
  public int[] numbers(String whatAndExample) {
    return numbers(list(whatAndExample));
  }

  public int[] numbers(List<Item> items) {
    int[] numbers = new int[items.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(items.get(i));
    }
    return numbers;
  }

  public int number(Item item) {
    String digits = item.text().startsWith("-") ? item.text().substring(1) : item.text();
    if (digits.isEmpty() || digits.chars().anyMatch(c -> c < '0' || c > '9')) {
      throw source.error(
          item.at(), "expected a whole number, but found '" + Excerpt.of(item.text()) + "'");
    }
    if (digits.length() > 10 || Math.abs(Long.parseLong(item.text())) > 1 << 30) {
      throw source.error(
          item.at(), "a number must be between -2^30 and 2^30, but is " + Excerpt.of(item.text()));
    }
    return Integer.parseInt(item.text());
  }

  /** The next unnamed list as exactly one number. */
  public int one(String whatAndExample) {
    return number(items(1, whatAndExample).getFirst());
  }

  /** The next unnamed list as exactly two numbers; {@code inf} is the largest int. */
  public int[] two(String whatAndExample) {
    List<Item> items = items(2, whatAndExample);
    int[] numbers = new int[2];
    for (int i = 0; i < 2; i++) {
      numbers[i] = items.get(i).text().equals("inf") ? Integer.MAX_VALUE : number(items.get(i));
    }
    return numbers;
  }

  private List<Item> items(int count, String whatAndExample) {
    List<Item> items = list(whatAndExample);
    if (items.size() != count) {
      Item at = items.get(Math.min(count, items.size() - 1));
      throw source.error(at.at(), word + " needs " + whatAndExample);
    }
    return items;
  }

  /** Rows of bits. */
  public List<Bits> bits(List<Item> items) {
    List<Bits> rows = new ArrayList<>();
    for (Item item : items) {
      if (item.text().chars().anyMatch(c -> c != '0' && c != '1')) {
        throw source.error(
            item.at(), "expected bits such as 000111, but found '" + Excerpt.of(item.text()) + "'");
      }
      rows.add(Bits.parse(item.text()));
    }
    return rows;
  }

  public boolean takeFlag(String name) {
    for (int s = 0; s < open.size(); s++) {
      if (open.get(s).name().equals(name) && open.get(s).items().isEmpty()) {
        open.remove(s);
        return true;
      }
    }
    return false;
  }

  /**
   * Checks that every list was taken.
   *
   * @param couldBe what the word takes, for the message
   * @throws SyntaxException if one is left
   */
  public void done(String couldBe) {
    if (!open.isEmpty()) {
      Section left = open.get(0);
      String name = left.name().isEmpty() ? "another list" : "'" + left.name() + "'";
      throw source.error(left.at(), word + " takes " + couldBe + ", but not " + name + " here");
    }
  }

  public SyntaxException error(Item item, String message) {
    return source.error(item.at(), message);
  }
}
