package dev.sightline.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/**
 * The libraries and all that they depend on run on Java 21: this module sees them all. The goals
 * run on 17.
 */
class ClassFileLevelTest {
  private static final int JAVA_17 = 61;
  private static final int JAVA_21 = 65;

  @Test
  void classesOnTheClassPath_areOfJava21AtMost() throws IOException {
    List<String> newer = new ArrayList<>();
    TreeSet<String> own = new TreeSet<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      String name = path.toString().replace('\\', '/');
      if (name.contains("/sightline-") || name.endsWith("/classes")) {
        own.add(name);
      }
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
            require(file.toString(), Files.newInputStream(file), JAVA_21, newer);
          }
        }
      } else if (Files.isRegularFile(path)) {
        requireJar(path, newer);
      }
    }
    assertThat(newer).isEmpty();
    // tensor, mask, attention, onnx, data, audit, repair, heads, report, junit, and this one
    assertThat(own.size()).as(own.toString()).isGreaterThanOrEqualTo(11);
  }

  private static void requireJar(Path jar, List<String> newer) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        // Others are for the versions in their names.
        if (entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF/")) {
          require(jar + "!" + entry.getName(), zip.getInputStream(entry), JAVA_21, newer);
        }
      }
    }
  }

  @Test
  void goals_areOfJava17() throws IOException {
    List<String> newer = new ArrayList<>();
    for (Class<?> of : List.of(AbstractModelMojo.class, AuditMojo.class, RepairMojo.class)) {
      InputStream in = of.getResourceAsStream(of.getSimpleName() + ".class");
      require(of.getName(), java.util.Objects.requireNonNull(in), JAVA_17, newer);
    }
    assertThat(newer).isEmpty();
  }

  private static void require(String name, InputStream in, int most, List<String> newer)
      throws IOException {
    try (DataInputStream data = new DataInputStream(in)) {
      data.skipNBytes(6);
      int major = data.readUnsignedShort();
      if (major > most) {
        newer.add(name + " is of " + major);
      }
    }
  }
}
