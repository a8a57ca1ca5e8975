package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditReportTest {
  private static final AuditReport REPORT = AuditReport.of(Fixtures.failed("a cat"), "audit it");

  @Test
  void report_ofTheSameResult_isTheSame() {
    AuditReport again = AuditReport.of(Fixtures.failed("a cat"), "audit it");
    assertThat(again.json()).isEqualTo(REPORT.json());
    assertThat(again.html()).isEqualTo(REPORT.html());
  }

  @Test
  void writeTo_makesTheDirectoryAndBothFilesAndNothingElse(@TempDir Path temp) throws IOException {
    Path directory = temp.resolve("a").resolve("b");
    Path page = REPORT.writeTo(directory);
    assertThat(page).isEqualTo(directory.resolve("report.html"));
    assertThat(page).hasContent(REPORT.html());
    assertThat(directory.resolve("report.json")).hasContent(REPORT.json());
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void writeTo_replacesAnEarlierReport(@TempDir Path temp) throws IOException {
    AuditReport.of(Fixtures.withoutMask(), "").writeTo(temp);
    REPORT.writeTo(temp);
    assertThat(temp.resolve("report.html")).hasContent(REPORT.html());
  }

  @Test
  void writeTo_aFile_saysThatADirectoryIsNeeded(@TempDir Path temp) throws IOException {
    Path file = Files.writeString(temp.resolve("out"), "mine");
    assertThatThrownBy(() -> REPORT.writeTo(file))
        .isInstanceOf(IOException.class)
        .hasMessage("the report needs a directory, but '" + file + "' is a file; name another one");
    assertThat(file).hasContent("mine");
  }

  @Test
  void writeTo_belowAFile_namesBoth(@TempDir Path temp) throws IOException {
    Path file = Files.writeString(temp.resolve("out"), "mine");
    assertThatThrownBy(() -> REPORT.writeTo(file.resolve("report")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "the report cannot be written to '" + file.resolve("report") + "': ");
  }

  @Test
  void writeJunit_makesItsDirectory(@TempDir Path temp) throws IOException {
    Path file = temp.resolve("ci").resolve("audit.xml");
    REPORT.writeJunit(file);
    assertThat(file).hasContent(REPORT.junit());
    assertThatThrownBy(() -> REPORT.writeJunit(temp))
        .isInstanceOf(IOException.class)
        .hasMessage("JUnit XML needs a file, but '" + temp + "' is a directory");
  }
}
