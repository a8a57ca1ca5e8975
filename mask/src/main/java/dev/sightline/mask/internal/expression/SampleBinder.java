package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Chunk;
import dev.sightline.mask.internal.kind.Dense;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.DocumentIds;
import dev.sightline.mask.internal.kind.Global;
import dev.sightline.mask.internal.kind.Islands;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.mask.internal.kind.Padding;
import dev.sightline.mask.internal.kind.Prefix;
import dev.sightline.mask.internal.kind.Window;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Replaces the parts of an expression that are about a sample by what the sample says. */
public final class SampleBinder {
  private final SampleFacts facts;

  private SampleBinder(SampleFacts facts) {
    this.facts = facts;
  }

  /**
   * The expression over a sample. A prefix that is longer than the sample has all of its tokens,
   * and tokens that it does not have are not global. Where queries are the last of more keys, an
   * expression that says no corner is that of all keys, of which the queries have the last rows.
   *
   * @throws IllegalArgumentException if it needs what the sample does not say
   */
  public static Node bind(Node node, SampleFacts facts) {
    if (facts.sameTokens() && facts.queries() < facts.keys() && !saysCorner(node)) {
      SampleFacts joint =
          new SampleFacts(
              facts.keys(),
              facts.keys(),
              true,
              facts.realKeys(),
              facts.realKeys(),
              facts.types(),
              facts.positions(),
              facts.marks(),
              Map.of());
      return new Node.Step(new SampleBinder(joint).bound(node));
    }
    return new SampleBinder(facts).bound(node);
  }

  /** Whether an expression is written for as many queries and keys as there are. */
  public static boolean saysCorner(Node node) {
    return switch (node) {
      case Node.Leaf leaf ->
          switch (leaf.kind()) {
            case Causal causal -> isCorner(causal.diagonal());
            case Window window -> isCorner(window.diagonal());
            case Prefix prefix -> isCorner(prefix.diagonal());
            case OfSample part -> part.fact() == OfSample.Fact.GIVEN;
            case Dense dense -> true;
            default -> false;
          };
      case Node.Step step -> true;
      case Node.Cached cached -> true;
      default -> node.children().stream().anyMatch(SampleBinder::saysCorner);
    };
  }

  private static boolean isCorner(Diagonal diagonal) {
    return diagonal.corner() == Diagonal.Corner.TOP_LEFT
        || diagonal.corner() == Diagonal.Corner.BOTTOM_RIGHT;
  }

  /** Whether an expression has a part that needs a sample. */
  public static boolean isAboutSample(Node node) {
    return node instanceof Node.Leaf leaf
        ? leaf.kind() instanceof OfSample
        : node.children().stream().anyMatch(SampleBinder::isAboutSample);
  }

  private Node bound(Node node) {
    return switch (node) {
      case Node.Leaf leaf ->
          switch (leaf.kind()) {
            case OfSample part -> bound(part);
            case Prefix prefix when prefix.lengths().max() > facts.keys() ->
                new Node.Leaf(new Prefix(cut(prefix.lengths()), prefix.diagonal()));
            case Global global when global.positions().max() >= facts.keys() -> within(global);
            default -> leaf;
          };
      case Node.Step step -> new Node.Step(bound(step.joint()));
      case Node.Cached cached -> new Node.Cached(cached.prefix(), bound(cached.suffix()));
      case Node.And and -> Algebra.and(bound(and.parts()));
      case Node.Or or -> Algebra.or(bound(or.parts()));
      case Node.Not not -> Algebra.not(bound(not.part()));
      case Node.PerBatch per -> new Node.PerBatch(bound(per.rows()));
      case Node.PerHead per -> new Node.PerHead(bound(per.heads()));
    };
  }

  private Ints cut(Ints lengths) {
    int[] cut = new int[lengths.size()];
    for (int n = 0; n < cut.length; n++) {
      cut[n] = Math.min(lengths.get(n), facts.keys());
    }
    return Ints.of(cut);
  }

  private Node within(Global global) {
    Ints all = global.positions();
    int[] there =
        IntStream.range(0, all.size()).map(all::get).filter(p -> p < facts.keys()).toArray();
    return new Node.Leaf(there.length == 0 ? new None() : new Global(Ints.of(there)));
  }

  private List<Node> bound(List<Node> nodes) {
    return nodes.stream().map(this::bound).toList();
  }

  private Node bound(OfSample part) {
    return switch (part.fact()) {
      case PADDING ->
          facts.queries() == facts.keys() && facts.realQueries().equals(facts.realKeys())
              ? padding(Padding.Scope.BOTH, facts.realKeys())
              : Algebra.and(
                  List.of(
                      padding(Padding.Scope.QUERIES, facts.realQueries()),
                      padding(Padding.Scope.KEYS, facts.realKeys())));
      case KEY_PADDING -> padding(Padding.Scope.KEYS, facts.realKeys());
      case LENGTH -> {
        long real = IntStream.range(0, facts.keys()).filter(facts.realKeys()::get).count();
        yield padding(Padding.Scope.KEYS, bits(facts.keys(), k -> k < real));
      }
      case QUERY_PADDING -> padding(Padding.Scope.QUERIES, facts.realQueries());
      case PREFIX_BY_TYPE -> {
        Ints types = types(part);
        yield Algebra.or(
            List.of(
                new Node.Leaf(new Causal(Diagonal.BOTTOM_RIGHT)),
                padding(
                    Padding.Scope.KEYS, bits(types.size(), k -> types.get(k) == part.number()))));
      }
      case ISLANDS_BY_TYPE -> overKeys(new Islands(types(part)));
      case ISLANDS_BY_SPAN -> {
        Ints types = types(part);
        int[] islands = new int[types.size()];
        for (int k = 0, last = 0; k < islands.length; k++) {
          boolean begins = k == 0 || types.get(k) != types.get(k - 1);
          last += types.get(k) != 0 && begins ? 1 : 0;
          islands[k] = types.get(k) == 0 ? 0 : last;
        }
        yield overKeys(new Islands(Ints.of(islands)));
      }
      case DOCUMENTS_BY_TYPE -> overKeys(new DocumentIds(types(part)));
      case DOCUMENTS_BY_POSITION -> {
        Ints positions = facts.positions().orElseThrow(() -> unsaid(part, "positions"));
        int[] documents = new int[positions.size()];
        int last = Integer.MIN_VALUE;
        for (int k = 0; k < documents.length; k++) {
          documents[k] = k == 0 ? 0 : documents[k - 1];
          if (facts.realKeys().get(k)) {
            documents[k] += positions.get(k) <= last ? 1 : 0;
            last = positions.get(k);
          }
        }
        yield overKeys(new DocumentIds(Ints.of(documents)));
      }
      case CHUNK_AFTER_PADDING ->
          overKeys(new Chunk(part.number(), Ints.of(facts.realKeys().nextSet(0))));
      case CHUNK_BY_POSITION -> {
        Ints positions = facts.positions().orElseThrow(() -> unsaid(part, "positions"));
        int[] chunks =
            IntStream.range(0, positions.size())
                .map(k -> Math.floorDiv(positions.get(k), part.number()))
                .toArray();
        yield overKeys(new DocumentIds(Ints.of(chunks)));
      }
      case MARKED -> {
        Bits marks = facts.marks().get(part.name());
        if (marks == null) {
          throw unsaid(part, "the input '" + part.name() + "'");
        }
        yield padding(Padding.Scope.KEYS, marks);
      }
      case GIVEN -> {
        Bits pairs = facts.pairs().get(part.name());
        if (pairs == null) {
          throw unsaid(part, "the input '" + part.name() + "'");
        }
        boolean[][] rows = new boolean[facts.queries()][facts.keys()];
        for (int q = 0; q < rows.length; q++) {
          for (int k = 0; k < rows[q].length; k++) {
            rows[q][k] = pairs.get(q * facts.keys() + k);
          }
        }
        yield new Node.Leaf(new Dense(RowRuns.of(rows)));
      }
    };
  }

  private Ints types(OfSample part) {
    return facts.types().orElseThrow(() -> unsaid(part, "token types"));
  }

  private static IllegalArgumentException unsaid(OfSample part, String what) {
    return new IllegalArgumentException(
        part.text() + " needs " + what + ", which the sample does not have");
  }

  /** The last queries of a mask over all keys. */
  private Node overKeys(Kind kind) {
    Node leaf = new Node.Leaf(kind);
    return facts.queries() == facts.keys() ? leaf : new Node.Step(leaf);
  }

  private static Node padding(Padding.Scope scope, Bits real) {
    return new Node.Leaf(Padding.bits(scope, List.of(real)));
  }

  private static Bits bits(int size, IntPredicate set) {
    boolean[] bits = new boolean[size];
    for (int k = 0; k < size; k++) {
      bits[k] = set.test(k);
    }
    return Bits.of(bits);
  }
}
