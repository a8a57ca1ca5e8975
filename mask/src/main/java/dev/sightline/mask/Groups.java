package dev.sightline.mask;

import dev.sightline.mask.internal.kind.Grouped;
import dev.sightline.mask.internal.kind.Grouped.Segment;
import java.util.List;

/**
 * Named segments of a sequence and which segment sees which. Built step by step:
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
  private final Grouped kind;

  private Groups(Grouped kind) {
    this.kind = kind;
  }

  Grouped kind() {
    return kind;
  }

  /** {@return groups without a segment} */
  public static Groups of() {
    return new Groups(Grouped.empty());
  }

  /**
   * {@return these groups and a segment at the end whose tokens all see each other, where it sees
   * itself}
   *
   * @param name letters, digits, '-' and '_'; none of see, sees, and, nothing
   * @param size tokens, 0 or more
   * @throws IllegalArgumentException if the name is none, or taken, or the size is negative
   */
  public Groups segment(String name, int size) {
    return new Groups(kind.with(new Segment(name, size, false)));
  }

  /**
   * {@return these groups and a segment at the end whose tokens see themselves and the ones before,
   * where it sees itself}
   *
   * @param name letters, digits, '-' and '_'; none of see, sees, and, nothing
   * @param size tokens, 0 or more
   * @throws IllegalArgumentException if the name is none, or taken, or the size is negative
   */
  public Groups causal(String name, int size) {
    return new Groups(kind.with(new Segment(name, size, true)));
  }

  /**
   * {@return these groups with what some segments see; names are separated by blanks or commas}
   *
   * @param viewers names of the segments that see
   * @param seen names of the segments that are seen
   * @throws IllegalArgumentException if a name is no segment's, or it was said before what one sees
   */
  public Groups sees(String viewers, String seen) {
    return new Groups(kind.sees(names(viewers), names(seen)));
  }

  private static List<String> names(String text) {
    return List.of(text.strip().split("[\\s,]+", -1));
  }

  /** {@return the number of tokens of all segments} */
  public long size() {
    return kind.size();
  }

  /** {@return the name of each token's segment: labels for a picture} */
  public List<String> labels() {
    return kind.labels();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Groups that && kind.equals(that.kind);
  }

  @Override
  public int hashCode() {
    return kind.hashCode();
  }

  /** The text form, {@code groups(...)}. */
  @Override
  public String toString() {
    return kind.text();
  }
}
