package dev.sightline.audit;

import dev.sightline.onnx.AttentionSite;

/** An attention whose probabilities can be read, and the tokens it is between. */
record Site(AttentionSite attention, Axis queries, Axis keys) {
  boolean isSelf() {
    return queries.equals(keys);
  }

  int layer() {
    return attention.layer();
  }
}
