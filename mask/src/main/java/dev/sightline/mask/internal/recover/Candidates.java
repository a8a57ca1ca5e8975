package dev.sightline.mask.internal.recover;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.SampleFacts;
import dev.sightline.mask.internal.kind.BlockCausal;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Chunk;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Dilated;
import dev.sightline.mask.internal.kind.DocumentIds;
import dev.sightline.mask.internal.kind.Documents;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Global;
import dev.sightline.mask.internal.kind.Grouped;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.mask.internal.kind.OfSample.Fact;
import dev.sightline.mask.internal.kind.Prefix;
import dev.sightline.mask.internal.kind.RowCausal;
import dev.sightline.mask.internal.kind.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The masks that an expression is made of, with their numbers read off the cells: the window is as
 * wide as the distances that are always allowed, the chunk as long as the first one, and so on.
 * Each has a cost; the expression of least cost is the simplest.
 */
final class Candidates {
  /** A column or row that everybody sees is named one by one up to this number. */
  private static final int MOST_GLOBAL = 8;

  private final CellSets cells;
  private final CellSets.Choice counts;
  private final boolean square;
  private final Diagonal diagonal;
  private final List<Candidate> found = new ArrayList<>();

  /**
   * A part of an expression.
   *
   * @param set the cells that it allows
   */
  @SuppressWarnings("ArrayRecordComponent") // never leaves the package, and is never compared
  record Candidate(Node node, int cost, long[] set) {}

  Candidates(CellSets cells, CellSets.Choice counts, boolean square) {
    this.cells = cells;
    this.counts = counts;
    this.square = square;
    this.diagonal = square ? Diagonal.UNSTATED : Diagonal.BOTTOM_RIGHT;
  }

  List<Candidate> all() {
    add(1, new Full());
    add(2, new Causal(diagonal));
    addPadding();
    addDiagonals();
    addChunks();
    addPrefixes();
    addTypes();
    addDocuments();
    addMarks();
    addGlobals();
    addFixed();
    return found;
  }

  private void add(int cost, Kind kind) {
    add(cost, new Node.Leaf(kind));
  }

  private void add(int cost, Node node) {
    if (found.stream().anyMatch(candidate -> candidate.node.equals(node))) {
      return;
    }
    long[] set = cells.of(node);
    if (set != null) {
      found.add(new Candidate(node, cost, set));
    }
  }

  private void addPadding() {
    add(2, new OfSample(Fact.KEY_PADDING, 0, ""));
    add(4, new OfSample(Fact.LENGTH, 0, ""));
    add(3, Algebra.not(new Node.Leaf(new OfSample(Fact.KEY_PADDING, 0, ""))));
  }

  private void addDiagonals() {
    DiagonalFit distances = new DiagonalFit(cells, diagonal, counts);
    TreeSet<Integer> always = new TreeSet<>(distances.allowed());
    always.removeAll(distances.forbidden());
    int left = 0;
    int right = 0;
    while (always.contains(-left - 1)) {
      left++;
    }
    while (always.contains(right + 1)) {
      right++;
    }
    boolean leftEnds = distances.forbidden().lower(-left) != null;
    boolean rightEnds = distances.forbidden().higher(right) != null;
    addWindow(left, leftEnds, right, rightEnds);
    if (!distances.allowed().isEmpty()) {
      int low = Math.min(0, distances.allowed().first());
      int high = Math.max(0, distances.allowed().last());
      addWindow(
          -low,
          distances.forbidden().lower(low) != null,
          high,
          distances.forbidden().higher(high) != null);
    }
    for (int step = 2; step <= 8 && square; step++) {
      if (always.contains(-step) || always.contains(step)) {
        add(5, new Dilated(step));
      }
    }
  }

  private void addWindow(int left, boolean leftEnds, int right, boolean rightEnds) {
    if (leftEnds) {
      add(3, new Window(left, 0, diagonal));
      add(4, new Window(left, Window.UNBOUNDED, diagonal));
    }
    if (leftEnds && rightEnds && right > 0) {
      add(4, new Window(left, right, diagonal));
    }
    if (rightEnds && right > 0) {
      add(4, new Window(Window.UNBOUNDED, right, diagonal));
    }
  }

  private void addChunks() {
    TreeSet<Integer> sizes = new TreeSet<>();
    boolean paddedLeft = false;
    for (Observation observation : cells.observations()) {
      int shift = observation.facts().keys() - observation.facts().queries();
      int begin = observation.facts().realKeys().nextSet(0);
      paddedLeft |= begin > 0;
      for (int q = 1; q < observation.facts().queries(); q++) {
        int key = q + shift - 1;
        if (key >= 0 && counts.contains(observation, q, key) && !observation.isAllowed(q, key)) {
          sizes.add(q + shift);
          sizes.add(q + shift - begin);
          break;
        }
      }
    }
    for (int size : sizes) {
      if (size > 1) {
        add(4, square ? leaf(new Chunk(size, Ints.of(0))) : stepOf(new Chunk(size, Ints.of(0))));
        if (paddedLeft) {
          add(5, new OfSample(Fact.CHUNK_AFTER_PADDING, size, ""));
        }
        add(6, new OfSample(Fact.CHUNK_BY_POSITION, size, ""));
      }
    }
  }

  private static Node leaf(Kind kind) {
    return new Node.Leaf(kind);
  }

  private static Node stepOf(Kind kind) {
    return new Node.Step(leaf(kind));
  }

  /** The first query sees its prefix. */
  private void addPrefixes() {
    TreeSet<Integer> lengths = new TreeSet<>();
    for (Observation observation : cells.observations()) {
      int length = 0;
      for (int k = 0; k < observation.facts().keys(); k++) {
        if (counts.contains(observation, 0, k) && observation.isAllowed(0, k)) {
          length = k + 1;
        }
      }
      lengths.add(length);
    }
    for (int length : lengths) {
      if (length > 1) {
        add(4, new Prefix(Ints.of(length), diagonal));
      }
    }
  }

  private void addTypes() {
    TreeSet<Integer> types = new TreeSet<>();
    for (Observation observation : cells.observations()) {
      observation
          .facts()
          .types()
          .ifPresent(all -> {
            for (int k = 0; k < all.size(); k++) {
              types.add(all.get(k));
            }
          });
    }
    if (types.size() > 1) {
      types.forEach(type -> add(4, new OfSample(Fact.PREFIX_BY_TYPE, type, "")));
      add(4, new OfSample(Fact.ISLANDS_BY_TYPE, 0, ""));
      add(5, new OfSample(Fact.ISLANDS_BY_SPAN, 0, ""));
      add(4, new OfSample(Fact.DOCUMENTS_BY_TYPE, 0, ""));
    }
  }

  private void addDocuments() {
    boolean resets = false;
    for (Observation observation : cells.observations()) {
      Ints positions = observation.facts().positions().orElse(Ints.of());
      for (int k = 1; k < positions.size(); k++) {
        resets |= observation.facts().realKeys().get(k) && positions.get(k) <= positions.get(k - 1);
      }
    }
    if (resets) {
      add(4, new OfSample(Fact.DOCUMENTS_BY_POSITION, 0, ""));
    }
  }

  private void addMarks() {
    SampleFacts any = cells.observations().getFirst().facts();
    for (String name : new TreeSet<>(any.marks().keySet())) {
      add(4, OfSample.marked(name));
      add(5, Algebra.not(leaf(OfSample.marked(name))));
    }
    new TreeSet<>(any.pairs().keySet()).forEach(name -> add(4, OfSample.given(name)));
  }

  /**
   * Tokens that all later queries see, or all of them, and that see all: where a distance alone
   * does not allow it already.
   */
  private void addGlobals() {
    int most = cells.observations().stream().mapToInt(o -> o.facts().keys()).max().orElse(0);
    DiagonalFit distances = new DiagonalFit(cells, diagonal, counts);
    List<Integer> columns = new ArrayList<>();
    List<Integer> both = new ArrayList<>();
    for (int token = 0; token < most; token++) {
      int at = token;
      boolean special =
          exists((o, q, k) ->
              k == at && o.isAllowed(q, k) && distances.forbidden().contains(k - place(o, q)));
      if (special && agree((o, q, k) -> k == at && k <= place(o, q))) {
        columns.add(token);
        if (agree((o, q, k) -> k == at || place(o, q) == at)) {
          both.add(token);
        }
      }
    }
    addGlobal(columns, most);
    addGlobal(both, most);
  }

  /** The key that a query is. */
  private static int place(Observation o, int query) {
    return query + o.facts().keys() - o.facts().queries();
  }

  private void addGlobal(List<Integer> tokens, int most) {
    if (!tokens.isEmpty() && tokens.size() <= MOST_GLOBAL && tokens.size() < most) {
      Global global = new Global(ints(tokens));
      add(4 + tokens.size(), square ? leaf(global) : stepOf(global));
    }
  }

  private static Ints ints(List<Integer> numbers) {
    return Ints.of(numbers.stream().mapToInt(n -> n).toArray());
  }

  /** Whether some of the chosen cells count and all that count are allowed. */
  private boolean agree(CellSets.Choice choice) {
    return exists(choice) && !exists((o, q, k) -> choice.contains(o, q, k) && !o.isAllowed(q, k));
  }

  private boolean exists(CellSets.Choice choice) {
    for (Observation o : cells.observations()) {
      for (int q = 0; q < o.facts().queries(); q++) {
        for (int k = 0; k < o.facts().keys(); k++) {
          if (counts.contains(o, q, k) && choice.contains(o, q, k)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** What lists its tokens can be told from samples of one length alone. */
  private void addFixed() {
    SampleFacts facts = cells.observations().getFirst().facts();
    int queries = facts.queries();
    int keys = facts.keys();
    boolean oneSize =
        cells.observations().stream()
            .allMatch(o -> o.facts().queries() == queries && o.facts().keys() == keys);
    if (!oneSize || keys < 2) {
      return;
    }
    boolean[][] allowed = new boolean[queries][keys];
    for (Observation observation : cells.observations()) {
      for (int q = 0; q < queries; q++) {
        for (int k = 0; k < keys; k++) {
          allowed[q][k] |= counts.contains(observation, q, k) && observation.isAllowed(q, k);
        }
      }
    }
    addColumns(allowed, keys);
    if (queries != keys) {
      return;
    }
    boolean[] blocks = new boolean[keys];
    boolean[] rows = new boolean[keys];
    int[] documents = new int[keys];
    int[] lengths = new int[keys];
    for (int t = 0; t < keys; t++) {
      blocks[t] = t > 0 && !allowed[t - 1][t];
      rows[t] = t + 1 < keys && !allowed[t][t + 1];
      documents[t] = t > 0 ? documents[t - 1] + (allowed[t][t - 1] ? 0 : 1) : 0;
      lengths[documents[t]]++;
    }
    rows[keys - 1] = true;
    add(8, BlockCausal.of(List.of(Bits.of(blocks))));
    add(9, RowCausal.of(List.of(Bits.of(rows))));
    int count = documents[keys - 1] + 1;
    if (count > 1 && count * 2 <= keys) {
      Ints own = Ints.of(java.util.Arrays.copyOf(lengths, count));
      add(7, new Documents(own, own));
    }
    addIds(allowed);
    Grouped groups = GroupFit.fit(allowed);
    if (groups != null) {
      add(10, groups);
    }
  }

  /** Keys that every query sees or none. */
  private void addColumns(boolean[][] allowed, int keys) {
    boolean[] seen = new boolean[keys];
    for (int k = 0; k < keys; k++) {
      seen[k] = allowed[0][k];
    }
    add(
        8,
        dev.sightline.mask.internal.kind.Padding.bits(
            dev.sightline.mask.internal.kind.Padding.Scope.KEYS, List.of(Bits.of(seen))));
  }

  /** Each token with the first one that it sees. */
  private void addIds(boolean[][] allowed) {
    int[] ids = new int[allowed.length];
    TreeSet<Integer> different = new TreeSet<>();
    for (int q = 0; q < ids.length; q++) {
      int id = 0;
      while (id < q && !allowed[q][id]) {
        id++;
      }
      ids[q] = id;
      different.add(id);
    }
    if (different.size() > 1 && different.size() * 2 <= ids.length) {
      add(11, new DocumentIds(Ints.of(ids)));
    }
  }
}
