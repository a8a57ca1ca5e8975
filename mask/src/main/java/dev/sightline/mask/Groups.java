package dev.sightline.mask;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Named segments of a sequence, who sees whom, and how inside. Built step by step:
 *
 * <pre>{@code
 * Groups.of()
 *     .segment("image", 2)
 *     .segment("language", 1)
 *     .causal("subtask", 2)
 *     .segment("flow", 3)
 *     .sees("image language", "image language")
 *     .sees("subtask", "image language subtask")
 *     .sees("flow", "image language flow")
 * }</pre>
 *
 * <p>A segment that is not said to see anything sees nothing. Immutable: every step is a new value.
 */
public final class Groups {
  /** How the tokens of a segment see each other, where the segment sees itself. */
  enum Inside {
    /** All of them. */
    FULL,
    /** Themselves and the ones before. */
    CAUSAL
  }

  /** A run of tokens with a name. */
  record Segment(String name, int size, Inside inside) {}

  private final List<Segment> segments;
  private final Map<String, Set<String>> sights;

  private Groups(List<Segment> segments, Map<String, Set<String>> sights) {
    this.segments = segments;
    this.sights = sights;
  }

  /** No segment yet. */
  public static Groups of() {
    return new Groups(List.of(), Map.of());
  }

  /** Appends a segment whose tokens all see each other, where it sees itself. */
  public Groups segment(String name, int size) {
    return append(new Segment(name, size, Inside.FULL));
  }

  /** Appends a segment whose tokens see themselves and the ones before, where it sees itself. */
  public Groups causal(String name, int size) {
    return append(new Segment(name, size, Inside.CAUSAL));
  }

  private Groups append(Segment segment) {
    if (!isName(segment.name())) {
      throw new IllegalArgumentException(
          "a segment's name is a word of letters, digits, '-' and '_' that begins with a letter and"
              + " is none of see, sees, and, nothing, but is '"
              + segment.name()
              + "'");
    }
    if (segment.size() < 0) {
      throw new IllegalArgumentException(
          "a segment must not be negative, but "
              + segment.name()
              + " has "
              + segment.size()
              + " tokens");
    }
    if (segments.stream().anyMatch(s -> s.name().equals(segment.name()))) {
      throw new IllegalArgumentException("there are two segments of the name " + segment.name());
    }
    List<Segment> more = new ArrayList<>(segments);
    more.add(segment);
    return new Groups(List.copyOf(more), sights);
  }

  /**
   * Says what segments see; names are separated by blanks or commas.
   *
   * @throws IllegalArgumentException if a name is no segment's, or a segment's sight was said
   *     before
   */
  public Groups sees(String viewers, String seen) {
    return sees(names(viewers), Set.copyOf(new LinkedHashSet<>(names(seen))));
  }

  /** Says that segments see nothing, as those do of which nothing is said. */
  Groups seesNothing(String viewers) {
    Groups checked = sees(names(viewers), Set.of());
    return new Groups(checked.segments, sights);
  }

  private Groups sees(List<String> viewers, Set<String> seen) {
    Map<String, Set<String>> more = new LinkedHashMap<>(sights);
    for (String viewer : viewers) {
      if (more.putIfAbsent(viewer, seen) != null) {
        throw new IllegalArgumentException("what " + viewer + " sees is said twice");
      }
    }
    return new Groups(segments, Map.copyOf(more));
  }

  private List<String> names(String text) {
    List<String> names = new ArrayList<>();
    for (String name : text.strip().split("[\\s,]+", -1)) {
      if (segments.stream().noneMatch(s -> s.name().equals(name))) {
        throw new IllegalArgumentException(
            "there is no segment '"
                + name
                + "'; the segments are "
                + String.join(", ", segments.stream().map(Segment::name).toList()));
      }
      names.add(name);
    }
    return names;
  }

  static boolean isName(String name) {
    return name.matches("[A-Za-z][A-Za-z0-9_-]*")
        && !Set.of("see", "sees", "and", "nothing").contains(name);
  }

  List<Segment> segments() {
    return segments;
  }

  /** The first token of a segment. */
  int start(String name) {
    int start = 0;
    for (Segment segment : segments) {
      if (segment.name().equals(name)) {
        return start;
      }
      start += segment.size();
    }
    throw new IllegalArgumentException("there is no segment '" + name + "'");
  }

  /** Whether the tokens of one segment may see those of another, or their own. */
  boolean canSee(String viewer, String seen) {
    return sights.getOrDefault(viewer, Set.of()).contains(seen);
  }

  /** The number of tokens of all segments. */
  public long size() {
    return segments.stream().mapToLong(Segment::size).sum();
  }

  /**
   * The segments that one reaches by looking again and again, through the eyes of those it sees.
   */
  Set<String> reachedFrom(String viewer) {
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

  /** The name of each token's segment: labels for a picture. */
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    for (Segment segment : segments) {
      for (int t = 0; t < segment.size(); t++) {
        labels.add(segment.name());
      }
    }
    return labels;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Groups that
        && segments.equals(that.segments)
        && sights.equals(that.sights);
  }

  @Override
  public int hashCode() {
    return 31 * segments.hashCode() + sights.hashCode();
  }

  @Override
  public String toString() {
    return Printer.groups(this, " ");
  }
}
