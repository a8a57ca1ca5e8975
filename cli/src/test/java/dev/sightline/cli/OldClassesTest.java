package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OldClassesTest {
  @TempDir private Path folder;

  /** Java verifies a class when it is initialised, and refuses one whose stack maps are wrong. */
  @Test
  void theCopyOfPicocli_hasEveryClass_andJavaTakesThem() throws Exception {
    Path copy = folder.resolve("picocli.jar");
    OldClasses.main(new String[] {copy.toString()});

    List<String> names = classes(copy);
    assertThat(names)
        .isEqualTo(
            classes(
                Path.of(
                    CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI())))
        .contains("picocli/CommandLine.class");
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {copy.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      for (String name : names) {
        if (name.startsWith("picocli/")) {
          byte[] bytes = loader.getResourceAsStream(name).readAllBytes();
          assertThat(ClassFile.of().parse(bytes).majorVersion()).isGreaterThanOrEqualTo(52);
          String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
          assertThat(Class.forName(type, true, loader).getClassLoader()).isSameAs(loader);
        }
      }
    }
  }

  private static List<String> classes(Path jar) throws Exception {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")).toList();
    }
  }
}
