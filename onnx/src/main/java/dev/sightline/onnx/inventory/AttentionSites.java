package dev.sightline.onnx.inventory;

import java.util.List;

/**
 * The attentions of a model.
 *
 * @param found the attentions, in order of execution
 * @param rejected the nodes that resemble an attention but are not counted as one
 */
public record AttentionSites(List<AttentionSite> found, List<Rejected> rejected) {
  /** Copies both lists. */
  public AttentionSites {
    found = List.copyOf(found);
    rejected = List.copyOf(rejected);
  }

  /**
   * A node that is not counted as an attention.
   *
   * @param node the node's name in the graph
   * @param reason why it is not an attention, for people
   * @param isInBody whether it is the If, Loop or Scan whose body holds an attention
   */
  public record Rejected(String node, String reason, boolean isInBody) {}
}
