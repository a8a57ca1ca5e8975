package dev.sightline.onnx;

import java.util.Arrays;

/** Tokens that are vectors: embeddings, features or columns of an image. Immutable. */
public final class Vectors implements Tokens {
  private final int size;
  private final float[] values;

  private Vectors(int size, float[] values) {
    this.size = size;
    this.values = values;
  }

  /**
   * Returns tokens from their vectors.
   *
   * @param size number of floats in each vector
   * @param values {@code [L, size]} in row-major order; copied
   * @return L tokens
   * @throws IllegalArgumentException if the number of values is not a multiple of the size
   */
  public static Vectors of(int size, float[] values) {
    if (size < 1 || values.length % size != 0) {
      throw new IllegalArgumentException(
          values.length + " values do not make vectors of " + size + " floats");
    }
    return new Vectors(size, values.clone());
  }

  @Override
  public int length() {
    return values.length / size;
  }

  /**
   * Returns the size of a vector.
   *
   * @return number of floats
   */
  public int size() {
    return size;
  }

  /**
   * Returns one element of a token's vector.
   *
   * @param token index from 0
   * @param element index in the vector, from 0
   * @return the value
   */
  public float value(int token, int element) {
    return values[token * size + element];
  }

  /**
   * Returns the largest absolute value, a bound for random vectors.
   *
   * @return 0 if there are no tokens
   */
  public float magnitude() {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Override
  public String spelling(int token) {
    return "vector " + token;
  }

  /**
   * Returns a part of the tokens.
   *
   * @param from the first token
   * @param to one past the last token
   * @return {@code to - from} tokens, copied
   */
  public Vectors slice(int from, int to) {
    return new Vectors(size, Arrays.copyOfRange(values, from * size, to * size));
  }

  @Override
  public String toString() {
    return "Vectors[" + length() + ", " + size + "]";
  }
}
