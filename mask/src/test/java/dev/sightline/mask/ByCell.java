package dev.sightline.mask;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.BlockCausal;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Chunk;
import dev.sightline.mask.internal.kind.Dense;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Dilated;
import dev.sightline.mask.internal.kind.DocumentIds;
import dev.sightline.mask.internal.kind.Documents;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Global;
import dev.sightline.mask.internal.kind.Grouped;
import dev.sightline.mask.internal.kind.Islands;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.Padding;
import dev.sightline.mask.internal.kind.Policy;
import dev.sightline.mask.internal.kind.Prefix;
import dev.sightline.mask.internal.kind.RowCausal;
import dev.sightline.mask.internal.kind.SharedPrefix;
import dev.sightline.mask.internal.kind.Tokens;
import dev.sightline.mask.internal.kind.Tree;
import dev.sightline.mask.internal.kind.Window;
import java.util.List;

/**
 * The rules of the contract, cell by cell and word by word: slow, plain, and written without a look
 * at how the real ones work, which are compared with it.
 */
final class ByCell {
  private ByCell() {}

  static boolean allows(Node node, int lq, int lk, int b, int h, int i, int j) {
    return switch (node) {
      case Node.Leaf leaf -> allows(leaf.kind(), lq, lk, b, i, j);
      case Node.Step s -> allows(s.joint(), lk, lk, b, h, lk - lq + i, j);
      case Node.Cached c -> {
        Bits prefix = pick(c.prefix(), b);
        yield j < prefix.size()
            ? prefix.get(j)
            : allows(c.suffix(), lq, lq, b, h, i, j - prefix.size());
      }
      case Node.And and -> and.parts().stream().allMatch(p -> allows(p, lq, lk, b, h, i, j));
      case Node.Or or -> or.parts().stream().anyMatch(p -> allows(p, lq, lk, b, h, i, j));
      case Node.Not not -> !allows(not.part(), lq, lk, b, h, i, j);
      case Node.PerBatch per -> allows(per.rows().get(b), lq, lk, b, h, i, j);
      case Node.PerHead per -> allows(per.heads().get(h), lq, lk, b, h, i, j);
    };
  }

  private static boolean allows(Kind kind, int lq, int lk, int b, int i, int j) {
    return switch (kind) {
      case Full full -> true;
      case None none -> false;
      case Causal causal -> j <= i + offset(causal.diagonal(), lq, lk, b);
      case Window w -> {
        long at = i + (long) offset(w.diagonal(), lq, lk, b);
        yield (w.left() == Mask.UNBOUNDED || at - w.left() <= j)
            && (w.right() == Mask.UNBOUNDED || j <= at + w.right());
      }
      case Chunk c -> {
        int pad = pick(c.leftPadding(), b);
        yield i >= pad && j >= pad && (i - pad) / c.size() == (j - pad) / c.size();
      }
      case Prefix p -> j < pick(p.lengths(), b) || j <= i + offset(p.diagonal(), lq, lk, b);
      case Padding p ->
          (p.scope() == Padding.Scope.QUERIES || real(p.tokens(), b, j, lk))
              && (p.scope() == Padding.Scope.KEYS || real(p.tokens(), b, i, lq));
      case Documents d -> {
        int document = document(d.queries(), i);
        yield document >= 0 && document == document(d.keys(), j);
      }
      case DocumentIds d -> d.ids().get(i) == d.ids().get(j);
      case Islands s -> s.ids().get(i) == s.ids().get(j) && s.ids().get(i) > 0;
      case BlockCausal block -> {
        Bits ar = pick(block.starts(), b);
        yield sum(ar, j) <= sum(ar, i);
      }
      case RowCausal block -> !pick(block.causal(), b).get(i) || j <= i;
      case Dilated d -> (i - j) % d.step() == 0;
      case Global g -> contains(g.positions(), i) || contains(g.positions(), j);
      case SharedPrefix s -> {
        int branch = document(s.branches(), i - s.prefix());
        yield i < s.prefix()
            ? j < s.prefix()
            : branch >= 0 && (j < s.prefix() || branch == document(s.branches(), j - s.prefix()));
      }
      case Tree t -> {
        int at = i;
        while (at > j) {
          at = t.parents().get(at);
        }
        yield at == j;
      }
      case Grouped g -> {
        int viewer = segment(g, i);
        int seen = segment(g, j);
        List<Grouped.Segment> s = g.segments();
        yield g.canSee(s.get(viewer).name(), s.get(seen).name())
            && (viewer != seen || !s.get(seen).causal() || j <= i);
      }
      case Policy p -> allows(p.body(), lq, lk, b, i, j);
      case Dense d -> contains(d.rows().row(i), j);
      default -> throw new AssertionError("no rule for " + kind);
    };
  }

  private static int offset(Diagonal diagonal, int lq, int lk, int b) {
    return switch (diagonal.corner()) {
      case UNSTATED, TOP_LEFT -> 0;
      case BOTTOM_RIGHT -> lk - lq;
      case OFFSET -> pick(diagonal.offsets(), b);
    };
  }

  private static Bits pick(BitRows rows, int b) {
    return rows.rows().get(rows.rows().size() == 1 ? 0 : b);
  }

  private static boolean contains(int[] runs, int wanted) {
    for (int r = 0; r < runs.length; r += 2) {
      if (runs[r] <= wanted && wanted < runs[r + 1]) {
        return true;
      }
    }
    return false;
  }

  private static int pick(Ints values, int b) {
    return values.get(values.size() == 1 ? 0 : b);
  }

  private static boolean real(Tokens tokens, int b, int at, int size) {
    return switch (tokens.over(size)) {
      case Tokens.Lengths l ->
          l.atEnd() ? at >= size - pick(l.lengths(), b) : at < pick(l.lengths(), b);
      case Tokens.Flags f -> pick(f.rows(), b).get(at);
      case Tokens.Digits d -> throw new AssertionError(d);
    };
  }

  private static int document(Ints lengths, int at) {
    int end = 0;
    for (int d = 0; d < lengths.size() && at >= 0; d++) {
      end += lengths.get(d);
      if (at < end) {
        return d;
      }
    }
    return -1;
  }

  private static int sum(Bits bits, int upTo) {
    int sum = 0;
    for (int k = 0; k <= upTo; k++) {
      sum += bits.get(k) ? 1 : 0;
    }
    return sum;
  }

  private static boolean contains(Ints values, int wanted) {
    for (int k = 0; k < values.size(); k++) {
      if (values.get(k) == wanted) {
        return true;
      }
    }
    return false;
  }

  private static int segment(Grouped groups, int at) {
    int end = 0;
    for (int s = 0; s < groups.segments().size(); s++) {
      end += groups.segments().get(s).size();
      if (at < end) {
        return s;
      }
    }
    throw new AssertionError(at);
  }
}
