package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.kind.Kind.Trait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns expressions into rules, for sizes that {@link Sizing} has checked. What does not vary by
 * batch row or head is compiled once and shared.
 */
final class Compiler {
  private record Place(int queries, int keys, int batch, int head) {}

  /** By the node itself: comparing two nodes of a million ids would cost more than it saves. */
  private final IdentityHashMap<Node, Map<Place, Rule>> shared = new IdentityHashMap<>();

  Rule compile(Node node, Sizes sizes, int batch, int head) {
    Place place =
        new Place(
            sizes.queries(),
            sizes.keys(),
            Sizing.batchRows(node) > 1 ? batch : 0,
            Sizing.heads(node) > 1 ? head : 0);
    Map<Place, Rule> rules = shared.computeIfAbsent(node, n -> new HashMap<>());
    Rule known = rules.get(place);
    if (known == null) {
      known = rule(node, sizes, batch, head);
      rules.put(place, known);
    }
    return known;
  }

  private Rule rule(Node node, Sizes sizes, int batch, int head) {
    return switch (node) {
      case Node.Leaf leaf when hasManyRuns(leaf) -> counted(leaf.kind().rule(sizes, batch));
      case Node.Leaf leaf -> leaf.kind().rule(sizes, batch);
      case Node.Step step -> {
        Sizes joint = sizes.with(sizes.keys(), sizes.keys());
        yield step(compile(step.joint(), joint, batch, head), sizes.keys() - sizes.queries());
      }
      case Node.Cached cached -> {
        Sizes suffix = sizes.with(sizes.queries(), sizes.queries());
        yield cached(
            cached.prefix().ofRow(batch),
            compile(cached.suffix(), suffix, batch, head),
            sizes.queries());
      }
      case Node.And and -> and(and.parts(), sizes, batch, head);
      case Node.Or or -> or(compileAll(or.parts(), sizes, batch, head));
      case Node.Not not -> {
        Rule part = compile(not.part(), sizes, batch, head);
        int keys = sizes.keys();
        yield (row, view) -> BandBuilder.not(part.band(row, view), keys);
      }
      case Node.PerBatch per -> compile(per.rows().get(batch), sizes, batch, head);
      case Node.PerHead per -> compile(per.heads().get(head), sizes, batch, head);
    };
  }

  private List<Rule> compileAll(List<Node> nodes, Sizes sizes, int batch, int head) {
    List<Rule> rules = new ArrayList<>();
    for (Node node : nodes) {
      rules.add(compile(node, sizes, batch, head));
    }
    return rules;
  }

  /** Rules of many runs come last, and are asked only where the others allow something. */
  private Rule and(List<Node> parts, Sizes sizes, int batch, int head) {
    List<Node> few = parts.stream().filter(part -> !hasManyRuns(part)).toList();
    List<Node> many = parts.stream().filter(Compiler::hasManyRuns).toList();
    List<Rule> rules = compileAll(few, sizes, batch, head);
    rules.addAll(compileAll(many, sizes, batch, head));
    return (row, view) -> {
      Band all = rules.get(0).band(row, view);
      for (int i = 1; i < rules.size() && !all.isEmpty(); i++) {
        Rule.View around = i < few.size() ? view : view.around(all);
        all = BandBuilder.and(all, rules.get(i).band(row, around));
      }
      return all;
    };
  }

  private static Rule counted(Rule rule) {
    return (row, view) -> {
      Band band = rule.band(row, view);
      view.work().add(band);
      return band;
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
    return node instanceof Node.Leaf leaf
        ? leaf.kind().traits().contains(Trait.MANY_RUNS)
        : node.children().stream().anyMatch(Compiler::hasManyRuns);
  }

  /** Query i of the step is token first + i of the joint sequence. */
  private static Rule step(Rule joint, int first) {
    return (row, view) -> {
      int until = (int) Math.min(Integer.MAX_VALUE, (long) view.until() + first);
      Band band = joint.band(row + first, view.until(until));
      return new Band(row, band.until() - first, band.edges());
    };
  }

  private static Rule cached(Bits prefix, Rule suffix, int queries) {
    int shift = prefix.size();
    int[] real = prefix.runs();
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
}
