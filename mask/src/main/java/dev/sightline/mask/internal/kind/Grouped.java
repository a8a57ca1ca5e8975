package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Named segments, which segment sees which, and whether a segment that sees itself is causal
 * inside.
 *
 * <pre>
 * groups(a(2) b(2, causal); a sees a; b sees a b)   1100
 *                                                   1100
 *                                                   1110
 *                                                   1111
 * </pre>
 *
 * @param segments the segments in their order; no two have the same name
 * @param sights for each segment that was said to see something, the names of what it sees
 */
public record Grouped(List<Segment> segments, Map<String, Set<String>> sights) implements Kind {
  static final List<Word> WORDS = List.of(new Word("groups", (source, start) -> read(source)));

  /** Words of the text form that cannot be names. */
  private static final Set<String> RESERVED = Set.of("see", "sees", "and", "nothing");

  /**
   * A run of tokens with a name.
   *
   * @param size tokens, 0 or more
   * @param causal whether a token sees itself and the ones before, where the segment sees itself;
   *     otherwise it sees all of them
   */
  public record Segment(String name, int size, boolean causal) {
    public Segment {
      if (!name.matches("[A-Za-z][A-Za-z0-9_-]*") || RESERVED.contains(name)) {
        throw new IllegalArgumentException(
            "a segment's name is a word of letters, digits, '-' and '_' that begins with a letter"
                + " and is none of see, sees, and, nothing, but is '"
                + name
                + "'");
      }
      if (size < 0) {
        throw new IllegalArgumentException(
            "a segment must not be negative, but " + name + " has " + size + " tokens");
      }
    }
  }

  public Grouped {
    segments = List.copyOf(segments);
    sights = Map.copyOf(sights);
  }

  /** No segment yet. */
  public static Grouped empty() {
    return new Grouped(List.of(), Map.of());
  }

  /**
   * The same with another segment at the end.
   *
   * @throws IllegalArgumentException if there is one of that name
   */
  public Grouped with(Segment segment) {
    if (names().contains(segment.name())) {
      throw new IllegalArgumentException("there are two segments of the name " + segment.name());
    }
    List<Segment> more = new ArrayList<>(segments);
    more.add(segment);
    return new Grouped(more, sights);
  }

  /**
   * The same with what some segments see.
   *
   * @throws IllegalArgumentException if a name is no segment's, or it was said before what one sees
   */
  public Grouped sees(List<String> viewers, List<String> seen) {
    checkNames(viewers);
    checkNames(seen);
    Map<String, Set<String>> more = new LinkedHashMap<>(sights);
    for (String viewer : viewers) {
      if (more.putIfAbsent(viewer, Set.copyOf(new HashSet<>(seen))) != null) {
        throw new IllegalArgumentException("what " + viewer + " sees is said twice");
      }
    }
    return new Grouped(segments, more);
  }

  private void checkNames(List<String> names) {
    for (String name : names) {
      if (!names().contains(name)) {
        throw new IllegalArgumentException(
            "there is no segment '" + name + "'; the segments are " + String.join(", ", names()));
      }
    }
  }

  private List<String> names() {
    return segments.stream().map(Segment::name).toList();
  }

  /** Whether the tokens of one segment may see those of another, or their own. */
  public boolean canSee(String viewer, String seen) {
    return sights.getOrDefault(viewer, Set.of()).contains(seen);
  }

  /** The segments that one sees, directly or through the segments it sees. */
  public Set<String> reachedFrom(String viewer) {
    Set<String> reached = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(viewer));
    while (!open.isEmpty()) {
      for (String seen : sights.getOrDefault(open.removeLast(), Set.of())) {
        if (reached.add(seen)) {
          open.add(seen);
        }
      }
    }
    return reached;
  }

  /** The number of tokens of all segments. */
  public long size() {
    return segments.stream().mapToLong(Segment::size).sum();
  }

  /** The first token of a segment. */
  public int start(Segment segment) {
    return tokens().start(segments.indexOf(segment));
  }

  private Segments tokens() {
    return Segments.of(0, Ints.of(segments.stream().mapToInt(Segment::size).toArray()));
  }

  private static Grouped read(Source source) {
    source.need('(', "'(' and segments, as in groups(image(2) text(3); ...)");
    Grouped groups = empty();
    do {
      groups = readSegment(source, groups);
    } while (isLetter(source.peek()));
    while (source.take(';')) {
      if (source.peek() == ')') {
        break;
      }
      groups = readSight(source, groups);
    }
    source.need(')', "';' and what a segment sees, or ')'");
    return groups;
  }

  private static Grouped readSegment(Source source, Grouped groups) {
    int start = source.position();
    String name = name(source, "a segment, such as image(2)");
    source.need('(', "'(' and the number of tokens of " + name);
    int size = source.number("the number of tokens of " + name);
    boolean causal = false;
    if (source.take(',')) {
      int inside = source.position();
      String word = name(source, "causal or full");
      if (!word.equals("causal") && !word.equals("full")) {
        throw source.error(
            inside, "a segment is causal or full inside, but " + name + " is '" + word + "'");
      }
      causal = word.equals("causal");
    }
    source.need(')', "')'");
    source.take(',');
    try {
      return groups.with(new Segment(name, size, causal));
    } catch (IllegalArgumentException e) {
      throw source.error(start, e);
    }
  }

  private static Grouped readSight(Source source, Grouped groups) {
    int start = source.position();
    List<String> viewers = new ArrayList<>();
    while (true) {
      String word = name(source, "the name of a segment, or 'sees'");
      if (word.equals("see") || word.equals("sees")) {
        break;
      }
      add(source, viewers, word);
    }
    if (viewers.isEmpty()) {
      throw source.error(start, "expected the segments that see something before 'sees'");
    }
    List<String> seen = new ArrayList<>();
    while (isLetter(source.peek())) {
      add(source, seen, name(source, "the name of a segment"));
    }
    boolean nothing = seen.contains("nothing");
    if (nothing && seen.size() > 1) {
      throw source.error(start, "a segment sees other segments, or nothing, but not both");
    }
    if (seen.isEmpty()) {
      throw source.expected("the segments that are seen, or 'nothing'");
    }
    try {
      if (nothing) {
        // A segment sees nothing until it is said to see something; only the names are checked.
        groups.sees(viewers, List.of());
        return groups;
      }
      return groups.sees(viewers, seen);
    } catch (IllegalArgumentException e) {
      throw source.error(start, e);
    }
  }

  private static void add(Source source, List<String> names, String word) {
    source.take(',');
    if (!word.equals("and")) {
      names.add(word);
    }
  }

  private static String name(Source source, String couldBe) {
    if (!isLetter(source.peek())) {
      throw source.expected(couldBe);
    }
    return source.takeWhile(
        c -> isLetter((char) c) || (c >= '0' && c <= '9') || c == '-' || c == '_');
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  @Override
  public String text() {
    return text(" ");
  }

  @Override
  public String text(String gap) {
    StringBuilder text = new StringBuilder("groups(");
    String lineBreak = gap.equals(" ") ? "" : gap;
    text.append(lineBreak);
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      text.append(s == 0 ? "" : " ").append(segment.name()).append("(").append(segment.size());
      text.append(segment.causal() ? ", causal)" : ")");
    }
    for (String viewer : names()) {
      String seen =
          names().stream().filter(name -> canSee(viewer, name)).collect(Collectors.joining(" "));
      if (!seen.isEmpty()) {
        text.append(";").append(gap).append(viewer).append(" sees ").append(seen);
      }
    }
    return text.append(lineBreak.isEmpty() ? "" : "\n").append(")").toString();
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(Checks.length(size()));
  }

  @Override
  public void check(Fit fit) {
    fit.tokens(size());
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    Segments tokens = tokens();
    int count = segments.size();
    boolean[][] sees = new boolean[count][count];
    for (int viewer = 0; viewer < count; viewer++) {
      for (int seen = 0; seen < count; seen++) {
        sees[viewer][seen] = canSee(segments.get(viewer).name(), segments.get(seen).name());
      }
    }
    return (row, view) -> {
      int viewer = tokens.of(row);
      BandBuilder out = new BandBuilder(row, tokens.end(viewer), 2 * count);
      for (int seen = 0; seen < count; seen++) {
        if (sees[viewer][seen]) {
          boolean causal = seen == viewer && segments.get(seen).causal();
          out.join(
              Band.edge(tokens.start(seen), 0),
              causal ? Band.edge(row + 1L, 1) : Band.edge(tokens.end(seen), 0));
        }
      }
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    Segments tokens = tokens();
    String viewer = segments.get(tokens.of(pair.query())).name();
    String seen = segments.get(tokens.of(pair.key())).name();
    String query = viewer + " (query " + pair.query() + ")";
    String key = viewer.equals(seen) ? "itself" : seen + " (key " + pair.key() + ")";
    if (allowed) {
      return query + " sees " + key;
    }
    return canSee(viewer, seen)
        ? query + " is causal inside, and key " + pair.key() + " comes after it"
        : query + " does not see " + key;
  }

  @Override
  public Set<Trait> traits() {
    return segments.stream().anyMatch(Segment::causal)
        ? Set.of(Trait.SHOWS_LATER, Trait.HIDES_LATER)
        : Set.of(Trait.SHOWS_LATER);
  }

  @Override
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    for (Segment segment : segments) {
      for (int t = 0; t < segment.size(); t++) {
        labels.add(segment.name());
      }
    }
    return labels;
  }
}
