package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Attention;
import dev.sightline.attention.Provider;
import dev.sightline.audit.Audit;
import dev.sightline.data.Sample;
import dev.sightline.heads.HeadRun;
import dev.sightline.lab.result.LabRun;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.repair.MaskGraph;
import dev.sightline.report.AuditReport;
import dev.sightline.tensor.Shape;
import dev.sightline.web.RunningWorkbench;
import dev.sightline.web.Workbench;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs commands in a Java process that has all modules of Sightline, and what they require, on its
 * module path. All other tests have everything on the class path, where a missing {@code requires}
 * or {@code exports} is no error.
 */
class ModulePathTest {
  private static final String ROOT = "dev.sightline.";

  @Test
  void commands_workWithEveryModuleOnTheModulePath(@TempDir Path folder) throws Exception {
    List<Path> classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(Files::exists)
            .toList();
    Map<String, Path> modules = modules(classPath);
    Set<String> own =
        modules.keySet().stream().filter(name -> name.startsWith(ROOT)).collect(Collectors.toSet());
    assertThat(own).hasSize(11);

    Path log = folder.resolve("log.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED,ai.djl.tokenizers,com.microsoft.onnxruntime",
                "--add-modules=jdk.incubator.vector," + String.join(",", own),
                "--module-path=" + joined(modules.values().stream()),
                "--class-path="
                    + joined(classPath.stream().filter(path -> !modules.containsValue(path)))));
    command.addAll(exportsToTheCommandLine(classPath));
    command.addAll(List.of(Commands.class.getName(), folder.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int code = process.waitFor();
    String printed = Files.readString(log);

    assertThat(code).as(printed).isZero();
    own.forEach(name -> assertThat(printed).contains("in module " + name + "\n"));
    assertThat(printed).contains("vector kernel: ").doesNotContain("PROBLEM");
    assertThat(folder.resolve("report.html")).content().startsWith("<!DOCTYPE html>");
    assertThat(folder.resolve("report.json")).content().startsWith("{");
    assertThat(folder.resolve("mask.png")).isNotEmptyFile();
  }

  /** The modules of Sightline and all that they require, by name. */
  private static Map<String, Path> modules(List<Path> classPath) {
    Map<String, ModuleReference> found = new HashMap<>();
    for (ModuleReference module : ModuleFinder.of(classPath.toArray(Path[]::new)).findAll()) {
      found.put(module.descriptor().name(), module);
    }
    Deque<String> open =
        found.values().stream()
            .map(ModuleReference::descriptor)
            .filter(module -> module.name().startsWith(ROOT) && !module.isAutomatic())
            .map(ModuleDescriptor::name)
            .collect(Collectors.toCollection(ArrayDeque::new));
    Map<String, Path> needed = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      String name = open.pop();
      ModuleReference module = found.get(name);
      if (module != null && needed.put(name, Path.of(module.location().orElseThrow())) == null) {
        module.descriptor().requires().forEach(required -> open.push(required.name()));
      }
    }
    return needed;
  }

  /**
   * What modules export to the command line alone: it is no module, so its name gives it nothing.
   */
  private static List<String> exportsToTheCommandLine(List<Path> classPath) {
    return ModuleFinder.of(classPath.toArray(Path[]::new)).findAll().stream()
        .map(ModuleReference::descriptor)
        .filter(module -> module.name().startsWith(ROOT))
        .flatMap(module ->
            module.exports().stream()
                .filter(export -> export.targets().contains(ROOT + "cli"))
                .map(export ->
                    "--add-exports=" + module.name() + "/" + export.source() + "=ALL-UNNAMED"))
        .toList();
  }

  private static String joined(Stream<Path> paths) {
    return paths.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** What the process runs; the command line itself is no module. */
  static final class Commands {
    private Commands() {}

    public static void main(String[] args) throws IOException {
      for (Class<?> type :
          List.of(
              Shape.class,
              Mask.class,
              Attention.class,
              Model.class,
              Sample.class,
              Audit.class,
              MaskGraph.class,
              HeadRun.class,
              LabRun.class,
              AuditReport.class,
              Workbench.class)) {
        System.out.println(type.getSimpleName() + " is in module " + type.getModule().getName());
      }
      System.out.println("vector kernel: " + Provider.VECTOR.description());
      String folder = args[0];
      try (RunningWorkbench running =
          Workbench.with(words -> new ProcessBuilder("false")).port(0).start()) {
        System.out.println("workbench at " + running.port());
      }
      run("doctor");
      run("mask", "show", "causal", "--q", "8", "--format", "png", "-o", folder + "/mask.png");
      run("mask", "convert", "causal", "--to", "onnx-graph", "-o", folder + "/mask.onnx");
      run("audit", "tiny-gpt", "--text", "Go", "--out", folder);
    }

    private static void run(String... args) {
      int code = Sightline.commandLine().execute(args);
      if (code != Sightline.FINE) {
        System.exit(code);
      }
    }
  }
}
