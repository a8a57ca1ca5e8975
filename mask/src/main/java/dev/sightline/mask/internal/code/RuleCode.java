package dev.sightline.mask.internal.code;

import static dev.sightline.mask.internal.code.Condition.compare;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.code.Condition.Operator;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Chunk;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Dilated;
import dev.sightline.mask.internal.kind.DocumentIds;
import dev.sightline.mask.internal.kind.Documents;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Global;
import dev.sightline.mask.internal.kind.Islands;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.Padding;
import dev.sightline.mask.internal.kind.Policy;
import dev.sightline.mask.internal.kind.Prefix;
import dev.sightline.mask.internal.kind.Tokens;
import dev.sightline.mask.internal.kind.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The rule of a mask over sizes as a Python condition, and the tables that it looks numbers up in.
 * A kind with a short rule is written as that rule; any other as the ends of its runs of allowed
 * keys, a table entry for each query.
 */
public final class RuleCode {
  private static final int MOST_RUNS = 12;
  private static final int MOST_ENTRIES = 1 << 22;

  /**
   * The variables of the code.
   *
   * @param batch the batch row
   * @param head the head
   * @param query the query
   * @param key the key
   */
  public record Names(String batch, String head, String query, String key) {}

  private final Sizes sizes;
  private final Names names;
  private final List<NumberTable> tables = new ArrayList<>();
  private final String condition;

  /**
   * Writes a mask.
   *
   * @throws IllegalArgumentException if it needs a table that is too long to copy
   */
  public RuleCode(Bound mask, Names names) {
    this.sizes = mask.sizes();
    this.names = names;
    this.condition = of(mask.node()).python();
  }

  /** The condition that a pair is allowed. */
  public String condition() {
    return condition;
  }

  /** The tables, in the order in which the condition uses them. */
  public List<NumberTable> tables() {
    return List.copyOf(tables);
  }

  private Condition of(Node node) {
    return switch (node) {
      case Node.Leaf leaf -> of(leaf.kind(), leaf);
      case Node.Not not -> new Condition.Negated(of(not.part()));
      case Node.And and -> new Condition.All(and.parts().stream().map(this::of).toList());
      case Node.Or or -> new Condition.Some(or.parts().stream().map(this::of).toList());
      case Node.PerBatch per -> choice(names.batch(), per.rows());
      case Node.PerHead per -> choice(names.head(), per.heads());
      case Node.Step step -> ends(step);
      case Node.Cached cached -> ends(cached);
    };
  }

  private Condition choice(String index, List<Node> nodes) {
    List<Condition> cases = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      cases.add(Condition.all(compare(index, Operator.EQUAL, n), of(nodes.get(n))));
    }
    return new Condition.Some(cases);
  }

  private Condition of(Kind kind, Node.Leaf leaf) {
    String q = names.query();
    String k = names.key();
    return switch (kind) {
      case Full full -> always();
      case None none -> new Condition.Negated(always());
      case Policy policy -> of(policy.body(), new Node.Leaf(policy.body()));
      case Causal causal -> compare(k, Operator.AT_MOST, centre(causal.diagonal()));
      case Window window -> window(window);
      case Prefix prefix ->
          Condition.some(
              compare(k, Operator.LESS, perBatch("prefix", prefix.lengths())),
              compare(k, Operator.AT_MOST, centre(prefix.diagonal())));
      case Chunk chunk when chunk.leftPadding().max() == 0 ->
          compare(q + " // " + chunk.size(), Operator.EQUAL, k + " // " + chunk.size());
      case Dilated dilated ->
          compare("(" + q + " - " + k + ") % " + dilated.step(), Operator.EQUAL, 0);
      case Global global when global.positions().size() <= 8 -> {
        List<Condition> some = new ArrayList<>();
        for (int p = 0; p < global.positions().size(); p++) {
          some.add(compare(q, Operator.EQUAL, global.positions().get(p)));
          some.add(compare(k, Operator.EQUAL, global.positions().get(p)));
        }
        yield new Condition.Some(some);
      }
      case Documents documents when documents.queries().equals(documents.keys()) ->
          documents(documents.keys());
      case DocumentIds ids when sizes.square() -> sameNumber("document", numbers(ids.ids()));
      case Islands islands when sizes.square() -> {
        String table = table("island", List.of(numbers(islands.ids())));
        yield Condition.all(
            compare(table + "[" + q + "]", Operator.EQUAL, table + "[" + k + "]"),
            compare(table + "[" + q + "]", Operator.GREATER, 0));
      }
      case Padding padding -> padding(padding, leaf);
      default -> ends(leaf);
    };
  }

  private Condition always() {
    return compare(names.key(), Operator.AT_LEAST, 0);
  }

  /** The key that a query is at. */
  private String centre(Diagonal diagonal) {
    return switch (diagonal.corner()) {
      case UNSTATED, TOP_LEFT -> names.query();
      case BOTTOM_RIGHT -> plus(names.query(), sizes.keys() - sizes.queries());
      case OFFSET ->
          diagonal.offsets().size() == 1
              ? plus(names.query(), diagonal.offsets().get(0))
              : names.query() + " + " + perBatch("offset", diagonal.offsets());
    };
  }

  private static String plus(String name, long number) {
    return number == 0 ? name : name + (number > 0 ? " + " : " - ") + Math.abs(number);
  }

  private Condition window(Window window) {
    String centre = centre(window.diagonal());
    List<Condition> sides = new ArrayList<>();
    if (window.left() != Window.UNBOUNDED) {
      sides.add(compare(names.key(), Operator.AT_LEAST, plus(centre, -(long) window.left())));
    }
    if (window.right() != Window.UNBOUNDED) {
      sides.add(compare(names.key(), Operator.AT_MOST, plus(centre, window.right())));
    }
    return sides.isEmpty() ? always() : new Condition.All(sides);
  }

  private Condition documents(Ints lengths) {
    int tokens = Math.max(sizes.queries(), sizes.keys());
    int[] ids = new int[tokens];
    int at = 0;
    for (int n = 0; n < lengths.size(); n++) {
      for (int t = 0; t < lengths.get(n) && at < tokens; t++) {
        ids[at++] = n;
      }
    }
    boolean hasRest = at < tokens;
    for (; at < tokens; at++) {
      ids[at] = -1; // after the last document
    }
    String table = table("document", List.of(ids));
    Condition same =
        compare(table + "[" + names.query() + "]", Operator.EQUAL, table + "[" + names.key() + "]");
    return hasRest
        ? Condition.all(same, compare(table + "[" + names.key() + "]", Operator.AT_LEAST, 0))
        : same;
  }

  private Condition sameNumber(String name, int[] numbers) {
    String table = table(name, List.of(numbers));
    return compare(
        table + "[" + names.query() + "]", Operator.EQUAL, table + "[" + names.key() + "]");
  }

  private Condition padding(Padding padding, Node.Leaf leaf) {
    boolean queries = padding.scope() != Padding.Scope.KEYS;
    boolean keys = padding.scope() != Padding.Scope.QUERIES;
    Tokens overKeys = padding.tokens().over(keys ? sizes.keys() : sizes.queries());
    if (!(overKeys instanceof Tokens.Lengths lengths) || lengths.atEnd()) {
      return ends(leaf);
    }
    String length = perBatch("length", lengths.lengths());
    List<Condition> sides = new ArrayList<>();
    if (queries) {
      sides.add(compare(names.query(), Operator.LESS, length));
    }
    if (keys) {
      sides.add(compare(names.key(), Operator.LESS, length));
    }
    return new Condition.All(sides);
  }

  private String perBatch(String name, Ints numbers) {
    return numbers.size() == 1
        ? Integer.toString(numbers.get(0))
        : table(name, List.of(numbers(numbers))) + "[" + names.batch() + "]";
  }

  private static int[] numbers(Ints ints) {
    int[] numbers = new int[ints.size()];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = ints.get(n);
    }
    return numbers;
  }

  /** Adds a table, and returns its name, which no other has. */
  private String table(String name, List<int[]> rows) {
    NumberTable known = NumberTable.of(name, rows);
    for (NumberTable table : tables) {
      if (table.name().startsWith(name) && table.python().equals(known.python())) {
        return table.name();
      }
    }
    long alike = tables.stream().filter(table -> table.name().startsWith(name)).count();
    NumberTable added = new NumberTable(alike == 0 ? name : name + (alike + 1), known.python());
    tables.add(added);
    return added.name();
  }

  /** The runs of allowed keys of each query: from a start to before an end. */
  private Condition ends(Node node) {
    Bound bound = new Bound(node, sizes);
    int rows = bound.batchRows() * bound.heads();
    if ((long) rows * sizes.queries() > MOST_ENTRIES) {
      throw tooLong((long) rows * sizes.queries() + " queries");
    }
    int runs = 0;
    List<List<int[]>> starts = new ArrayList<>();
    List<List<int[]>> ends = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (Sweep sweep = bound.sweep(row / bound.heads(), row % bound.heads()); sweep.hasNext(); ) {
        Band band = sweep.next();
        runs = Math.max(runs, band.runs());
        if (runs > MOST_RUNS) {
          throw tooLong(runs + " runs of allowed keys in a row");
        }
        while (starts.size() < band.runs()) {
          starts.add(empty(rows));
          ends.add(empty(rows));
        }
        for (int run = 0; run < band.runs(); run++) {
          for (int i = band.from(); i < sweep.end(band); i++) {
            starts.get(run).get(row)[i] = band.start(run, i);
            ends.get(run).get(row)[i] = band.end(run, i);
          }
        }
      }
    }
    String index = index(bound) + names.query() + "]";
    List<Condition> any = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      List<Condition> within = new ArrayList<>();
      if (starts.get(run).stream().flatMapToInt(java.util.Arrays::stream).anyMatch(s -> s != 0)) {
        within.add(
            compare(names.key(), Operator.AT_LEAST, table("start", starts.get(run)) + index));
      }
      within.add(compare(names.key(), Operator.LESS, table("end", ends.get(run)) + index));
      any.add(new Condition.All(within));
    }
    return any.isEmpty() ? new Condition.Negated(always()) : new Condition.Some(any);
  }

  private List<int[]> empty(int rows) {
    List<int[]> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      all.add(new int[sizes.queries()]);
    }
    return all;
  }

  /** Rows of a table are batch rows, then heads, as far as they are told apart. */
  private String index(Bound bound) {
    if (bound.batchRows() > 1 && bound.heads() > 1) {
      return "[" + names.batch() + " * " + bound.heads() + " + " + names.head() + ", ";
    }
    return bound.batchRows() > 1
        ? "[" + names.batch() + ", "
        : bound.heads() > 1 ? "[" + names.head() + ", " : "[";
  }

  private static IllegalArgumentException tooLong(String what) {
    return new IllegalArgumentException(
        "as code this mask is a table of "
            + what
            + ", too long to copy; take a form that is a file, such as 'sightline mask convert"
            + " --to bool -o FILE'");
  }
}
