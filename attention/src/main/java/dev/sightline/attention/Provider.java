package dev.sightline.attention;

/** An implementation of the inner loops. */
public enum Provider {
  /** Plain loops, on any JVM. */
  SCALAR,
  /** The Vector API, module {@code jdk.incubator.vector}. */
  VECTOR
}
