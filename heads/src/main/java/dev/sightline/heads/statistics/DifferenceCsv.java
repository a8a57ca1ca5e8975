package dev.sightline.heads.statistics;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Writes a difference as CSV: a line for each metric, layer and head; no value is an empty cell.
 */
final class DifferenceCsv {
  private DifferenceCsv() {}

  static void write(HeadDifference difference, Writer out) throws IOException {
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(out);
    try {
      csv.writeRecord(
          "metric",
          "unit",
          "layer",
          "head",
          "samples_a",
          "samples_b",
          "difference",
          "low95",
          "high95",
          "effect",
          "p",
          "p_adjusted",
          "verdict",
          "reason");
      for (CellDifference cell : difference.cells()) {
        csv.writeRecord(
            List.of(
                StatisticsCsv.cell(cell.metric().name()),
                StatisticsCsv.cell(cell.metric().unit()),
                Integer.toString(cell.layer()),
                Integer.toString(cell.head()),
                Long.toString(cell.samplesA()),
                Long.toString(cell.samplesB()),
                text(cell.difference()),
                cell.interval().map(i -> Double.toString(i.low())).orElse(""),
                cell.interval().map(i -> Double.toString(i.high())).orElse(""),
                text(cell.effect()),
                text(cell.pValue()),
                text(cell.adjusted()),
                cell.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                StatisticsCsv.cell(cell.reason().orElse(""))));
      }
      csv.flush();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
  }
}
