package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;
import dev.sightline.tensor.ElementType;

/** Outputs with a vector for each token, of no model. */
public final class TokenOutputs {
  private TokenOutputs() {}

  /**
   * An output {@code [B, S, D]} of the first stream or, with another axis of tokens, {@code [B, D,
   * S]}.
   */
  public static Output of(String name, int axis) {
    return new Output(
        name,
        0,
        0,
        axis,
        Output.NONE,
        0,
        FrameCounts.ONE_PER_TOKEN,
        ElementType.FLOAT32,
        OutputKind.EMBEDDING,
        Pooling.MEAN);
  }
}
