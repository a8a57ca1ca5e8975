package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;

/** Pools the vectors of a text's tokens as they come; its length is arbitrary, its angle is not. */
final class Embedding {
  private final Pooling pooling;
  private final double[] vector;

  /**
   * An embedding of no token yet.
   *
   * @param pooling one that {@linkplain Pooling#takesRealTokensOnly takes real tokens only}
   * @param size values of a vector
   */
  Embedding(Pooling pooling, int size) {
    this.pooling = pooling;
    this.vector = new double[size];
  }

  /**
   * Adds a token.
   *
   * @param token its index, from 0
   * @param count how many tokens the text has
   */
  void add(int token, int count, double[] values) {
    double weight =
        switch (pooling) {
          case FIRST -> token == 0 ? 1 : 0;
          case LAST -> token == count - 1 ? 1 : 0;
          case WEIGHTED_MEAN -> token + 1;
          default -> 1;
        };
    for (int d = 0; weight != 0 && d < vector.length; d++) {
      vector[d] =
          pooling == Pooling.MAX && token > 0
              ? Math.max(vector[d], values[d])
              : vector[d] + weight * values[d];
    }
  }

  double[] vector() {
    return vector;
  }
}
