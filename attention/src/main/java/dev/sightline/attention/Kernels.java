package dev.sightline.attention;

import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;

/**
 * Which kernel this JVM uses, decided once, and why. The system property {@code sightline.kernel}
 * ({@code scalar} or {@code vector}) forces a provider, {@code sightline.vector.bits} (128, 256 or
 * 512) the width of the vectors.
 */
public final class Kernels {
  static final String KERNEL = "sightline.kernel";
  static final String BITS = "sightline.vector.bits";
  private static final String FLAG = "--add-modules jdk.incubator.vector";

  /**
   * A decision.
   *
   * @param provider what is used
   * @param kernel the kernel in words, such as {@code vector, 256 bits}
   * @param reason why, in a sentence without an end
   */
  public record Choice(Provider provider, String kernel, String reason) {}

  private record Chosen(Kernel kernel, Choice choice) {}

  /** Loaded when first asked for, by the class loader's own lock. */
  private static final class Holder {
    static final Chosen CHOSEN = choose();
  }

  private Kernels() {}

  /**
   * What plans use unless told otherwise.
   *
   * @throws IllegalArgumentException if a system property forces what does not exist or cannot run
   */
  public static Choice choice() {
    return chosen().choice();
  }

  static Kernel kernel() {
    return chosen().kernel();
  }

  private static Chosen chosen() {
    try {
      return Holder.CHOSEN;
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      // The first asker gets the message of a bad property, and so must every later one.
      return choose();
    }
  }

  /**
   * What plans use whose options name a provider.
   *
   * @throws IllegalArgumentException if this JVM has none
   */
  public static Choice choice(Provider provider) {
    return new Choice(provider, of(provider).description(), "asked for");
  }

  /**
   * The kernel of a provider. Whoever names one is not told what would have been chosen, and why.
   *
   * @throws IllegalArgumentException if this JVM has none
   */
  static Kernel of(Provider provider) {
    if (provider == Provider.SCALAR) {
      return new ScalarKernel();
    }
    moduleMissing()
        .ifPresent(why -> {
          throw new IllegalArgumentException("the vector kernel cannot be used: " + why);
        });
    return provider == kernelProvider() ? kernel() : vector();
  }

  private static Provider kernelProvider() {
    return chosen().choice().provider();
  }

  private static Chosen choose() {
    String forced = System.getProperty(KERNEL, "").toLowerCase(Locale.ROOT);
    switch (forced) {
      case "scalar" -> {
        return scalar("system property " + KERNEL);
      }
      case "vector" -> {
        moduleMissing()
            .ifPresent(why -> {
              throw new IllegalArgumentException(KERNEL + "=vector cannot be had: " + why);
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
    Chosen vector = vector("the Vector API and C2 are there");
    if (vector.kernel().width() < 8) {
      String narrow = "vectors of this machine are narrower than 128 bits";
      System.getLogger("dev.sightline.attention")
          .log(Level.WARNING, "the slow scalar kernel is used: " + narrow);
      return scalar(narrow);
    }
    return vector;
  }

  private static Chosen scalar(String reason) {
    Kernel kernel = new ScalarKernel();
    return new Chosen(kernel, new Choice(Provider.SCALAR, kernel.description(), reason));
  }

  private static Chosen vector(String reason) {
    Kernel kernel = vector();
    return new Chosen(kernel, new Choice(Provider.VECTOR, kernel.description(), reason));
  }

  private static Optional<String> moduleMissing() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Optional.empty()
        : Optional.of("start java with " + FLAG);
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
      return Optional.of("a JVMCI compiler stands in for C2 (-XX:+UseJVMCICompiler)");
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

  /** By name, so that this class loads where the module is not there. */
  private static Kernel vector() {
    try {
      return Class.forName("dev.sightline.attention.VectorKernel")
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
