package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that were made to hang a reader, to fill its memory, or to be misread. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileDataTest {
  @TempDir Path folder;

  private static Row.Text text(long line, String text) {
    return new Row.Text(line, Long.toString(line), text, Optional.empty(), 1);
  }

  private static List<Row> rows(Path file, DataFormat format) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataFile data = DataFile.open(file, format)) {
      double before = 0;
      for (Row row = data.next(); row != null; row = data.next()) {
        rows.add(row);
        assertThat(data.fraction()).isBetween(before, 1.0);
        before = data.fraction();
      }
      assertThat(data.fraction()).isEqualTo(1);
    }
    return rows;
  }

  private List<Row> rows(byte[] content, DataFormat format) throws IOException {
    return rows(Files.write(folder.resolve("a"), content), format);
  }

  private List<Row> rows(String content, DataFormat format) throws IOException {
    return rows(content.getBytes(StandardCharsets.UTF_8), format);
  }

  @Test
  void bytesThatAreNotUtf8_areABadRow_inLinesAndJsonl() throws IOException {
    byte[] json = "{\"text\": \"a?\"}\n{\"text\": \"b\"}".getBytes(StandardCharsets.UTF_8);
    json[11] = (byte) 0xc3;
    assertThat(rows(json, DataFormat.JSONL))
        .containsExactly(new Row.Bad(1, "it is not UTF-8", ""), text(2, "b"));
    // An overlong slash and half of a surrogate pair, as some decoders let through.
    byte[] overlong = {
      (byte) 0xc0, (byte) 0xaf, '\n', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '\n', 'b'
    };
    assertThat(rows(overlong, DataFormat.LINES))
        .containsExactly(
            new Row.Bad(1, "it is not UTF-8", ""),
            new Row.Bad(2, "it is not UTF-8", ""),
            text(3, "b"));
  }

  @Test
  void bombs_areBadRows_atOnce() throws IOException {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (String bad :
        List.of(
            "{\"text\": \"a\", \"other\": " + deep + "}",
            "{\"text\": \"a\", \"weight\": 1e999999999}",
            "{\"input_ids\": [" + "9".repeat(1_000_000) + "]}",
            "{\"text\": \"a\", \"other\": 0." + "1".repeat(1_000_000) + "}",
            "{\"text\": \"a\", \"other\": {\"b\": 1, \"b\": 2}}")) {
      List<Row> rows = rows(bad + "\n{\"text\": \"next\"}", DataFormat.JSONL);
      assertThat(rows).hasSize(2);
      assertThat(rows.get(0)).as(bad.substring(0, 30)).isInstanceOf(Row.Bad.class);
      assertThat(rows.get(0).toString().length()).isLessThan(300);
      assertThat(rows.get(1)).isEqualTo(text(2, "next"));
    }
    List<Row> csv = rows("text,weight\na,1e999999999\nb,1e99999999999\nc,1\n", DataFormat.CSV);
    assertThat(csv.get(0)).asString().contains("its weight is no number above 0");
    assertThat(csv.get(1)).asString().contains("its weight is no number above 0");
    assertThat(csv.get(2)).isEqualTo(text(4, "c"));
  }

  @Test
  void valueOfAWrongType_isABadRow_inEveryField() throws IOException {
    for (String field : SampleFields.FIELDS) {
      for (String value : List.of("true", "{}", "[[1]]", "[null]", "[true]", "{\"a\": [1]}")) {
        String sample =
            field.equals("text") || field.equals("input_ids")
                ? ""
                : field.equals("attention_mask") ? "\"input_ids\": [1], " : "\"text\": \"a\", ";
        String row = "{" + sample + "\"" + field + "\": " + value + "}";
        List<Row> rows = rows(row + "\n{\"text\": \"next\"}", DataFormat.JSONL);
        assertThat(rows.get(0)).as(row).isInstanceOf(Row.Bad.class).asString().contains(field);
        assertThat(rows.get(1)).isEqualTo(text(2, "next"));
      }
    }
  }

  @Test
  void masksAndSpans_thatFitNothing_areBadRows() throws IOException {
    for (String bad :
        List.of(
            "\"attention_mask\": [1, -1]",
            "\"attention_mask\": [1, 2]",
            "\"attention_mask\": [1, 0.5]",
            "\"attention_mask\": [1, 1.0]",
            "\"attention_mask\": []",
            "\"attention_mask\": [1, 1, 1]",
            "\"span\": [0, 3]",
            "\"span\": [2, 1]",
            "\"span\": [0, 99999999999999999999]",
            "\"span\": [0, 4294967297]",
            "\"attention_mask\": [0, 1], \"span\": [0, 1]")) {
      List<Row> rows = rows("{\"input_ids\": [5, 6], " + bad + "}", DataFormat.JSONL);
      assertThat(rows.get(0)).as(bad).isInstanceOf(Row.Bad.class);
    }
    Row.Ids none =
        (Row.Ids)
            rows("{\"input_ids\": [5, 6], \"attention_mask\": [0, 0]}", DataFormat.JSONL).get(0);
    assertThat(none.tokens().length()).isZero();
    Row.Ids all =
        (Row.Ids)
            rows("{\"input_ids\": [5, 6], \"attention_mask\": [1, 1]}", DataFormat.JSONL).get(0);
    assertThat(all.tokens().length()).isEqualTo(2);
  }

  @Test
  void marksAndLineBreaksOfOtherSystems_areNoPartOfTheData() throws IOException {
    assertThat(rows("\ufeff{\"text\": \"a\"}\r\n\r\n{\"text\": \"b\"}\r\n", DataFormat.JSONL))
        .containsExactly(text(1, "a"), text(3, "b"));
    assertThat(rows("\ufefftext\r\na\r\n\r\nb\r\n", DataFormat.CSV))
        .containsExactly(text(2, "a"), text(4, "b"));
    assertThat(rows("\ufeff", DataFormat.LINES)).isEmpty();
  }

  @Test
  void filesOfNothing_haveNoRows_orSayWhatIsMissing() throws IOException {
    for (DataFormat format : List.of(DataFormat.LINES, DataFormat.JSONL)) {
      assertThat(rows("", format)).isEmpty();
      assertThat(rows("\n \r\n\t\n".repeat(100_000), format)).isEmpty();
    }
    assertThat(rows("", DataFormat.CSV)).isEmpty();
    assertThatThrownBy(() -> rows("\n\n", DataFormat.CSV))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no CSV header");
    for (DataFormat format : DataFormat.values()) {
      assertThatThrownBy(() -> DataFile.open(folder, format))
          .isInstanceOf(DataException.class)
          .hasMessage("'" + folder + "' is a folder, and not a data file");
    }
  }

  @Test
  void quoteNeverClosed_isGivenUpSoon_andCostsItsLine() throws IOException {
    Path file = folder.resolve("quote");
    byte[] line = ("x".repeat(999) + "\n").getBytes(StandardCharsets.UTF_8);
    try (var out = new java.io.BufferedOutputStream(Files.newOutputStream(file))) {
      out.write("text\n\"open\n".getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < 30_000; i++) {
        out.write(line);
      }
    }
    long rows = 0;
    long bad = 0;
    try (DataFile data = DataFile.open(file, DataFormat.CSV)) {
      for (Row row = data.next(); row != null; row = data.next()) {
        rows++;
        if (row instanceof Row.Bad) {
          bad++;
          // A megabyte of thirty, and not all that follows.
          assertThat(data.fraction()).isLessThan(0.1);
        }
      }
    }
    assertThat(rows).isEqualTo(30_001);
    assertThat(bad).isEqualTo(1);
  }

  /** Each line closes the quote of the one before and opens one: read again and again for hours. */
  @Test
  void quotesThatEveryLineOpens_endInTime() throws IOException {
    assertThat(rows("text\n" + "a\",\"b\n".repeat(500_000), DataFormat.CSV)).hasSize(500_000);
  }

  private static byte[] parquet() throws IOException {
    try (InputStream in = HostileDataTest.class.getResourceAsStream("/data/texts.parquet")) {
      assertThat(in).isNotNull();
      return in.readAllBytes();
    }
  }

  /** The file with some bytes replaced, and its footer's length set right. */
  private static byte[] changed(int at, int length, int footer, int... by) throws IOException {
    byte[] good = parquet();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(good, 0, at);
    for (int b : by) {
      out.write(b);
    }
    out.write(good, at + length, good.length - at - length);
    byte[] changed = out.toByteArray();
    ByteBuffer tail = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    int was = tail.getInt(changed.length - 8);
    tail.putInt(changed.length - 8, footer == 0 ? was + by.length - length : footer);
    return changed;
  }

  @Test
  void parquetThatClaimsHugeSizes_isANamedError() throws IOException {
    List<byte[]> files =
        List.of(
            // A footer of 2 GB, and one of less than nothing.
            changed(0, 0, Integer.MAX_VALUE),
            changed(0, 0, Integer.MIN_VALUE),
            // A schema of 2^31 - 1 columns.
            changed(0x88, 1, 0, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07));
    for (byte[] file : files) {
      assertThatThrownBy(() -> rows(file, DataFormat.PARQUET))
          .as("file " + files.indexOf(file))
          .isInstanceOf(DataException.class);
    }
    assertThatThrownBy(
            () -> rows(Arrays.copyOf(parquet(), parquet().length - 1), DataFormat.PARQUET))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read as Parquet");
  }

  @Test
  void parquetOfFewerRowsThanItSays_isANamedError() throws IOException {
    byte[] file = changed(0xb9, 1, 0, 0x0e);
    assertThatThrownBy(() -> rows(file, DataFormat.PARQUET))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("it ends there, though it says it has 7 rows");
  }

  /** How long the footer of the file is, which a change of its pages leaves alone. */
  private static final int FOOTER = 0x119;

  /** The bytes of a varint that says 2^31 - 1. */
  private static final int[] TWO_GIGABYTES = {0xfe, 0xff, 0xff, 0xff, 0x0f};

  @Test
  void pageThatGoesOnBehindItsColumn_isANamedError() throws IOException {
    // The sizes that the first page claims, inflated and as stored: the first moves the
    // page's end out of its column too, since the footer is left as it was.
    for (byte[] file :
        List.of(changed(7, 2, FOOTER, TWO_GIGABYTES), changed(10, 1, FOOTER, TWO_GIGABYTES))) {
      assertThatThrownBy(() -> rows(file, DataFormat.PARQUET))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(
              "a page of its column text at byte 4 ends after the bytes of that column");
    }
  }

  @Test
  void pageOfTwoGigabytes_isANamedError() throws IOException {
    byte[] file = changed(7, 2, FOOTER, TWO_GIGABYTES);
    // The column's compressed size in the footer, 65 bytes, now 68.
    int at = new String(file, StandardCharsets.ISO_8859_1).lastIndexOf("\u0016\u0082\u0001");
    file[at + 1] = (byte) 0x88;
    assertThatThrownBy(() -> rows(file, DataFormat.PARQUET))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("column text at byte 4 claims 6 values in 2147483647 bytes");
  }

  @Test
  void pageOfTooManyValues_isANamedError() throws IOException {
    // The six values of the first page, with the column's compressed size, 65 bytes, now 69.
    byte[] file = changed(13, 1, FOOTER, TWO_GIGABYTES);
    int at = new String(file, StandardCharsets.ISO_8859_1).lastIndexOf("\u0016\u0082\u0001");
    file[at + 1] = (byte) 0x8a;
    assertThatThrownBy(() -> rows(file, DataFormat.PARQUET))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("column text at byte 4 claims 2147483647 values in 109 bytes");
  }

  @Test
  void pages_areHeldToTheBytesThatAreLeft() throws IOException {
    Path path = Files.write(folder.resolve("a.parquet"), parquet());
    InputFile input = InputFile.of(path);
    try (ParquetFileReader file = ParquetFileReader.open(input)) {
      // 109 bytes of texts, and 16 for each of six.
      new ParquetPages(input, 205).check(file, List.of("text"));
      assertThatThrownBy(() -> new ParquetPages(input, 204).check(file, List.of("text")))
          .hasMessageContaining("6 values in 109 bytes; with this heap a page may take 204 bytes");
      new ParquetPages(input, 0).check(file, List.of("none"));
    }
  }

  @Test
  void parquetWithADamagedByteOrCut_hasRowsOrANamedError() throws IOException {
    byte[] good = parquet();
    Random random = new Random(17);
    for (int i = 0; i < 220; i++) {
      byte[] bad = good.clone();
      if (i % 11 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      byte[] file = bad;
      assertTimeoutPreemptively(Duration.ofSeconds(20), () -> rowsOrANamedError(file), "file " + i);
    }
  }

  private void rowsOrANamedError(byte[] file) throws IOException {
    try {
      assertThat(rows(file, DataFormat.PARQUET)).hasSizeLessThanOrEqualTo(6);
    } catch (DataException expected) {
      assertThat(expected).hasMessageContaining(folder.toString());
    }
  }

  /** Rows of two states of a file would be those of neither. */
  @Test
  void fileThatChangesWhileItIsRead_isANamedError() throws IOException {
    // Longer than what is read at a time.
    String lines = "text\n" + ("{\"text\": \"" + "a".repeat(90) + "\"}\n").repeat(2000);
    for (DataFormat format :
        List.of(DataFormat.LINES, DataFormat.JSONL, DataFormat.CSV, DataFormat.TSV)) {
      for (String change : List.of("appended", "cut", "replaced", "written")) {
        Path file = Files.writeString(folder.resolve(change), lines);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        try (DataFile data = DataFile.open(file, format)) {
          assertThat(data.next()).isNotNull();
          switch (change) {
            case "appended" -> Files.writeString(file, "one more\n", StandardOpenOption.APPEND);
            case "cut" -> Files.writeString(file, "text\n");
            case "replaced" ->
                Files.move(
                    Files.writeString(folder.resolve("new"), lines),
                    file,
                    StandardCopyOption.REPLACE_EXISTING);
            default -> Files.setLastModifiedTime(file, FileTime.fromMillis(2));
          }
          assertThatThrownBy(() -> data.skip(Long.MAX_VALUE))
              .as(format + ", " + change)
              .isInstanceOf(DataException.class)
              .hasMessageStartingWith("'" + file + "' cannot be read beyond line ")
              .hasMessageEndingWith(": the file changed while it was read");
        }
      }
    }
  }

  @Test
  void fileThatIsGone_isANamedError() {
    for (DataFormat format : DataFormat.values()) {
      assertThatThrownBy(() -> DataFile.open(folder.resolve("gone"), format))
          .isInstanceOf(DataException.class)
          .hasMessage("there is no data file '" + folder.resolve("gone") + "'");
    }
  }
}
