package dev.sightline.repair.internal.graph;

import dev.sightline.mask.Mask;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.Parser;
import dev.sightline.mask.internal.expression.SampleBinder;
import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.tensor.ElementType;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/**
 * Writes a mask as nodes: booleans, {@code true} where a query may attend to a key. Sizes are those
 * of the run; a part that lists its tokens makes the runtime refuse any other number of them.
 *
 * <p>Every part becomes a tensor {@code [B, H, Lq, Lk]} in which an axis is 1 where it does not
 * matter, so that a padding mask costs no more than its tokens until it meets a causal one.
 */
public final class MaskNodes {
  private final Nodes nodes;
  private final MaskTensors tensors;

  /**
   * Masks of one attention, or of several with the same queries and keys.
   *
   * @param tensors what the masks are made of
   */
  public MaskNodes(Nodes nodes, MaskTensors tensors) {
    this.nodes = nodes;
    this.tensors = tensors;
  }

  /**
   * Adds a mask, bool {@code [B, H, Lq, Lk]}; B and H are 1 where all are alike.
   *
   * @throws IllegalArgumentException if it needs what the tensors do not have
   */
  public String add(Mask mask) {
    Frame frame = Frame.of(nodes, tensors);
    String shape =
        nodes.concat(0, nodes.vector(1, 1), frame.one(frame.queries()), frame.one(frame.keys()));
    return nodes.op("Expand", addBroadcast(mask), shape);
  }

  /**
   * Adds a mask whose last axis is Lk, and whose other axes are 1 where they do not matter.
   *
   * @throws IllegalArgumentException as {@link #add}
   */
  public String addOverKeys(Mask mask) {
    Frame frame = Frame.of(nodes, tensors);
    String shape = nodes.concat(0, nodes.vector(1, 1, 1), frame.one(frame.keys()));
    return nodes.op("Expand", addBroadcast(mask), shape);
  }

  /** Adds a mask whose axes are 1 where they do not matter. */
  private String addBroadcast(Mask mask) {
    // The text form is the one way from a mask to its expression that needs no access to it.
    Node node = Parser.parse(mask.toString());
    Frame frame = Frame.of(nodes, tensors);
    boolean ofAllTokens = tensors.sameTokens() && !SampleBinder.saysCorner(node);
    return allowed(node, ofAllTokens ? frame.joint() : frame, true);
  }

  private String allowed(Node node, Frame frame, boolean hasSample) {
    return switch (node) {
      case Node.Leaf leaf -> {
        if (leaf.kind() instanceof OfSample part) {
          if (!hasSample) {
            throw new IllegalArgumentException(
                part.text() + " is about a sample, which a mask after a cached prefix is not");
          }
          yield new SampleNodes(nodes, tensors).allowed(part, frame);
        }
        yield new KindNodes(nodes, tensors).allowed(leaf.kind(), frame);
      }
      case Node.Step step -> allowed(step.joint(), frame.joint(), hasSample);
      case Node.Cached cached -> cached(cached.prefix(), cached.suffix(), frame);
      case Node.And and -> all(and.parts(), frame, hasSample, nodes::and);
      case Node.Or or -> all(or.parts(), frame, hasSample, nodes::or);
      case Node.Not not -> nodes.not(allowed(not.part(), frame, hasSample));
      case Node.PerBatch per -> each(per.rows(), 0, frame, hasSample);
      case Node.PerHead per -> each(per.heads(), 1, frame, hasSample);
    };
  }

  private String all(
      List<Node> parts, Frame frame, boolean hasSample, BinaryOperator<String> combined) {
    return parts.stream()
        .map(part -> allowed(part, frame, hasSample))
        .reduce(combined)
        .orElseThrow();
  }

  /** One mask for each index of an axis: where the index is its own, the mask. */
  private String each(List<Node> parts, int axis, Frame frame, boolean hasSample) {
    int count = parts.size();
    long[] dims = {1, 1, 1, 1};
    dims[axis] = count;
    String index =
        nodes.constant(
            ElementType.INT64, IntStream.range(0, count).mapToLong(n -> n).toArray(), dims);
    if (axis == 0) {
      index = new KindNodes(nodes, tensors).forBatch(index, count);
    }
    String any = "";
    for (int n = 0; n < count; n++) {
      String here =
          nodes.and(
              nodes.op("Equal", index, nodes.number(n)), allowed(parts.get(n), frame, hasSample));
      any = any.isEmpty() ? here : nodes.or(any, here);
    }
    return any;
  }

  private String cached(BitRows prefix, Node suffix, Frame frame) {
    int size = prefix.size();
    String isPrefix = nodes.op("Less", frame.j(), nodes.number(size));
    String after = allowed(suffix, frame.after(size), false);
    if (size == 0) {
      return after;
    }
    String last = nodes.number(size - 1);
    String within =
        nodes.op("Where", nodes.op("Less", frame.columns(), last), frame.columns(), last);
    String bits =
        new KindNodes(nodes, tensors)
            .constantOf(
                prefix.count(),
                size,
                (row, token) -> bit(prefix.ofRow(row), token),
                ElementType.BOOL);
    String real = nodes.reshape(nodes.gather(bits, within, 1), nodes.vector(0, 1, 1, -1));
    return nodes.or(nodes.and(isPrefix, real), nodes.and(nodes.not(isPrefix), after));
  }

  private static long bit(Bits bits, int token) {
    return bits.get(token) ? 1 : 0;
  }
}
