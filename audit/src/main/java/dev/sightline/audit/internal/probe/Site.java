package dev.sightline.audit.internal.probe;

import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.inventory.AttentionSite;

/** An attention whose probabilities can be read, and the tokens it is between. */
public record Site(AttentionSite attention, TokenAxis queries, TokenAxis keys) {
  public boolean isSelf() {
    return queries.equals(keys);
  }

  public int layer() {
    return attention.layer();
  }
}
