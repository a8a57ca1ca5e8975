package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Headers that a reader without limits would follow forever, and files that change meanwhile. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParquetHeadersTest {
  private static final List<String> TEXTS = List.of("one text", "another text");

  @TempDir Path folder;

  private List<Row> rows(byte[] bytes) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataFile data =
        DataFile.open(Files.write(folder.resolve("a.parquet"), bytes), DataFormat.PARQUET)) {
      for (Row row = data.next(); row != null; row = data.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static ThriftBytes header() {
    return ThriftBytes.pageHeader(ThriftBytes.strings(TEXTS).length, TEXTS.size());
  }

  private static byte[] fileOf(ThriftBytes header) {
    byte[] page = ThriftBytes.joined(header.end(), ThriftBytes.strings(TEXTS));
    return ThriftBytes.file(List.of(page), ThriftBytes.footer(2, page.length).end());
  }

  private static byte[] withFooter(Function<ThriftBytes, ThriftBytes> more) {
    byte[] page = ThriftBytes.joined(header().end(), ThriftBytes.strings(TEXTS));
    return ThriftBytes.file(List.of(page), more.apply(ThriftBytes.footer(2, page.length)).end());
  }

  private void refused(byte[] file, String why) {
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read as Parquet: ")
        .hasMessageContaining(why);
  }

  @Test
  void aFileOfThisWriter_isRead() throws IOException {
    assertThat(rows(fileOf(header())))
        .extracting(row -> ((Row.Text) row).text())
        .containsExactlyElementsOf(TEXTS);
    assertThat(rows(fileOf(header().text(20, "of a later version")))).hasSize(2);
  }

  @Test
  void aPageHeader_thatClaimsMoreThanItsBytes_isRefused() {
    String page = "the header of a page of its column text at byte 4 ";
    refused(
        fileOf(header().claimedList(20, 1, 4)), page + "cannot be read: it has a list or map of");
    refused(
        fileOf(header().claimedList(20, 2, Integer.MAX_VALUE)),
        page + "cannot be read: it has a list of 2147483647, in ");
    refused(fileOf(header().claimedList(20, 12, 1L << 40)), "it has a list of 1099511627776, in ");
    refused(fileOf(header().claimedText(20, -1)), "it has a string of 18446744073709551615, in ");
    refused(fileOf(header().claimedText(20, Integer.MAX_VALUE)), "a string of 2147483647, in ");
    refused(fileOf(header().nested(20, 5000)), "it nests more than 24 levels");
  }

  @Test
  void aFooter_thatClaimsMoreThanItsBytes_isRefused() {
    String footer = "its footer cannot be read: ";
    refused(
        withFooter(f -> f.claimedList(15, 1, 1)), footer + "it has a list or map of 1 booleans");
    refused(withFooter(f -> f.claimedList(15, 1, Integer.MAX_VALUE)), footer + "it has a list of");
    refused(withFooter(f -> f.claimedText(6, Integer.MAX_VALUE)), footer + "it has a string of");
    refused(withFooter(f -> f.claimedList(7, 12, 200_000_000)), footer + "it has a list of");
    refused(withFooter(f -> f.nested(15, 100_000)), footer + "it nests more than 24 levels");
    refused(
        withFooter(f -> f.list(7, 5, List.of(new byte[] {2}))),
        footer + "a list holds elements of type 5 for 12");
  }

  @Test
  void aFooterOutsideTheFile_isRefused() {
    byte[] file = fileOf(header());
    byte[] larger = file.clone();
    larger[file.length - 5] = 0x7F;
    refused(larger, "its footer claims 21");
    byte[] other = file.clone();
    other[file.length - 1] = '2';
    refused(other, "it does not end as a Parquet file does, with PAR1");
    refused(new byte[] {'P', 'A', 'R', '1'}, "it has 4 bytes, too few");
  }

  /** Read and not mapped: a mapped file that gets shorter is a signal in native code. */
  @Test
  void aFileThatGetsShorter_isAnError() throws IOException {
    Path file = Files.write(folder.resolve("a.parquet"), fileOf(header()));
    try (ParquetInput input = ParquetInput.open(file)) {
      int length = (int) input.length();
      assertThat(input.readRange(0, length).remaining()).isEqualTo(length);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(length - 1);
      }
      assertThatThrownBy(() -> input.readRange(0, length))
          .isInstanceOf(IOException.class)
          .hasMessage("the file got shorter while it was read");
      assertThatThrownBy(() -> input.readRange(0, 4))
          .hasMessage("the file changed while it was read");
      assertThatThrownBy(() -> input.readRange(length, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aFileThatIsWrittenTo_isAnError() throws IOException {
    Path file = Files.write(folder.resolve("a.parquet"), fileOf(header()));
    try (ParquetInput input = ParquetInput.open(file)) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(1));
      assertThatThrownBy(() -> input.readRange(0, 4))
          .hasMessage("the file changed while it was read");
    }
  }

  /** Its pages are larger than what is read at a time. */
  @Test
  void aLargePage_isReadInPieces() throws IOException {
    List<String> texts =
        IntStream.range(0, 6000).mapToObj(i -> ("text " + i + " ").repeat(100)).toList();
    byte[] strings = ThriftBytes.strings(texts);
    assertThat(strings.length).isGreaterThan(5 << 20);
    byte[] page =
        ThriftBytes.joined(ThriftBytes.pageHeader(strings.length, texts.size()).end(), strings);
    byte[] footer = ThriftBytes.footer(2L * texts.size(), 2L * page.length).end();
    List<Row> rows = rows(ThriftBytes.file(List.of(page, page), footer));
    assertThat(rows).hasSize(2 * texts.size());
    assertThat(((Row.Text) rows.getLast()).text()).isEqualTo(texts.getLast());
  }
}
