package dev.sightline.mask.internal.recover;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.SampleBinder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cells of all observations, one after the other, as bits of one long array: a set of cells is
 * an array, and the candidates are compared 64 cells at a time.
 */
final class CellSets {
  private final List<Observation> observations;
  private final int[] first;
  private final int words;

  CellSets(List<Observation> observations) {
    this.observations = List.copyOf(observations);
    first = new int[observations.size() + 1];
    for (int o = 0; o < observations.size(); o++) {
      int cells =
          Math.multiplyExact(
              observations.get(o).facts().queries(), observations.get(o).facts().keys());
      first[o + 1] = Math.addExact(first[o], cells);
    }
    words = (first[observations.size()] + 63) / 64;
  }

  List<Observation> observations() {
    return observations;
  }

  /** A choice of cells. */
  @FunctionalInterface
  interface Choice {
    boolean contains(Observation observation, int query, int key);
  }

  long[] where(Choice choice) {
    long[] set = new long[words];
    for (int o = 0; o < observations.size(); o++) {
      Observation observation = observations.get(o);
      int at = first[o];
      for (int q = 0; q < observation.facts().queries(); q++) {
        for (int k = 0; k < observation.facts().keys(); k++, at++) {
          if (choice.contains(observation, q, k)) {
            set[at >> 6] |= 1L << at;
          }
        }
      }
    }
    return set;
  }

  /** The cells that an expression allows; null if it does not fit some observation. */
  long @Nullable [] of(Node node) {
    long[] set = new long[words];
    for (int o = 0; o < observations.size(); o++) {
      Observation observation = observations.get(o);
      int queries = observation.facts().queries();
      int keys = observation.facts().keys();
      Bound bound;
      try {
        bound =
            new Bound(SampleBinder.bind(node, observation.facts()), new Sizes(1, 1, queries, keys));
      } catch (IllegalArgumentException e) {
        return null;
      }
      for (Sweep sweep = bound.sweep(0, 0); sweep.hasNext(); ) {
        Band band = sweep.next();
        for (int row = band.from(); row < sweep.end(band); row++) {
          for (int run = 0; run < band.runs(); run++) {
            fill(
                set,
                first[o] + row * keys + band.start(run, row),
                first[o] + row * keys + band.end(run, row));
          }
        }
      }
    }
    return set;
  }

  private static void fill(long[] set, int from, int to) {
    for (int at = from; at < to; at++) {
      set[at >> 6] |= 1L << at;
    }
  }

  static long[] and(long[] a, long[] b) {
    long[] both = a.clone();
    for (int w = 0; w < both.length; w++) {
      both[w] &= b[w];
    }
    return both;
  }

  static long[] or(long[] a, long[] b) {
    long[] any = a.clone();
    for (int w = 0; w < any.length; w++) {
      any[w] |= b[w];
    }
    return any;
  }

  static long[] minus(long[] a, long[] b) {
    long[] rest = a.clone();
    for (int w = 0; w < rest.length; w++) {
      rest[w] &= ~b[w];
    }
    return rest;
  }

  static boolean isEmpty(long[] set) {
    return Arrays.stream(set).allMatch(word -> word == 0);
  }

  static boolean meets(long[] a, long[] b) {
    for (int w = 0; w < a.length; w++) {
      if ((a[w] & b[w]) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether all cells of one set are in another. */
  static boolean within(long[] a, long[] b) {
    for (int w = 0; w < a.length; w++) {
      if ((a[w] & ~b[w]) != 0) {
        return false;
      }
    }
    return true;
  }

  static long count(long[] set) {
    return Arrays.stream(set).map(Long::bitCount).sum();
  }
}
