package dev.sightline.onnx.inventory;

import java.util.List;

/**
 * The inventory of a model's attentions.
 *
 * @param found in order of execution
 * @param rejected what looked like an attention and was not taken as one
 */
public record AttentionSites(List<AttentionSite> found, List<Rejected> rejected) {
  public AttentionSites {
    found = List.copyOf(found);
    rejected = List.copyOf(rejected);
  }

  /** A node that was not taken as an attention, and why. */
  public record Rejected(String node, String reason) {}
}
