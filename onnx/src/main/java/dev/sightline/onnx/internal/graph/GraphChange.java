package dev.sightline.onnx.internal.graph;

/**
 * A change of a graph, for people.
 *
 * @param operator the operator of the node
 * @param node the name of the node
 * @param detail what is special about it: of a rewired node the operand, before and after; empty
 *     for nothing
 */
public record GraphChange(Kind kind, String operator, String node, String detail) {
  /** What happened to a node. */
  public enum Kind {
    /** The node is new. */
    ADDED,
    /** The node is gone: nothing reads it any more. */
    REMOVED,
    /** The node reads another tensor, or has another attribute. */
    REWIRED
  }
}
