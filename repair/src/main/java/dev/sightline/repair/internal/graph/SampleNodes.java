package dev.sightline.repair.internal.graph;

import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.tensor.ElementType;

/** The parts of a mask that are about the tokens of a run, as nodes that read them. */
final class SampleNodes {
  private final Nodes nodes;
  private final MaskTensors tensors;

  SampleNodes(Nodes nodes, MaskTensors tensors) {
    this.nodes = nodes;
    this.tensors = tensors;
  }

  /** Where a part allows a pair. */
  String allowed(OfSample part, Frame frame) {
    return switch (part.fact()) {
      case PADDING -> nodes.and(realQueries(part, frame), frame.atColumns(tensors.realKeys(part)));
      case KEY_PADDING -> frame.atColumns(tensors.realKeys(part));
      case QUERY_PADDING -> realQueries(part, frame);
      case LENGTH -> {
        String real = nodes.cast(tensors.realKeys(part), ElementType.INT64);
        yield nodes.op(
            "Less", frame.j(), nodes.reshape(nodes.sum(real), nodes.vector(-1, 1, 1, 1)));
      }
      case PREFIX_BY_TYPE ->
          nodes.or(
              nodes.atMost(frame.j(), frame.joint().i()),
              nodes.op("Equal", frame.atColumns(tensors.types(part)), nodes.number(part.number())));
      case ISLANDS_BY_TYPE -> same(tensors.types(part), frame, true);
      case ISLANDS_BY_SPAN -> same(spans(tensors.types(part)), frame, true);
      case DOCUMENTS_BY_TYPE -> same(tensors.types(part), frame, false);
      case DOCUMENTS_BY_POSITION ->
          same(restarts(tensors.positions(part), tensors.realKeys(part)), frame, false);
      case CHUNK_AFTER_PADDING -> {
        String real = nodes.cast(tensors.realKeys(part), ElementType.INT64);
        String none = nodes.op("Equal", nodes.runningSum(real), nodes.number(0));
        String first = nodes.sum(nodes.cast(none, ElementType.INT64));
        yield new KindNodes(nodes, tensors)
            .chunkAfter(
                nodes.reshape(first, nodes.vector(-1, 1, 1, 1)), part.number(), frame.joint());
      }
      case CHUNK_BY_POSITION ->
          same(nodes.floor(tensors.positions(part), part.number()), frame, false);
      case MARKED -> frame.atColumns(tensors.marks(part));
      case GIVEN -> tensors.pairs(part);
    };
  }

  private String realQueries(OfSample part, Frame frame) {
    if (frame.square() || tensors.sameTokens()) {
      return frame.joint().atRows(tensors.realKeys(part));
    }
    String real = tensors.realQueries(part);
    return real == null ? nodes.bool(true) : frame.atRows(real);
  }

  /** Whether query and key have the same number, of the last rows where there are more keys. */
  private String same(String numbers, Frame frame, boolean zeroIsNone) {
    String query = frame.joint().atRows(numbers);
    String same = nodes.op("Equal", query, frame.atColumns(numbers));
    return zeroIsNone
        ? nodes.and(same, nodes.not(nodes.op("Equal", query, nodes.number(0))))
        : same;
  }

  /** Numbers the spans of equal types from 1 on; tokens of type 0 have 0. */
  private String spans(String types) {
    String first = nodes.op("Sub", nodes.slice(types, 0, 1), nodes.number(1));
    String before = nodes.concat(1, first, nodes.slice(types, 0, -1));
    String isNone = nodes.op("Equal", types, nodes.number(0));
    String begins = nodes.and(nodes.not(nodes.op("Equal", types, before)), nodes.not(isNone));
    String count = nodes.runningSum(nodes.cast(begins, ElementType.INT64));
    return nodes.op("Where", isNone, nodes.number(0), count);
  }

  /**
   * Numbers the documents: a real token begins one whose position is not above that of the real
   * token before it, wherever that is. The positions of the real tokens are put one after the
   * other, so that the one before is at the next lower place; padding goes to a place of its own.
   */
  private String restarts(String positions, String realKeys) {
    String real = nodes.cast(realKeys, ElementType.INT64);
    String rank = nodes.runningSum(real);
    String lowest = nodes.number(Long.MIN_VALUE);
    // Places 0 to Lk: 0 is before the first real token and takes the padding.
    String places = nodes.concat(1, nodes.slice(rank, 0, 1), rank);
    String empty = nodes.op("Mul", places, nodes.number(0));
    String all = nodes.op("Add", positions, nodes.op("Mul", real, nodes.number(0)));
    String packed = nodes.scatterElements(empty, nodes.op("Mul", rank, real), all);
    String previous =
        nodes.gatherElements(packed, nodes.op("Mul", nodes.op("Sub", rank, nodes.number(1)), real));
    String isFirst = nodes.op("Equal", rank, nodes.number(1));
    String last = nodes.op("Where", isFirst, lowest, previous);
    String begins = nodes.and(realKeys, nodes.atMost(all, last));
    return nodes.runningSum(nodes.cast(begins, ElementType.INT64));
  }
}
