package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataFileTest {
  @TempDir Path folder;

  private static Row.Text text(long line, String text) {
    return new Row.Text(line, Long.toString(line), text, Optional.empty(), 1);
  }

  private static List<Row> rows(Path file, DataFormat format) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataFile data = DataFile.open(file, format)) {
      for (Row row = data.next(); row != null; row = data.next()) {
        rows.add(row);
      }
      assertThat(data.rows()).isEqualTo(rows.size());
    }
    return rows;
  }

  private List<Row> rows(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    return rows(file, DataFormat.of(file));
  }

  @Test
  void plainLines_areTexts_andABomIsNone() throws IOException {
    assertThat(rows("a.txt", "\ufefffirst\r\n\n second \nlast"))
        .containsExactly(text(1, "first"), text(3, "second"), text(4, "last"));
    assertThat(rows("empty.txt", "")).isEmpty();
  }

  @Test
  void jsonLines_giveTextsAndIds_withTheirFields() throws IOException {
    List<Row> rows =
        rows(
            "a.jsonl",
            """
            {"text": "naïve 🙂", "span": [6, 7], "weight": 2.5, "id": "q-1", "other": {"a": 1}}
            {"input_ids": [101, 7592, 102], "id": 17}

            {"input_ids": [0, 5, 0, 6, 7], "attention_mask": [0, 1, 0, 1, 1], "span": [3, 5]}
            {"input_ids": [5, 6, 0], "attention_mask": [1, 1, 0], "weight": null}
            """);

    assertThat(rows.get(0))
        .isEqualTo(new Row.Text(1, "q-1", "naïve 🙂", Optional.of(new Span(6, 7)), 2.5));
    Row.Ids ids = (Row.Ids) rows.get(1);
    assertThat(ids.tokens().ids()).containsExactly(101, 7592, 102);
    assertThat(ids.id()).isEqualTo("17");
    assertThat(ids.placement()).isEmpty();
    Row.Ids holes = (Row.Ids) rows.get(2);
    assertThat(holes.line()).isEqualTo(4);
    assertThat(holes.tokens().ids()).containsExactly(5, 6, 7);
    assertThat(holes.placement()).hasValue(new Sample.Placement(List.of(1, 3, 4), 5));
    assertThat(holes.span()).hasValue(new Span(1, 3));
    Row.Ids padded = (Row.Ids) rows.get(3);
    assertThat(padded.tokens().ids()).containsExactly(5, 6);
    assertThat(padded.placement()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"text\": 3}|its text is no string: 3",
        "{\"text\": \" \"}|its text is empty",
        "{\"text\": null}|it has neither text nor input_ids",
        "[\"text\"]|it is no JSON object: [\"text\"]",
        "{\"text\": \"a\"} x|it is not JSON: ",
        "{\"text\": \"a\", \"text\": \"b\"}|it is not JSON: ",
        "{\"text\": \"a\", \"input_ids\": [1]}|it has both text and input_ids",
        "{\"text\": \"a\", \"attention_mask\": [1]}|it has an attention_mask without input_ids",
        "{\"text\": \"abc\", \"span\": [1, 4]}|its span ends outside the text: [1, 4) of 3",
        "{\"text\": \"abc\", \"span\": [2, 2]}|its span is no [start, end) with 0 <= start < end:",
        "{\"text\": \"abc\", \"span\": [-1, 2]}|its span is no [start, end) with 0 <= start < end:",
        "{\"text\": \"abc\", \"span\": [1]}|its span is no [start, end) with 0 <= start < end: [1]",
        "{\"text\": \"abc\", \"span\": \"1-2\"}|its span is no list: \"1-2\"",
        "{\"text\": \"a\", \"weight\": 0}|its weight is no number above 0 and at most 1.0E9: 0",
        "{\"text\": \"a\", \"weight\": 1e999}|its weight is no number above 0",
        "{\"text\": \"a\", \"weight\": \"2\"}|its weight is no number above 0",
        "{\"text\": \"a\", \"weight\": NaN}|it is not JSON",
        "{\"text\": \"a\", \"id\": [1]}|its id is no string or whole number: [1]",
        "{\"text\": \"a\", \"id\": \"\"}|its id has not 1 to 1000 characters",
        "{\"input_ids\": []}|its input_ids are empty",
        "{\"input_ids\": 5}|its input_ids is no list: 5",
        "{\"input_ids\": [1, \"2\"]}|its input_ids holds no whole numbers: \"2\"",
        "{\"input_ids\": [1, 2.5]}|its input_ids holds no whole numbers: 2.5",
        "{\"input_ids\": [1e400000000]}|its input_ids holds no whole numbers",
        "{\"input_ids\": [-1]}|its input_ids are not from 0 to 2147483647: -1",
        "{\"input_ids\": [99999999999]}|its input_ids are not from 0 to 2147483647: 99999999999",
        "{\"input_ids\": [1], \"attention_mask\": [1, 1]}|its attention_mask is not as long as its"
            + " input_ids: 2 and 1",
        "{\"input_ids\": [1], \"attention_mask\": [2]}|its attention_mask is not of 0 and 1: 2",
        "{\"input_ids\": [1], \"attention_mask\": [0.5]}|its attention_mask holds no whole",
        "{\"input_ids\": [1], \"span\": [0, 2]}|its span ends outside the input_ids: [0, 2) of 1",
        "{\"input_ids\": [1, 2], \"attention_mask\": [1, 0], \"span\": [1, 2]}|its span holds no"
            + " real token: [1, 2)",
      })
  void wrongRow_isNamed_andTheNextGoesOn(String line, String message) throws IOException {
    List<Row> rows = rows("a.jsonl", "{\"text\": \"a\"}\n" + line + "\n{\"text\": \"b\"}\n");

    assertThat(rows).hasSize(3);
    assertThat(rows.get(1)).isInstanceOf(Row.Bad.class).asString().startsWith("line 2: " + message);
    assertThat(rows.get(2)).isEqualTo(text(3, "b"));
  }

  @Test
  void jsonBombs_areBadRows() throws IOException {
    String deep = "[".repeat(500_000);
    String number = "{\"text\": \"a\", \"weight\": " + "9".repeat(500_000) + "}";
    String ids = "{\"input_ids\": [" + "1,".repeat(300_000) + "1]}";
    List<Row> rows = rows("a.jsonl", deep + "\n" + number + "\n" + ids + "\n{\"text\": \"b\"}");

    assertThat(rows.get(0)).isInstanceOf(Row.Bad.class);
    assertThat(rows.get(1)).isInstanceOf(Row.Bad.class);
    assertThat(((Row.Ids) rows.get(2)).tokens().length()).isEqualTo(300_001);
    assertThat(rows.get(3)).isEqualTo(text(4, "b"));
  }

  @Test
  void lineOfAGigabyte_isPassedOver_inEveryTextFormat() throws IOException {
    Path file = folder.resolve("giga");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write("text\n".getBytes(StandardCharsets.UTF_8));
      out.seek(1L << 30);
      out.write("\nafter\n".getBytes(StandardCharsets.UTF_8));
    }

    Row.Bad tooLong = new Row.Bad(2, "it is longer than 1048576 bytes", "");
    assertThat(rows(file, DataFormat.LINES))
        .containsExactly(text(1, "text"), tooLong, text(3, "after"));
    assertThat(rows(file, DataFormat.CSV)).containsExactly(tooLong, text(3, "after"));
  }

  @Test
  void bytesThatAreNotUtf8_areABadRow() throws IOException {
    Path file = folder.resolve("a.csv");
    Files.write(file, new byte[] {'t', 'e', 'x', 't', '\n', (byte) 0xff, '\n', 'o', 'k'});

    assertThat(rows(file, DataFormat.CSV))
        .containsExactly(new Row.Bad(2, "it is not UTF-8", ""), text(3, "ok"));
  }

  @Test
  void duplicateIds_areBadRows_alsoOfLineNumbers() throws IOException {
    List<Row> rows =
        rows(
            "a.jsonl",
            """
            {"text": "a"}
            {"text": "b", "id": "x"}
            {"text": "c", "id": "x"}
            {"text": "d", "id": "1"}
            {"text": "e", "id": "6"}
            {"text": "f"}
            {"text": "g", "id": 8}
            """);

    assertThat(rows.stream().map(row -> row instanceof Row.Bad))
        .containsExactly(false, false, true, true, false, true, false);
    assertThat(rows.get(2)).hasToString("line 3: its id was there before: x");
  }

  @Test
  void skip_goesOnWhereAnInterruptedRunWas_andKnowsItsIds() throws IOException {
    String lines =
        """
        {"text": "a", "id": "x"}
        {"text": 3}

        {"text": "b", "id": "y"}
        {"text": "c", "id": "x"}
        """;
    List<Row> all = rows("a.jsonl", lines);
    for (int done = 0; done <= all.size() + 1; done++) {
      try (DataFile data = DataFile.open(folder.resolve("a.jsonl"), DataFormat.JSONL)) {
        data.skip(done);
        for (int i = done; i < all.size(); i++) {
          assertThat(data.next()).as("after " + done).isEqualTo(all.get(i));
        }
        assertThat(data.next()).isNull();
        assertThat(data.rows()).isEqualTo(all.size());
      }
    }
  }

  @Test
  void csv_hasQuotesAndLists_andRecordsOfSeveralLines() throws IOException {
    List<Row> rows =
        rows(
            "a.csv",
            """
            id,Text,input_ids,attention_mask,span,weight,other
            q1,"says ""hi"", then
            leaves",,,0 4,2,x
            q2,,"[101, 7592, 102]",1 1 1,,,
            q3,,101 7592,1 1 1,,,
            q4,plain "quote" inside,,,,,
            q5,a,,,,two,
            q6,too,few
            q7,a,,,1 x,,
            q8,,1 0x5,,,,
            q9,"text" and more,,,,,

            q10,last,,,,1e3,
            """);

    assertThat(rows).hasSize(10);
    assertThat(rows.get(0))
        .isEqualTo(
            new Row.Text(2, "q1", "says \"hi\", then\nleaves", Optional.of(new Span(0, 4)), 2));
    assertThat(((Row.Ids) rows.get(1)).tokens().ids()).containsExactly(101, 7592, 102);
    assertThat(rows.get(1).line()).isEqualTo(4);
    assertThat(rows.get(2))
        .hasToString("line 5: its attention_mask is not as long as its input_ids: 3 and 2");
    assertThat(((Row.Text) rows.get(3)).text()).isEqualTo("plain \"quote\" inside");
    assertThat(rows.get(4)).asString().contains("its weight is no number").endsWith("\"two\"");
    assertThat(rows.get(5)).hasToString("line 8: it has not as many fields as the header: 3 and 7");
    assertThat(rows.get(6)).asString().contains("its span holds no whole numbers: \"x\"");
    assertThat(rows.get(7)).asString().contains("its input_ids holds no whole numbers: \"0x5\"");
    assertThat(rows.get(8)).isInstanceOf(Row.Bad.class);
    assertThat(rows.get(9)).isEqualTo(new Row.Text(13, "q10", "last", Optional.empty(), 1000));
  }

  @Test
  void quoteThatIsNeverClosed_costsItsOwnLineAlone() throws IOException {
    StringBuilder lines = new StringBuilder("text\nfirst\n\"open\n");
    for (int i = 0; i < 200_000; i++) {
      lines.append("line ").append(i).append('\n');
    }
    List<Row> rows = rows("a.csv", lines.toString());

    assertThat(rows).hasSize(200_002);
    assertThat(rows.get(1)).isEqualTo(new Row.Bad(3, "a quote in it is not closed", "\"open"));
    assertThat(rows.getLast()).isEqualTo(text(200_003, "line 199999"));
    assertThat(rows("b.csv", "text\n\"open\nlast"))
        .containsExactly(new Row.Bad(2, "a quote in it is not closed", "\"open"), text(3, "last"));
  }

  @Test
  void tabs_separateATsv() throws IOException {
    assertThat(rows("a.tsv", "text\tid\none, two\tx\n"))
        .containsExactly(new Row.Text(2, "x", "one, two", Optional.empty(), 1));
  }

  @Test
  void header_mustNameATextOrIds_once() throws IOException {
    assertThatThrownBy(() -> rows("a.csv", "prompt,id\na,b\n"))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("names neither text nor input_ids: [prompt, id]");
    assertThatThrownBy(() -> rows("b.csv", "text,text\na,b\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("names a column twice");
    assertThat(rows("c.csv", "")).isEmpty();
  }

  @Test
  void formats_goByTheEnding_orByTheirName() {
    assertThat(DataFormat.of(Path.of("a.JSONL"))).isEqualTo(DataFormat.JSONL);
    assertThat(DataFormat.of(Path.of("a.b/c"))).isEqualTo(DataFormat.LINES);
    assertThat(DataFormat.of(Path.of("a.parquet"))).isEqualTo(DataFormat.PARQUET);
    assertThat(DataFormat.parse("csv")).isEqualTo(DataFormat.CSV);
    assertThatThrownBy(() -> DataFormat.parse("xml"))
        .hasMessage("'xml' is not lines, jsonl, csv, tsv or parquet");
    assertThatThrownBy(() -> DataFile.open(folder, DataFormat.LINES))
        .isInstanceOf(DataException.class)
        .hasMessage("'" + folder + "' is a folder, and not a data file");
  }
}
