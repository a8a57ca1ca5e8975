package dev.sightline.repair.internal.graph;

import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.RowRuns;
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
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** The kinds of mask that say all they need, as nodes; {@link SampleNodes} has the others. */
final class KindNodes {
  /** The most cells that are written into a graph one by one. */
  private static final long MOST_CELLS = 1 << 26;

  /** Digits of a number of tokens; more of them are bits. */
  private static final int LONGEST_LENGTH = 9;

  private final Nodes nodes;
  private final MaskTensors tensors;

  KindNodes(Nodes nodes, MaskTensors tensors) {
    this.nodes = nodes;
    this.tensors = tensors;
  }

  /** A number for a batch row and a token. */
  @FunctionalInterface
  interface OfToken {
    long at(int row, int token);
  }

  /** Where a kind allows a pair. */
  String allowed(Kind kind, Frame frame) {
    return switch (kind) {
      case Full full -> nodes.bool(true);
      case None none -> nodes.bool(false);
      case Causal causal -> {
        Frame at = frameOf(causal.diagonal(), causal, frame);
        yield nodes.atMost(at.j(), centre(causal.diagonal(), at));
      }
      case Window window -> window(window, frameOf(window.diagonal(), window, frame));
      case Prefix prefix -> {
        Frame at = frameOf(prefix.diagonal(), prefix, frame);
        yield nodes.or(
            nodes.op("Less", at.j(), perBatch(prefix.lengths())),
            nodes.atMost(at.j(), centre(prefix.diagonal(), at)));
      }
      case Chunk chunk -> chunk(chunk, frame);
      case Padding padding -> padding(padding, frame);
      case Documents documents -> documents(documents, frame);
      case DocumentIds ids -> {
        Frame one = sequence(ids, frame);
        String of = numbers(ids.ids());
        yield nodes.op(
            "Equal",
            one.constantAtRows(of, ids.ids().size()),
            one.constantAtColumns(of, ids.ids().size()));
      }
      case Islands islands -> {
        Frame one = sequence(islands, frame);
        String of = numbers(islands.ids());
        String query = one.constantAtRows(of, islands.ids().size());
        yield nodes.and(
            nodes.op("Equal", query, one.constantAtColumns(of, islands.ids().size())),
            nodes.op("Greater", query, nodes.number(0)));
      }
      case BlockCausal blocks -> {
        Frame one = sequence(blocks, frame);
        String of = constantOf(blocks.starts(), true);
        yield nodes.atMost(
            one.constantAtColumns(of, blocks.starts().size()),
            one.constantAtRows(of, blocks.starts().size()));
      }
      case RowCausal rows -> {
        Frame one = sequence(rows, frame);
        String of = constantOf(rows.causal(), false);
        yield nodes.or(
            nodes.op("Equal", one.constantAtRows(of, rows.causal().size()), nodes.number(0)),
            nodes.atMost(one.j(), one.i()));
      }
      case Dilated dilated ->
          nodes.op(
              "Equal",
              nodes.mod(nodes.op("Sub", frame.i(), frame.j()), dilated.step()),
              nodes.number(0));
      case Global global -> nodes.or(isOneOf(global, frame.i()), isOneOf(global, frame.j()));
      case Tree tree -> tree(tree, sequence(tree, frame));
      case SharedPrefix shared -> shared(shared, sequence(shared, frame));
      case Grouped groups -> groups(groups, sequence(groups, frame));
      case Dense dense -> dense(dense.rows(), frame);
      case Policy policy -> allowed(policy.body(), frame);
      default -> throw new IllegalArgumentException(kind.brief() + " cannot be written as nodes");
    };
  }

  /** A kind about the tokens of one sequence is about all keys, of which the queries are last. */
  private Frame sequence(Kind kind, Frame frame) {
    if (frame.square() || tensors.sameTokens()) {
      return frame.joint();
    }
    throw new IllegalArgumentException(
        kind.brief()
            + " describes the tokens of one sequence, but here the keys are of another sequence"
            + " than the queries");
  }

  private Frame frameOf(Diagonal diagonal, Kind kind, Frame frame) {
    if (diagonal.corner() != Diagonal.Corner.UNSTATED || frame.square()) {
      return frame;
    }
    if (tensors.sameTokens()) {
      return frame.joint();
    }
    throw new IllegalArgumentException(
        kind.brief()
            + " must say where its diagonal is, since the keys are of another sequence than the"
            + " queries: top-left, bottom-right or offset=n, as in causal(bottom-right)");
  }

  /** The key that a query is at. */
  private String centre(Diagonal diagonal, Frame frame) {
    return switch (diagonal.corner()) {
      case UNSTATED, TOP_LEFT -> frame.i();
      case BOTTOM_RIGHT ->
          nodes.op("Add", frame.i(), nodes.op("Sub", frame.keys(), frame.queries()));
      case OFFSET -> nodes.op("Add", frame.i(), perBatch(diagonal.offsets()));
    };
  }

  private String window(Window window, Frame frame) {
    String distance = nodes.op("Sub", frame.j(), centre(window.diagonal(), frame));
    List<String> sides = new ArrayList<>();
    if (window.left() != Window.UNBOUNDED) {
      sides.add(nodes.not(nodes.op("Less", distance, nodes.number(-(long) window.left()))));
    }
    if (window.right() != Window.UNBOUNDED) {
      sides.add(nodes.atMost(distance, nodes.number(window.right())));
    }
    return sides.stream().reduce(nodes::and).orElseGet(() -> nodes.bool(true));
  }

  private String chunk(Chunk chunk, Frame frame) {
    if (chunk.leftPadding().max() == 0) {
      return nodes.op(
          "Equal", nodes.floor(frame.i(), chunk.size()), nodes.floor(frame.j(), chunk.size()));
    }
    return chunkAfter(perBatch(chunk.leftPadding()), chunk.size(), sequence(chunk, frame));
  }

  /** Chunks that are counted from a token on, {@code [B, 1, 1, 1]}; earlier ones are in none. */
  String chunkAfter(String first, int size, Frame frame) {
    String i = nodes.op("Sub", frame.i(), first);
    String j = nodes.op("Sub", frame.j(), first);
    String same = nodes.op("Equal", nodes.floor(i, size), nodes.floor(j, size));
    // A token before the first one is at a negative number, and its chunk is one of them only.
    return nodes.and(same, nodes.not(nodes.op("Less", i, nodes.number(0))));
  }

  private String padding(Padding padding, Frame frame) {
    boolean queries = padding.scope() != Padding.Scope.KEYS;
    boolean keys = padding.scope() != Padding.Scope.QUERIES;
    Frame at = padding.scope() == Padding.Scope.BOTH ? sequence(padding, frame) : frame;
    String query = queries ? real(padding, at, true) : "";
    String key = keys ? real(padding, at, false) : "";
    return queries && keys ? nodes.and(query, key) : queries ? query : key;
  }

  private String real(Padding padding, Frame frame, boolean ofQueries) {
    int fixed = ofQueries && !frame.square() ? tensors.fixedQueries() : tensors.fixedKeys();
    Tokens tokens = padding.tokens();
    if (tokens instanceof Tokens.Digits digits) {
      int written = digits.rows().getFirst().length();
      fixed = written > LONGEST_LENGTH ? written : fixed;
      if (fixed < 0) {
        throw new IllegalArgumentException(
            padding.brief()
                + " may be lengths or bits, and the number of tokens, which decides, is open;"
                + " write lengths=... or bits=...");
      }
      tokens = tokens.over(fixed);
    }
    return switch (tokens) {
      case Tokens.Lengths lengths -> {
        String at = ofQueries ? frame.i() : frame.j();
        String count = ofQueries ? frame.queries() : frame.keys();
        String real = perBatch(lengths.lengths());
        yield lengths.atEnd()
            ? nodes.not(nodes.op("Less", at, nodes.op("Sub", count, real)))
            : nodes.op("Less", at, real);
      }
      case Tokens.Flags flags -> {
        String bits = constantOf(flags.rows(), false);
        int size = flags.rows().size();
        String at =
            ofQueries ? frame.constantAtRows(bits, size) : frame.constantAtColumns(bits, size);
        yield nodes.op("Greater", at, nodes.number(0));
      }
      case Tokens.Digits digits -> throw new IllegalArgumentException(padding.brief());
    };
  }

  private String documents(Documents documents, Frame frame) {
    String query = numbersAt(frame.i(), ids(documents.queries()), -1);
    String key = numbersAt(frame.j(), ids(documents.keys()), -2);
    return nodes.op("Equal", query, key);
  }

  /** The number of the segment of each token, for segments one after the other. */
  private static long[] ids(Ints lengths) {
    LongStream.Builder ids = LongStream.builder();
    for (int n = 0; n < lengths.size(); n++) {
      for (int t = 0; t < lengths.get(n); t++) {
        ids.add(n);
      }
    }
    return ids.build().toArray();
  }

  /** Numbers of tokens at indices, and another number at indices beyond them. */
  private String numbersAt(String indices, long[] numbers, long beyond) {
    long[] all = Arrays.copyOf(numbers, numbers.length + 1);
    all[numbers.length] = beyond;
    String last = nodes.number(numbers.length);
    String within = nodes.op("Where", nodes.op("Less", indices, last), indices, last);
    return nodes.gather(nodes.constant(ElementType.INT64, all, all.length), within, 0);
  }

  private String isOneOf(Global global, String indices) {
    long[] isGlobal = new long[global.positions().max() + 1];
    for (int p = 0; p < global.positions().size(); p++) {
      isGlobal[global.positions().get(p)] = 1;
    }
    return nodes.op("Greater", numbersAt(indices, isGlobal, 0), nodes.number(0));
  }

  private String shared(SharedPrefix shared, Frame frame) {
    long[] branches = ids(shared.branches());
    long[] all = new long[shared.prefix() + branches.length];
    for (int t = shared.prefix(); t < all.length; t++) {
      all[t] = branches[t - shared.prefix()] + 1;
    }
    String query = numbersAt(frame.i(), all, -1);
    String key = numbersAt(frame.j(), all, -1);
    String seen = nodes.or(nodes.op("Equal", key, nodes.number(0)), nodes.op("Equal", key, query));
    return nodes.and(seen, nodes.not(nodes.op("Less", query, nodes.number(0))));
  }

  private String tree(Tree tree, Frame frame) {
    int size = tree.parents().size();
    boolean[][] sees = new boolean[size][size];
    requireFew(tree, (long) size * size);
    for (int i = 0; i < size; i++) {
      for (int t = i; t >= 0; t = tree.parents().get(t)) {
        sees[i][t] = true;
      }
    }
    return dense(RowRuns.of(sees), frame);
  }

  private static void requireFew(Kind kind, long cells) {
    if (cells > MOST_CELLS) {
      throw new IllegalArgumentException(
          kind.brief() + " has " + cells + " cells, too many to be written into a graph");
    }
  }

  private String groups(Grouped groups, Frame frame) {
    List<Grouped.Segment> segments = groups.segments();
    int count = segments.size();
    long[] sees = new long[count * count];
    long[] causal = new long[count];
    for (int viewer = 0; viewer < count; viewer++) {
      causal[viewer] = segments.get(viewer).causal() ? 1 : 0;
      for (int seen = 0; seen < count; seen++) {
        boolean may = groups.canSee(segments.get(viewer).name(), segments.get(seen).name());
        sees[viewer * count + seen] = may ? 1 : 0;
      }
    }
    int[] sizes = segments.stream().mapToInt(Grouped.Segment::size).toArray();
    long[] ids = ids(Ints.of(sizes));
    String of = nodes.constant(ElementType.INT64, ids, 1, ids.length);
    String query = frame.constantAtRows(of, ids.length);
    String key = frame.constantAtColumns(of, ids.length);
    // The pair of segments as one number, so that a single look-up tells who sees whom.
    String pair = nodes.op("Add", nodes.op("Mul", query, nodes.number(count)), key);
    String may =
        nodes.op(
            "Greater",
            nodes.gather(nodes.constant(ElementType.INT64, sees, sees.length), pair, 0),
            nodes.number(0));
    if (Arrays.stream(causal).noneMatch(c -> c == 1)) {
      return may;
    }
    String isCausal =
        nodes.op(
            "Greater",
            nodes.gather(nodes.constant(ElementType.INT64, causal, count), query, 0),
            nodes.number(0));
    String later = nodes.op("Greater", frame.j(), frame.i());
    String hidden = nodes.and(nodes.and(isCausal, later), nodes.op("Equal", query, key));
    return nodes.and(may, nodes.not(hidden));
  }

  private String dense(RowRuns rows, Frame frame) {
    if ((long) rows.queries() * rows.keys() > MOST_CELLS) {
      throw new IllegalArgumentException(
          "a mask of "
              + rows.queries()
              + " x "
              + rows.keys()
              + " cells is too large to be written into a graph cell by cell");
    }
    long[] cells = new long[rows.queries() * rows.keys()];
    for (int i = 0; i < rows.queries(); i++) {
      int[] runs = rows.row(i);
      for (int r = 0; r < runs.length; r += 2) {
        Arrays.fill(cells, i * rows.keys() + runs[r], i * rows.keys() + runs[r + 1], 1);
      }
    }
    String all = nodes.constant(ElementType.BOOL, cells, rows.queries(), rows.keys());
    String rowsOf = nodes.exactly(all, 0, rows.queries(), frame.queries(), "queries");
    String exact = nodes.exactly(rowsOf, 1, rows.keys(), frame.keys(), "keys");
    String some = frame.plainRows() ? exact : nodes.gather(exact, frame.rows(), 0);
    String both = frame.plainColumns() ? some : nodes.gather(some, frame.columns(), 1);
    return nodes.op("Reshape", both, nodes.concat(0, nodes.vector(1, 1), nodes.op("Shape", both)));
  }

  /** A number for all batch rows or for each, {@code [B, 1, 1, 1]}. */
  private String perBatch(Ints numbers) {
    int count = numbers.size();
    if (count == 1) {
      return nodes.number(numbers.get(0));
    }
    long[] all = new long[count];
    Arrays.setAll(all, numbers::get);
    return forBatch(nodes.constant(ElementType.INT64, all, count, 1, 1, 1), count);
  }

  /** A constant for each batch row, which the runtime refuses for another number of rows. */
  String forBatch(String constant, int rows) {
    String batch = tensors.batch();
    if (rows == 1 || batch == null) {
      return constant;
    }
    return nodes.exactly(constant, 0, rows, batch, "batch_rows");
  }

  private String numbers(Ints numbers) {
    return constantOf(1, numbers.size(), (row, token) -> numbers.get(token), ElementType.INT64);
  }

  /** The bits of each batch row, or how many of them are set up to each token. */
  private String constantOf(BitRows rows, boolean running) {
    long[][] all = new long[rows.count()][rows.size()];
    for (int r = 0; r < all.length; r++) {
      for (int t = 0; t < all[r].length; t++) {
        boolean set = rows.ofRow(r).get(t);
        all[r][t] = (set ? 1 : 0) + (running && t > 0 ? all[r][t - 1] : 0);
      }
    }
    return constantOf(
        rows.count(), rows.size(), (row, token) -> all[row][token], ElementType.INT64);
  }

  /** A constant {@code [rows, tokens]}, which the runtime refuses for another number of rows. */
  String constantOf(int rows, int tokens, OfToken number, ElementType type) {
    long[] all = new long[rows * tokens];
    for (int r = 0; r < rows; r++) {
      for (int t = 0; t < tokens; t++) {
        all[r * tokens + t] = number.at(r, t);
      }
    }
    return forBatch(nodes.constant(type, all, rows, tokens), rows);
  }
}
