package dev.sightline.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar for clusters: what it must have, and what it must leave to Spark. */
class ShadedJarIT {
  @Test
  void theShadedJar_hasEachClassOnce_andNoneThatSparkHas() throws IOException {
    try (JarFile jar =
        new JarFile(Objects.requireNonNull(System.getProperty("sightline.spark.shaded")))) {
      List<String> entries =
          jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
      assertThat(entries)
          .contains(
              "dev/sightline/spark/SightlineSpark.class",
              "dev/sightline/shaded/protobuf/Message.class",
              "ai/onnx/proto/OnnxMl$ModelProto.class",
              "ai/onnxruntime/native/linux-x64/libonnxruntime.so");
      Set<String> once = new HashSet<>(entries);
      assertThat(entries).hasSameSizeAs(once);
      assertThat(once)
          .noneMatch(name -> name.startsWith("org/apache/spark/"))
          .noneMatch(name -> name.startsWith("scala/"))
          .noneMatch(name -> name.startsWith("com/google/protobuf/"))
          .noneMatch(name -> name.startsWith("com/fasterxml/jackson/"))
          .noneMatch(name -> name.startsWith("org/xerial/snappy/"))
          .noneMatch(name -> name.startsWith("com/github/luben/zstd/"))
          .noneMatch(name -> name.startsWith("org/slf4j/"))
          .noneMatch(name -> name.matches(".*(snappyjava|zstd-jni).*"));
    }
  }
}
