package dev.sightline.mask.internal.recover;

import dev.sightline.mask.internal.kind.Grouped;
import dev.sightline.mask.internal.kind.Grouped.Segment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Groups of tokens from the cells of a square: neighbours that see the same tokens outside of their
 * group, are seen by the same, and inside of it see all or the ones before.
 */
final class GroupFit {
  /** More groups than that explain nothing. */
  private static final int MOST = 8;

  private final boolean[][] allowed;

  private GroupFit(boolean[][] allowed) {
    this.allowed = allowed;
  }

  /** One past the last token of a group, and whether it is causal inside. */
  private record Run(int start, int end, boolean causal) {}

  static @Nullable Grouped fit(boolean[][] allowed) {
    return new GroupFit(allowed).fit();
  }

  private @Nullable Grouped fit() {
    List<Run> runs = new ArrayList<>();
    for (int start = 0; start < allowed.length; ) {
      Run run = longest(start);
      runs.add(run);
      start = run.end;
      if (runs.size() > MOST) {
        return null;
      }
    }
    if (runs.size() * 2 > allowed.length) {
      return null;
    }
    Grouped groups = Grouped.empty();
    for (int r = 0; r < runs.size(); r++) {
      Run run = runs.get(r);
      groups = groups.with(new Segment(name(r), run.end - run.start, run.causal));
    }
    for (int r = 0; r < runs.size(); r++) {
      List<String> seen = new ArrayList<>();
      for (int s = 0; s < runs.size(); s++) {
        if (allowed[runs.get(r).start][runs.get(s).start]) {
          seen.add(name(s));
        }
      }
      if (!seen.isEmpty()) {
        groups = groups.sees(List.of(name(r)), seen);
      }
    }
    return groups;
  }

  private static String name(int group) {
    return String.valueOf((char) ('a' + group));
  }

  private Run longest(int start) {
    Run best = new Run(start, start + 1, false);
    for (int end = start + 2; end <= allowed.length; end++) {
      boolean all = isInside(start, end, false);
      boolean causal = !all && isInside(start, end, true);
      if (!all && !causal) {
        break;
      }
      if (looksAlike(start, end)) {
        best = new Run(start, end, causal);
      }
    }
    return best;
  }

  /** Whether a group that sees itself, or does not, has these cells. */
  private boolean isInside(int start, int end, boolean causal) {
    boolean sees = allowed[start][start];
    for (int q = start; q < end; q++) {
      for (int k = start; k < end; k++) {
        if (allowed[q][k] != (sees && (!causal || k <= q))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean looksAlike(int start, int end) {
    for (int t = start + 1; t < end; t++) {
      for (int other = 0; other < allowed.length; other++) {
        boolean outside = other < start || other >= end;
        if (outside
            && (allowed[t][other] != allowed[start][other]
                || allowed[other][t] != allowed[other][start])) {
          return false;
        }
      }
    }
    return true;
  }
}
