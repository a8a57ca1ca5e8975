package dev.sightline.onnx;

import java.util.Arrays;

/**
 * Tokens that are vectors already: embeddings, features of a picture, columns of an image.
 * Immutable.
 */
public final class Vectors implements Tokens {
  private final int size;
  private final float[] values;

  private Vectors(int size, float[] values) {
    this.size = size;
    this.values = values;
  }

  /**
   * Vectors one after another.
   *
   * @param size floats in each
   * @param values {@code [L, size]} in row-major order
   * @throws IllegalArgumentException if the values do not make whole vectors
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

  /** Floats in each vector. */
  public int size() {
    return size;
  }

  public float value(int token, int element) {
    return values[token * size + element];
  }

  /** The largest absolute value; what a made-up vector should not exceed. */
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

  /** The tokens from one to before another. */
  public Vectors slice(int from, int to) {
    return new Vectors(size, Arrays.copyOfRange(values, from * size, to * size));
  }

  @Override
  public String toString() {
    return "Vectors[" + length() + ", " + size + "]";
  }
}
