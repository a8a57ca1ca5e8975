package dev.sightline.junit.modulepath;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.junit.SightlineAssertions;
import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Asserts from a class of the class path, with the libraries and all that they require as modules.
 * Its package is none of theirs: a package is in one module.
 */
class ModulePathTest {
  private static final String JUNIT = "dev.sightline.junit";

  @Test
  void anAssertion_worksWithTheLibrariesOnTheModulePath(@TempDir Path folder) throws Exception {
    Path model = folder.resolve("model.onnx");
    Files.write(model, Zoo.model(Architecture.ENCODER, Bug.NONE).bytes());
    List<Path> classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(Path::of)
            .filter(Files::exists)
            .toList();
    Map<String, Path> modules = modules(classPath);
    assertThat(modules).containsKeys(JUNIT, "dev.sightline.tensor", "dev.sightline.attention");

    Path log = folder.resolve("log.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED,ai.djl.tokenizers,com.microsoft.onnxruntime",
            "--add-modules=" + JUNIT,
            "--module-path=" + joined(modules.values().stream()),
            "--class-path="
                + joined(classPath.stream().filter(path -> !modules.containsValue(path))),
            Program.class.getName(),
            model.toString());
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();

    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    assertThat(log).content().contains("obeyed, from module " + JUNIT);
  }

  /** The libraries and all that they require, by name. */
  private static Map<String, Path> modules(List<Path> classPath) {
    ModuleFinder finder = ModuleFinder.of(classPath.toArray(Path[]::new));
    Deque<String> open = new ArrayDeque<>(List.of(JUNIT));
    Map<String, Path> needed = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      Optional<ModuleReference> module = finder.find(open.pop());
      if (module.isPresent()) {
        ModuleDescriptor descriptor = module.get().descriptor();
        Path place = Path.of(module.get().location().orElseThrow());
        if (needed.put(descriptor.name(), place) == null) {
          descriptor.requires().forEach(required -> open.push(required.name()));
        }
      }
    }
    return needed;
  }

  private static String joined(Stream<Path> paths) {
    return paths.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** What the process runs. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      SightlineAssertions.assertThatModel(Path.of(args[0])).obeys("padding");
      System.out.println("obeyed, from module " + SightlineAssertions.class.getModule().getName());
      System.exit(0);
    }
  }
}
