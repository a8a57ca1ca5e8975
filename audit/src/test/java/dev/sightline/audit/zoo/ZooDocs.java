package dev.sightline.audit.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** docs/zoo.md, of which each test of the zoo writes its own sections. */
public final class ZooDocs {
  /** The heading after the sections of {@code ZooAuditTest}. */
  public static final String STEPS = "## Steps with a cache";

  /** The heading after the section of {@code CacheAuditTest}. */
  public static final String REPAIRS = "## Repairs";

  private ZooDocs() {}

  /**
   * Compares sections with those in the docs; with {@code -Dsightline.writeDocs=true} it writes
   * them first.
   *
   * @param from how the sections begin
   * @param until the heading after them
   * @param sections all of them, with their headings
   */
  public static void requireSections(String from, String until, String sections)
      throws IOException {
    Path docs = Path.of("..", "docs", "zoo.md");
    String text = Files.readString(docs);
    int end = text.indexOf(until);
    int begin = text.indexOf(from);
    String before = text.substring(0, begin < 0 ? end : begin);
    String after = text.substring(end);
    if (Boolean.getBoolean("sightline.writeDocs")) {
      Files.writeString(docs, before + sections + "\n" + after);
    }
    assertThat(Files.readString(docs)).isEqualTo(before + sections + "\n" + after);
  }
}
