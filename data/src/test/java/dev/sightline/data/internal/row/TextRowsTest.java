package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextRowsTest {
  @TempDir Path folder;

  @Test
  void plainLines_areTexts_andBlankOnesAreNone() throws IOException {
    assertThat(rows("a.txt", "first\r\n\n  \n second \nlast"))
        .containsExactly(text(1, "first"), text(4, "second"), text(5, "last"));
  }

  @Test
  void jsonLines_giveTheirText_andBadOnesAreNamed() throws IOException {
    String lines =
        """
        {"text": "fine", "id": 7}
        {"text": 3}
        ["text"]
        {"text": ""}
        {"text": "cut
        {"text": "fine again"}
        """;

    List<Row> rows = rows("a.jsonl", lines);

    assertThat(rows).hasSize(6);
    assertThat(rows.get(0)).isEqualTo(new Row.Text(1, "7", "fine", Optional.empty(), 1));
    assertThat(rows.subList(1, 5)).allMatch(row -> row instanceof Row.Bad);
    assertThat(rows.get(3)).isEqualTo(new Row.Bad(4, "its text is empty", ""));
    assertThat(rows.get(4)).asString().contains("it is not JSON");
    assertThat(rows.get(5)).isEqualTo(text(6, "fine again"));
  }

  @Test
  void deeplyNestedJson_isABadRow_notAStackOverflow() throws IOException {
    assertThat(rows("a.jsonl", "[".repeat(500_000) + "\n{\"text\": \"fine\"}"))
        .hasSize(2)
        .last()
        .isEqualTo(text(2, "fine"));
  }

  @Test
  void bytesThatAreNotUtf8_areABadRow() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.write(file, new byte[] {'o', 'k', '\n', (byte) 0xff, (byte) 0xfe, '\n', 'o', 'k'});

    assertThat(rows(file))
        .containsExactly(text(1, "ok"), new Row.Bad(2, "it is not UTF-8", ""), text(3, "ok"));
  }

  @Test
  void lineOfSixtyMegabytes_isPassedOverWithoutBeingHeld() throws IOException {
    Path file = folder.resolve("a.txt");
    byte[] megabyte = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 60; i++) {
        out.write(megabyte);
      }
      out.write("\nafter".getBytes(StandardCharsets.UTF_8));
    }

    assertThat(rows(file))
        .containsExactly(new Row.Bad(1, "it is longer than 1048576 bytes", ""), text(2, "after"));
  }

  @Test
  void folder_isNoFile() {
    assertThatThrownBy(() -> DataFile.open(folder, DataFormat.LINES))
        .isInstanceOf(DataException.class)
        .hasMessage("'" + folder + "' is a folder, and not a data file");
  }

  private static Row text(long line, String text) {
    return new Row.Text(line, Long.toString(line), text, Optional.empty(), 1);
  }

  private List<Row> rows(String name, String content) throws IOException {
    return rows(Files.writeString(folder.resolve(name), content));
  }

  private static List<Row> rows(Path file) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataFile texts = DataFile.open(file, DataFormat.of(file))) {
      for (Row row = texts.next(); row != null; row = texts.next()) {
        rows.add(row);
      }
    }
    return rows;
  }
}
