package dev.sightline.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Copies picocli's jar with stack maps in its classes. They are in the format of Java 5, which has
 * none: Java verifies such classes slowly at each start and keeps none of them in its cache. The
 * launcher makes the copy beside the cache.
 */
final class OldClasses {
  /**
   * The first version whose classes Java keeps, and the first with stack maps that must be right.
   */
  private static final int WITH_STACK_MAPS = ClassFile.JAVA_8_VERSION;

  private OldClasses() {}

  /**
   * Writes the copy.
   *
   * @param args the jar to write
   */
  public static void main(String[] args) throws IOException, URISyntaxException {
    Path picocli =
        Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    copy(picocli, Path.of(args[0]));
  }

  static void copy(Path from, Path to) throws IOException {
    try (ZipFile in = new ZipFile(from.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
      out.setLevel(0); // read at each start
      ClassHierarchyResolver own =
          ClassHierarchyResolver.ofResourceParsing(type -> open(in, type))
              .orElse(ClassHierarchyResolver.defaultResolver())
              .cached();
      ClassFile format =
          ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(own));
      for (Enumeration<? extends ZipEntry> all = in.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        if (entry.getName().endsWith(".class")) {
          try (InputStream bytes = in.getInputStream(entry)) {
            out.putNextEntry(new ZipEntry(entry.getName()));
            out.write(renewed(format, bytes.readAllBytes()));
            out.closeEntry();
          }
        }
      }
    }
  }

  private static @Nullable InputStream open(ZipFile jar, ClassDesc type) {
    String name = type.descriptorString();
    ZipEntry entry = jar.getEntry(name.substring(1, name.length() - 1) + ".class");
    try {
      return entry == null
          ? null
          : new ByteArrayInputStream(jar.getInputStream(entry).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] renewed(ClassFile format, byte[] bytes) {
    ClassModel model = format.parse(bytes);
    if (model.majorVersion() >= WITH_STACK_MAPS) {
      return bytes;
    }
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(WITH_STACK_MAPS, 0);
          } else {
            builder.with(element);
          }
        };
    return format.transformClass(
        model, version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
  }
}
