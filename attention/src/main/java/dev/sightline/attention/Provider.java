package dev.sightline.attention;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.Kernels;

/**
 * An implementation of the inner loops. The system property {@code sightline.kernel} ({@code
 * scalar} or {@code vector}) sets the preferred one, {@code sightline.vector.bits} (128, 256 or
 * 512) the width of its vectors.
 */
public enum Provider {
  /** Plain loops, on any JVM. */
  SCALAR,
  /** The Vector API, module {@code jdk.incubator.vector}. */
  VECTOR;

  /**
   * {@return the provider of plans whose options name none} It is chosen once for the JVM: the
   * vectors where they are fast.
   *
   * @throws IllegalArgumentException if a system property asks for a kernel that does not exist or
   *     cannot run
   */
  public static Provider preferred() {
    return Kernels.chosen().vector() ? VECTOR : SCALAR;
  }

  /**
   * {@return why {@link #preferred} is the one, in a sentence without a full stop}
   *
   * @throws IllegalArgumentException as {@link #preferred}
   */
  public static String whyPreferred() {
    return Kernels.chosen().reason();
  }

  /**
   * {@return the kernel in words, such as {@code vector, 256 bits}}
   *
   * @throws IllegalArgumentException if this JVM has no such kernel
   */
  public String description() {
    return kernel().description();
  }

  Kernel kernel() {
    return this == SCALAR ? Kernels.scalar() : Kernels.vector();
  }
}
