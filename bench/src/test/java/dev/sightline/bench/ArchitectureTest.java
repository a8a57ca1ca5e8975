package dev.sightline.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checks the dependencies between all modules and packages. It is a test of bench because bench is
 * the only module that no other module depends on.
 */
class ArchitectureTest {
  private static final String ROOT = "dev.sightline.";

  /** For each module, the modules that it may depend on. A new module needs an entry here. */
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          entry("tensor"),
          entry("mask"),
          entry("attention", "tensor", "mask"),
          entry("onnx", "tensor"),
          entry("data", "tensor", "onnx"),
          entry("audit", "data", "mask", "onnx", "tensor"),
          entry("repair", "audit", "data", "mask", "onnx", "tensor"),
          entry("heads", "data", "onnx", "tensor"),
          entry("lab", "attention", "mask", "onnx", "tensor"),
          entry(
              "report",
              "repair",
              "attention",
              "audit",
              "heads",
              "lab",
              "mask",
              "data",
              "onnx",
              "tensor"),
          entry("junit", "report", "audit", "onnx"),
          entry("web", "report", "attention", "mask"),
          entry(
              "cli",
              "web",
              "report",
              "repair",
              "audit",
              "heads",
              "lab",
              "attention",
              "mask",
              "data",
              "onnx",
              "tensor"),
          entry(
              "bench",
              "report",
              "repair",
              "audit",
              "heads",
              "attention",
              "mask",
              "data",
              "onnx",
              "tensor"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("dev.sightline");

  private static final Map<String, ModuleDescriptor> DESCRIPTORS = descriptors();

  @Test
  void everyModuleIsChecked() {
    assertThat(CLASSES.stream().map(ArchitectureTest::module).collect(toSet()))
        .isEqualTo(MAY_KNOW.keySet());
    Set<String> described = new TreeSet<>(MAY_KNOW.keySet());
    described.removeAll(Set.of("cli", "bench"));
    assertThat(DESCRIPTORS).containsOnlyKeys(described);
  }

  @Test
  void aModuleKnowsOnlyTheModulesBelowIt() {
    assertThat(
            between()
                .filter(dependency ->
                    !MAY_KNOW
                        .getOrDefault(module(dependency.getOriginClass()), Set.of())
                        .contains(module(dependency.getTargetClass())))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  /** A package that is not exported to all is for the modules that its module-info names. */
  @Test
  void aModuleUsesOnlyPackagesThatAreExportedToIt() {
    assertThat(
            between()
                .filter(dependency ->
                    !isExported(dependency.getTargetClass(), module(dependency.getOriginClass())))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @Test
  void internalPackagesAreNotExportedToAll() {
    assertThat(
            DESCRIPTORS.values().stream()
                .flatMap(descriptor -> descriptor.exports().stream())
                .filter(export -> export.source().contains(".internal") && !export.isQualified()))
        .isEmpty();
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("dev.sightline.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void aPackageIsInOneModule() {
    Map<String, Set<String>> places =
        CLASSES.stream()
            .collect(
                Collectors.groupingBy(
                    JavaClass::getPackageName,
                    TreeMap::new,
                    mapping(ArchitectureTest::place, toSet())));
    assertThat(places).allSatisfy((name, found) -> assertThat(found).as(name).hasSize(1));
  }

  /** Every use of a class of another module. */
  private static Stream<Dependency> between() {
    return CLASSES.stream()
        .flatMap(origin -> origin.getDirectDependenciesFromSelf().stream())
        .filter(dependency -> dependency.getTargetClass().getPackageName().startsWith(ROOT))
        .filter(dependency ->
            !module(dependency.getOriginClass()).equals(module(dependency.getTargetClass())));
  }

  private static boolean isExported(JavaClass target, String user) {
    ModuleDescriptor descriptor = DESCRIPTORS.get(module(target));
    return descriptor != null
        && descriptor.exports().stream()
            .filter(export -> export.source().equals(target.getPackageName()))
            .anyMatch(export -> !export.isQualified() || export.targets().contains(ROOT + user));
  }

  private static String module(JavaClass type) {
    return type.getPackageName().substring(ROOT.length()).replaceFirst("[.].*", "");
  }

  /** The directory or jar that a class was read from. */
  private static String place(JavaClass type) {
    URI uri = type.getSource().orElseThrow().getUri();
    String file = type.getName().replace('.', '/') + ".class";
    return uri.toString().replaceFirst(Pattern.quote(file) + "$", "");
  }

  /** The module-infos on the class path, by the short name of the module. */
  private static Map<String, ModuleDescriptor> descriptors() {
    List<Path> places =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(path ->
                Files.exists(path.resolve("module-info.class"))
                    || path.getFileName().toString().matches("sightline-.*[.]jar"))
            .toList();
    return ModuleFinder.of(places.toArray(Path[]::new)).findAll().stream()
        .map(ModuleReference::descriptor)
        .filter(descriptor -> descriptor.name().startsWith(ROOT) && !descriptor.isAutomatic())
        .collect(
            Collectors.toMap(
                descriptor -> descriptor.name().substring(ROOT.length()),
                descriptor -> descriptor));
  }

  private static Map.Entry<String, Set<String>> entry(String module, String... mayKnow) {
    return Map.entry(module, Set.of(mayKnow));
  }
}
