package dev.sightline.mask;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns nodes into rules, for sizes that {@link Sizing} has checked. What does not vary by batch
 * row or head is compiled once and shared.
 */
final class RuleCompiler {
  private record Place(int queries, int keys, int batch, int head) {}

  /** By the node itself: comparing two nodes of a million ids would cost more than it saves. */
  private final IdentityHashMap<Node, Map<Place, Rule>> shared = new IdentityHashMap<>();

  Rule compile(Node node, int queries, int keys, int batch, int head) {
    Place place =
        new Place(
            queries,
            keys,
            Sizing.batchRows(node) > 1 ? batch : 0,
            Sizing.heads(node) > 1 ? head : 0);
    Map<Place, Rule> rules = shared.computeIfAbsent(node, n -> new HashMap<>());
    Rule known = rules.get(place);
    if (known == null) {
      known = rule(node, queries, keys, batch, head);
      rules.put(place, known);
    }
    return known;
  }

  private Rule rule(Node node, int queries, int keys, int batch, int head) {
    return switch (node) {
      case Node.Full full -> (row, view) -> Band.constant(row, queries, 0, keys);
      case Node.Nothing nothing -> (row, view) -> Band.empty(row, queries);
      case Node.Causal causal ->
          PositionRules.causal(offset(causal.alignment(), queries, keys, batch), queries, keys);
      case Node.Window window ->
          PositionRules.window(
              window.left(),
              window.right(),
              offset(window.alignment(), queries, keys, batch),
              queries,
              keys);
      case Node.Chunk chunk ->
          PositionRules.chunk(chunk.size(), chunk.leftPadding().ofRow(batch), queries, keys);
      case Node.Prefix prefix ->
          PositionRules.prefix(
              prefix.lengths().ofRow(batch),
              offset(prefix.alignment(), queries, keys, batch),
              queries,
              keys);
      case Node.Dilated dilated -> PositionRules.dilated(dilated.step(), queries, keys);
      case Node.Global global -> PositionRules.global(global.positions(), queries, keys);
      case Node.Padding padding ->
          TokenRules.padding(padding.who(), padding.tokens(), batch, queries, keys);
      case Node.Documents documents ->
          TokenRules.documents(documents.queries(), documents.keys(), queries);
      case Node.SameId same -> TokenRules.sameId(same.ids(), same.islands());
      case Node.BlockCausal block -> TokenRules.blockCausal(ofRow(block.rows(), batch));
      case Node.RowCausal block -> TokenRules.rowCausal(ofRow(block.rows(), batch));
      case Node.SharedPrefix shared ->
          TokenRules.sharedPrefix(shared.prefix(), shared.branches(), queries);
      case Node.Tree tree -> TokenRules.tree(tree.parents());
      case Node.Grouped grouped -> TokenRules.groups(grouped.groups());
      case Node.Dense dense -> TokenRules.dense(dense.rows());
      case Node.Preset preset -> compile(preset.body(), queries, keys, batch, head);
      case Node.Step step -> step(compile(step.joint(), keys, keys, batch, head), queries, keys);
      case Node.Cached cached ->
          cached(
              ofRow(cached.prefix(), batch),
              compile(cached.suffix(), queries, queries, batch, head),
              queries);
      case Node.And and -> and(and.parts(), queries, keys, batch, head);
      case Node.Or or -> or(compileAll(or.parts(), queries, keys, batch, head));
      case Node.Not not -> {
        Rule part = compile(not.part(), queries, keys, batch, head);
        yield (row, view) -> BandBuilder.not(part.band(row, view), keys);
      }
      case Node.PerBatch per -> compile(per.rows().get(batch), queries, keys, batch, head);
      case Node.PerHead per -> compile(per.heads().get(head), queries, keys, batch, head);
    };
  }

  private List<Rule> compileAll(List<Node> nodes, int queries, int keys, int batch, int head) {
    List<Rule> rules = new ArrayList<>();
    for (Node node : nodes) {
      rules.add(compile(node, queries, keys, batch, head));
    }
    return rules;
  }

  /** Rules of many runs come last, and then look only where the others allow something. */
  private Rule and(List<Node> parts, int queries, int keys, int batch, int head) {
    List<Node> few = parts.stream().filter(part -> !hasManyRuns(part)).toList();
    List<Node> many = parts.stream().filter(RuleCompiler::hasManyRuns).toList();
    List<Rule> rules = compileAll(few, queries, keys, batch, head);
    rules.addAll(compileAll(many, queries, keys, batch, head));
    return (row, view) -> {
      Band all = rules.get(0).band(row, view);
      for (int i = 1; i < rules.size() && !all.isEmpty(); i++) {
        Rule.View around = i < few.size() ? view : Rule.View.around(all);
        all = BandBuilder.and(all, rules.get(i).band(row, around));
      }
      return all;
    };
  }

  private static Rule or(List<Rule> rules) {
    return (row, view) -> {
      Band any = rules.get(0).band(row, view);
      for (int i = 1; i < rules.size(); i++) {
        any = BandBuilder.or(any, rules.get(i).band(row, view));
      }
      return any;
    };
  }

  private static boolean hasManyRuns(Node node) {
    if (node instanceof Node.Dilated
        || node instanceof Node.SameId
        || node instanceof Node.Global) {
      return true;
    }
    for (Node child : node.children()) {
      if (hasManyRuns(child)) {
        return true;
      }
    }
    return false;
  }

  /** Query i of the step is token Lk - Lq + i of the joint sequence. */
  private static Rule step(Rule joint, int queries, int keys) {
    int first = keys - queries;
    return (row, view) -> {
      int until = (int) Math.min(Integer.MAX_VALUE, (long) view.until() + first);
      Band band = joint.band(row + first, new Rule.View(view.start(), view.end(), until));
      return new Band(row, band.until() - first, band.edges());
    };
  }

  private static Rule cached(Bits prefix, Rule suffix, int queries) {
    int shift = prefix.size();
    int[] real = Tokens.runsOf(prefix);
    return (row, view) -> {
      Band tail = suffix.band(row, view.shift(-shift));
      BandBuilder out =
          new BandBuilder(row, Math.min(queries, tail.until()), real.length + tail.edges().length);
      for (int r = 0; r < real.length; r += 2) {
        out.join(Band.edge(real[r], 0), Band.edge(real[r + 1], 0));
      }
      for (int e = 0; e < tail.edges().length; e += 2) {
        out.join(tail.edges()[e] + 2L * shift, tail.edges()[e + 1] + 2L * shift);
      }
      return out.build();
    };
  }

  private static Bits ofRow(List<Bits> rows, int batch) {
    return rows.get(rows.size() == 1 ? 0 : batch);
  }

  /** What is added to a query's index to get the key it stands at. */
  static int offset(Alignment alignment, int queries, int keys, int batch) {
    return switch (alignment) {
      case Alignment.Unstated unstated -> 0;
      case Alignment.TopLeft topLeft -> 0;
      case Alignment.BottomRight bottomRight -> keys - queries;
      case Alignment.Offset offset ->
          offset.offsets().get(offset.offsets().size() == 1 ? 0 : batch);
    };
  }
}
