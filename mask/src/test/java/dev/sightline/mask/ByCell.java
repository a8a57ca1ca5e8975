package dev.sightline.mask;

import java.util.List;

/**
 * The rules of the contract, cell by cell and word by word: slow, plain, and written without a look
 * at how the real ones work, which are held against it.
 */
final class ByCell {
  private ByCell() {}

  static boolean allows(Node node, int lq, int lk, int b, int h, int i, int j) {
    return switch (node) {
      case Node.Full full -> true;
      case Node.Nothing nothing -> false;
      case Node.Causal causal -> j <= i + offset(causal.alignment(), lq, lk, b);
      case Node.Window w -> {
        long at = i + (long) offset(w.alignment(), lq, lk, b);
        yield (w.left() == Mask.UNBOUNDED || at - w.left() <= j)
            && (w.right() == Mask.UNBOUNDED || j <= at + w.right());
      }
      case Node.Chunk c -> {
        int pad = pick(c.leftPadding(), b);
        yield i >= pad && j >= pad && (i - pad) / c.size() == (j - pad) / c.size();
      }
      case Node.Prefix p -> j < pick(p.lengths(), b) || j <= i + offset(p.alignment(), lq, lk, b);
      case Node.Padding p ->
          (p.who() == Node.Who.QUERIES || real(p.tokens(), b, j, lk))
              && (p.who() == Node.Who.KEYS || real(p.tokens(), b, i, lq));
      case Node.Documents d -> {
        int document = document(d.queries(), i);
        yield document >= 0 && document == document(d.keys(), j);
      }
      case Node.SameId s ->
          s.ids().get(i) == s.ids().get(j) && (!s.islands() || s.ids().get(i) > 0);
      case Node.BlockCausal block -> {
        Bits ar = block.rows().get(block.rows().size() == 1 ? 0 : b);
        yield sum(ar, j) <= sum(ar, i);
      }
      case Node.RowCausal block -> {
        Bits ar = block.rows().get(block.rows().size() == 1 ? 0 : b);
        yield !ar.get(i) || j <= i;
      }
      case Node.Dilated d -> (i - j) % d.step() == 0;
      case Node.Global g -> contains(g.positions(), i) || contains(g.positions(), j);
      case Node.SharedPrefix s -> {
        int branch = document(s.branches(), i - s.prefix());
        yield i < s.prefix()
            ? j < s.prefix()
            : branch >= 0 && (j < s.prefix() || branch == document(s.branches(), j - s.prefix()));
      }
      case Node.Tree t -> {
        int at = i;
        while (at > j) {
          at = t.parents().get(at);
        }
        yield at == j;
      }
      case Node.Grouped g -> {
        int viewer = segment(g.groups(), i);
        int seen = segment(g.groups(), j);
        List<Groups.Segment> s = g.groups().segments();
        yield g.groups().canSee(s.get(viewer).name(), s.get(seen).name())
            && (viewer != seen || s.get(seen).inside() == Groups.Inside.FULL || j <= i);
      }
      case Node.Preset p -> allows(p.body(), lq, lk, b, h, i, j);
      case Node.Dense d -> d.rows().row(i).contains(j);
      case Node.Step s -> allows(s.joint(), lk, lk, b, h, lk - lq + i, j);
      case Node.Cached c -> {
        Bits prefix = c.prefix().get(c.prefix().size() == 1 ? 0 : b);
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

  private static int offset(Alignment alignment, int lq, int lk, int b) {
    return switch (alignment) {
      case Alignment.Unstated unstated -> 0;
      case Alignment.TopLeft topLeft -> 0;
      case Alignment.BottomRight bottomRight -> lk - lq;
      case Alignment.Offset o -> o.offsets().get(o.offsets().size() == 1 ? 0 : b);
    };
  }

  private static int pick(Ints values, int b) {
    return values.get(values.size() == 1 ? 0 : b);
  }

  private static boolean real(Tokens tokens, int b, int at, int size) {
    return switch (tokens.over(size)) {
      case Tokens.Lengths l ->
          l.side() == Side.RIGHT ? at < pick(l.lengths(), b) : at >= size - pick(l.lengths(), b);
      case Tokens.Flags f -> f.rows().get(f.rows().size() == 1 ? 0 : b).get(at);
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

  private static int segment(Groups groups, int at) {
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
