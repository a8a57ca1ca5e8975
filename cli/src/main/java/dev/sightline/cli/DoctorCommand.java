package dev.sightline.cli;

import dev.sightline.attention.Provider;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.ModelSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sightline doctor}: checks what the other commands need. */
@Command(
    name = "doctor",
    description =
        "Check what the commands need: the JDK, the attention kernel, ONNX Runtime, the tokenizer,"
            + " the default model and the local Maven repository.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final String VECTOR_FLAG = "--add-modules jdk.incubator.vector";

  @Spec private CommandSpec spec;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  DoctorCommand() {}

  /** One check: returns what it found, or throws. */
  private interface Examination {
    String run() throws Exception;
  }

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watch()) {
      return examineAll();
    }
  }

  private int examineAll() {
    boolean healthy = examine("JDK", DoctorCommand::jdk);
    healthy &= examine("machine", DoctorCommand::machine);
    healthy &= examine("kernel", DoctorCommand::kernel);
    healthy &= examine("ONNX Runtime", () -> ModelSession.runtimeVersion() + " loads");
    healthy &= examine("model", DoctorCommand::defaultModel);
    healthy &= examine("Maven", DoctorCommand::maven);
    return healthy ? Sightline.FINE : Sightline.CANNOT_RUN;
  }

  private boolean examine(String what, Examination examination) {
    PrintWriter out = spec.commandLine().getOut();
    boolean fine;
    String finding;
    try {
      finding = examination.run();
      fine = true;
    } catch (Exception | LinkageError e) {
      finding = String.valueOf(e.getMessage());
      fine = false;
    }
    out.printf(Locale.ROOT, "%-8s %-13s %s%n", fine ? "ok" : "PROBLEM", what, finding);
    out.flush();
    return fine;
  }

  private static String jdk() {
    Runtime.Version version = Runtime.version();
    String name =
        version + " " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home");
    // JDK-8377811: G1 can corrupt data; the launcher uses another collector, an application may
    // not.
    boolean corrupts = version.feature() == 25 && version.interim() == 0 && version.update() < 3;
    if (corrupts) {
      throw new IllegalStateException(
          name + ": its G1 collector can corrupt data (JDK-8377811); use 25.0.3 or newer");
    }
    return name;
  }

  private static String machine() {
    return String.format(
        Locale.ROOT,
        "%d cores, heap up to %,d MB, %s %s",
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
  }

  private static String kernel() {
    return kernel(Provider.preferred(), Provider.whyPreferred());
  }

  /** Returns whether the vectors are used, and what to add where they are not. */
  static String kernel(Provider preferred, String reason) {
    return preferred == Provider.VECTOR
        ? preferred.description()
            + ", because "
            + reason
            + "; programs of your own need java "
            + VECTOR_FLAG
        : "the slow scalar one, not the vectors, because " + reason;
  }

  private static String defaultModel() throws IOException {
    String name = Catalog.load().models().getFirst().name();
    try (MavenArtifacts artifacts = new MavenArtifacts();
        LoadedModel loaded = Catalog.load().models().getFirst().load(artifacts);
        ModelSession session = loaded.model().session()) {
      Sample sample =
          new Sample(1, "", List.of(loaded.requireTokenizer().encode("How are you?", 16)));
      Batch batch =
          Batch.of(loaded.model().roles(), List.of(sample), loaded.padId())
              .withPadding(0, Padding.RIGHT, 8);
      List<String> outputs = loaded.model().outputs().stream().map(o -> o.name()).toList();
      session.run(batch.feed(), outputs);
      long started = System.nanoTime();
      session.run(batch.feed(), outputs);
      return String.format(
          Locale.ROOT,
          "%s loads, tokenizes and runs 8 tokens in %.1f ms",
          name,
          (System.nanoTime() - started) / 1e6);
    }
  }

  private static String maven() throws IOException {
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      Path repository = artifacts.localRepository();
      if (Files.exists(repository) && !Files.isWritable(repository)) {
        throw new IOException("the local repository " + repository + " is not writable");
      }
      return "models are kept in " + repository;
    }
  }
}
