package dev.sightline.attention.internal.kernel;

import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;

/**
 * The kernels of this JVM, and the choice between them, made once. The system property {@code
 * sightline.kernel} ({@code scalar} or {@code vector}) forces one, {@code sightline.vector.bits}
 * (128, 256 or 512) the width of the vectors.
 */
public final class Kernels {
  static final String KERNEL = "sightline.kernel";
  static final String BITS = "sightline.vector.bits";
  private static final int VECTORS_SINCE = 25;
  private static final String FLAG = "--add-modules jdk.incubator.vector";

  /**
   * The kernel that is used unless the caller names one.
   *
   * @param vector whether it is on the Vector API
   * @param reason why, in a sentence without a full stop
   */
  public record Choice(Kernel kernel, boolean vector, String reason) {}

  /** Initialised at first use, under the class loader's own lock. */
  private static final class Holder {
    static final Choice CHOSEN = choose();
  }

  private Kernels() {}

  /**
   * Returns the choice for this JVM.
   *
   * @throws IllegalArgumentException if a system property asks for a kernel that does not exist or
   *     cannot run
   */
  public static Choice chosen() {
    try {
      return Holder.CHOSEN;
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      // The first caller gets the message of a bad property, and so must every later one.
      return choose();
    }
  }

  /** Returns the kernel in plain loops. */
  public static Kernel scalar() {
    return new ScalarKernel();
  }

  /**
   * Returns the kernel on the Vector API.
   *
   * @throws IllegalArgumentException if this JVM has none
   */
  public static Kernel vector() {
    moduleMissing()
        .ifPresent(why -> {
          throw new IllegalArgumentException("the vector kernel cannot be used: " + why);
        });
    return chosen().vector() ? chosen().kernel() : loadVector();
  }

  private static Choice choose() {
    String forced = System.getProperty(KERNEL, "").toLowerCase(Locale.ROOT);
    switch (forced) {
      case "scalar" -> {
        return scalar("system property " + KERNEL);
      }
      case "vector" -> {
        moduleMissing()
            .ifPresent(why -> {
              throw new IllegalArgumentException(KERNEL + "=vector cannot be used: " + why);
            });
        return vector("system property " + KERNEL);
      }
      case "" -> {}
      default ->
          throw new IllegalArgumentException(
              "system property " + KERNEL + " must be scalar or vector, but is \"" + forced + "\"");
    }
    Optional<String> obstacle = moduleMissing().or(Kernels::noCompiler);
    if (obstacle.isPresent()) {
      System.getLogger("dev.sightline.attention")
          .log(Level.WARNING, "the slow scalar kernel is used: " + obstacle.get());
      return scalar(obstacle.get());
    }
    Choice vector = vector("the Vector API and C2 are available");
    if (vector.kernel().width() < 8) {
      String narrow = "vectors of this machine are narrower than 128 bits";
      System.getLogger("dev.sightline.attention")
          .log(Level.WARNING, "the slow scalar kernel is used: " + narrow);
      return scalar(narrow);
    }
    return vector;
  }

  private static Choice scalar(String reason) {
    return new Choice(scalar(), false, reason);
  }

  private static Choice vector(String reason) {
    return new Choice(loadVector(), true, reason);
  }

  private static Optional<String> moduleMissing() {
    // Compiled against the Vector API of this version, which is no standard yet and changes.
    if (Runtime.version().feature() < VECTORS_SINCE) {
      return Optional.of(
          "it needs Java " + VECTORS_SINCE + ", and this is " + Runtime.version().feature());
    }
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Optional.empty()
        : Optional.of("module jdk.incubator.vector is not loaded; start java with " + FLAG);
  }

  /** Without C2 every vector is an object, and the vector kernel slower than the scalar one. */
  private static Optional<String> noCompiler() {
    String vm = System.getProperty("java.vm.name", "");
    if (!vm.contains("Server VM")) {
      return Optional.of("the Vector API is fast on HotSpot's server VM only, and this is " + vm);
    }
    if (System.getProperty("java.vm.info", "").contains("interpreted")) {
      return Optional.of("this JVM only interprets (-Xint)");
    }
    var options =
        ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class);
    if (!option(options, "TieredStopAtLevel").equals("4")) {
      return Optional.of("C2 is switched off (-XX:TieredStopAtLevel)");
    }
    if (option(options, "UseJVMCICompiler").equals("true")) {
      return Optional.of("a JVMCI compiler replaces C2 (-XX:+UseJVMCICompiler)");
    }
    return Optional.empty();
  }

  private static String option(com.sun.management.HotSpotDiagnosticMXBean options, String name) {
    try {
      return options.getVMOption(name).getValue();
    } catch (IllegalArgumentException absent) {
      // A JVM built without the compiler does not know its options.
      return "";
    }
  }

  /** Loaded by name, so that this class loads without the module. */
  private static Kernel loadVector() {
    try {
      return Class.forName("dev.sightline.attention.internal.kernel.VectorKernel")
          .asSubclass(Kernel.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the vector kernel does not load", e);
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof IllegalArgumentException bad) {
        throw bad;
      }
      throw e;
    }
  }
}
