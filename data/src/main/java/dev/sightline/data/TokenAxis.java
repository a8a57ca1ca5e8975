package dev.sightline.data;

import dev.sightline.onnx.inventory.AttentionSite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which tokens an axis of an attention counts: its queries or its keys. Graphs do not say so; the
 * lengths do, as far as streams have different ones.
 *
 * @param parts one after the other
 */
public record TokenAxis(List<Part> parts) {
  public TokenAxis {
    parts = List.copyOf(parts);
  }

  /**
   * Slots in a row.
   *
   * @param stream index of the stream, or {@link JointTokens#PAST} for the cache
   * @param first the first slot
   * @param count how many slots
   */
  public record Part(int stream, int first, int count) {}

  /**
   * Both axes of an attention.
   *
   * @param ambiguous whether another reading fits as well
   */
  public record Pair(TokenAxis queries, TokenAxis keys, boolean ambiguous) {}

  public int length() {
    return parts.stream().mapToInt(Part::count).sum();
  }

  /** The number of each position's token among all tokens. */
  public int[] tokens(JointTokens joint) {
    return parts.stream()
        .flatMapToInt(part -> {
          int first = joint.first(part.stream) + part.first;
          return java.util.stream.IntStream.range(first, first + part.count);
        })
        .toArray();
  }

  /**
   * Reads the axes of an attention off its lengths. Among several readings it prefers one in which
   * queries and keys come from the same tokens, or from different ones, as the graph has it.
   *
   * @return empty if no streams have these lengths
   */
  public static Optional<Pair> of(JointTokens joint, AttentionSite.Source source, int lq, int lk) {
    Pair best = null;
    int bestFit = -1;
    boolean tied = false;
    for (TokenAxis queries : candidates(joint, lq, false)) {
      for (TokenAxis keys : candidates(joint, lk, true)) {
        int fit = fit(source, queries, keys);
        tied = fit == bestFit || (tied && fit < bestFit);
        if (fit > bestFit) {
          best = new Pair(queries, keys, false);
          bestFit = fit;
        }
      }
    }
    return best == null ? Optional.empty() : Optional.of(new Pair(best.queries, best.keys, tied));
  }

  private static int fit(AttentionSite.Source source, TokenAxis queries, TokenAxis keys) {
    boolean same = queries.equals(keys);
    boolean within = keys.parts.containsAll(queries.parts);
    boolean apart = queries.parts.stream().noneMatch(keys.parts::contains);
    int simple = queries.parts.size() + keys.parts.size() == 2 ? 1 : 0;
    if (source == AttentionSite.Source.SELF) {
      return (same ? 6 : within ? 4 : 0) + simple;
    }
    if (source == AttentionSite.Source.CROSS) {
      return (apart ? 4 : 0) + simple;
    }
    return (same ? 4 : within ? 2 : 0) + simple;
  }

  /** One stream, several that lie one behind the other, and as keys also a cache before them. */
  private static List<TokenAxis> candidates(JointTokens joint, int length, boolean withPast) {
    List<TokenAxis> fitting = new ArrayList<>();
    int from = withPast && joint.past() > 0 ? JointTokens.PAST : 0;
    for (int first = from; first < joint.streams(); first++) {
      List<Part> parts = new ArrayList<>();
      for (int s = first; s < joint.streams(); s++) {
        parts.add(new Part(s, 0, joint.width(s)));
        addIfOfLength(length, parts, fitting);
        if (first == JointTokens.PAST && s > 0) {
          // The cache belongs to any one stream, not only to the first.
          addIfOfLength(length, List.of(parts.getFirst(), parts.getLast()), fitting);
        }
      }
    }
    return fitting;
  }

  private static void addIfOfLength(int length, List<Part> parts, List<TokenAxis> fitting) {
    TokenAxis axis = new TokenAxis(parts);
    if (axis.length() == length && !fitting.contains(axis)) {
      fitting.add(axis);
    }
  }
}
