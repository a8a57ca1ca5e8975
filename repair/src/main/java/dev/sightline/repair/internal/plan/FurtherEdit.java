package dev.sightline.repair.internal.plan;

import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.repair.internal.graph.Nodes;

/** A change of a model beside its masks, such as of the positions of its tokens. */
public interface FurtherEdit {
  /**
   * What was changed.
   *
   * @param what {@code positions} or {@code pooling}
   * @param node the name of the node that takes something else now, or that is new
   * @param was what it took
   * @param is what it takes now
   */
  record Change(String what, String node, String was, String is) {}

  /** Changes the model; the nodes are those of its masks, which share what they can. */
  Change apply(AttentionEdit edit, Nodes nodes);
}
