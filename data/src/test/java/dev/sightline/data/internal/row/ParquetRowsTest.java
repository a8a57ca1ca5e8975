package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of {@code data/} were written by DuckDB 2.0; {@code data/README.md} has the queries.
 */
class ParquetRowsTest {
  @TempDir Path folder;

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = ParquetRowsTest.class.getResourceAsStream("/data/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private List<Row> rows(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("a.parquet"), bytes);
    List<Row> rows = new ArrayList<>();
    try (DataFile data = DataFile.open(file, DataFormat.of(file))) {
      for (Row row = data.next(); row != null; row = data.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  @Test
  void texts_areRead_andRowsWithoutOneAreNamed() throws IOException {
    assertThat(rows(bytes("texts.parquet")))
        .containsExactly(
            new Row.Text(1, "1", "text number 1", Optional.empty(), 1),
            new Row.Text(2, "2", "text number 2", Optional.empty(), 1),
            new Row.Bad(3, "it has neither text nor input_ids", ""),
            new Row.Bad(4, "its text is empty", ""),
            new Row.Text(5, "5", "text number 5", Optional.empty(), 1),
            new Row.Text(6, "6", "text number 6", Optional.empty(), 1));
  }

  @Test
  void fraction_isTheShareOfTheRows() throws IOException {
    Path file = Files.write(folder.resolve("a.parquet"), bytes("texts.parquet"));
    try (DataFile data = DataFile.open(file, DataFormat.PARQUET)) {
      for (int i = 0; i < 6; i++) {
        assertThat(data.fraction()).isEqualTo(i / 6.0);
        data.next();
      }
      assertThat(data.next()).isNull();
      assertThat(data.fraction()).isEqualTo(1);
    }
  }

  @Test
  void idsWithMaskSpanWeightAndId_areRead_andBadRowsNamed() throws IOException {
    List<Row> rows = rows(bytes("ids.parquet"));

    assertThat(rows).hasSize(6);
    Row.Ids first = (Row.Ids) rows.get(0);
    assertThat(first.tokens().ids()).containsExactly(101, 2003, 102);
    assertThat(first.span()).hasValue(new Span(0, 2));
    assertThat(first.id()).isEqualTo("a");
    assertThat(rows.get(1)).asString().contains("not as long as its input_ids: 3 and 2");
    Row.Ids holes = (Row.Ids) rows.get(2);
    assertThat(holes.tokens().ids()).containsExactly(5, 6, 7);
    assertThat(holes.placement()).hasValue(new Sample.Placement(List.of(1, 3, 4), 5));
    assertThat(holes.span()).hasValue(new Span(1, 3));
    assertThat(rows.get(3)).hasToString("line 4: its id was there before: a");
    assertThat(rows.get(4)).asString().contains("its weight is no number above 0");
    assertThat(rows.get(5)).hasToString("line 6: its input_ids are empty");
  }

  @Test
  void columnsOfAnotherType_areBadRows_andNoSuchColumnAnError() throws IOException {
    assertThat(rows(bytes("wrong-type.parquet")))
        .containsExactly(
            new Row.Bad(1, "its text is no string", "1"),
            new Row.Bad(2, "its text is no string", "2"));
    assertThatThrownBy(() -> rows(bytes("no-text.parquet")))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("has neither a column text nor input_ids: [prompt]");
  }

  @Test
  void damagedFiles_areANamedError_orGiveRows() throws IOException {
    byte[] good = bytes("ids.parquet");
    assertThatThrownBy(
            () -> rows("text\nno parquet\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read as Parquet");
    assertThatThrownBy(() -> rows(new byte[0])).isInstanceOf(DataException.class);
    for (int length = 1; length < good.length; length += 37) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> rows(cut)).isInstanceOf(DataException.class);
    }
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        rows(bad);
      } catch (DataException expected) {
        assertThat(expected).hasMessageContaining("a.parquet");
      }
    }
  }
}
