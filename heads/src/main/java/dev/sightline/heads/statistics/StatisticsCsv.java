package dev.sightline.heads.statistics;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Statistics as a table: a line for each metric, layer and head. What has no value is empty. */
final class StatisticsCsv {
  private static final String FORMULA = "=+-@\t\r";

  private StatisticsCsv() {}

  static void write(HeadStatistics statistics, Writer out) throws IOException {
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(out);
    List<String> header =
        new ArrayList<>(
            List.of("metric", "unit", "layer", "head", "samples", "absent", "not_finite"));
    for (String weighting : List.of("macro", "micro")) {
      for (String number : List.of("mean", "deviation", "low95", "high95")) {
        header.add(weighting + "_" + number);
      }
    }
    header.add("min");
    for (double share : Cell.SHARES) {
      header.add("q" + Math.round(share * 100));
    }
    header.addAll(List.of("max", "reason"));
    Provenance provenance = statistics.provenance();
    try {
      csv.writeRecord(header);
      for (int m = 0; m < provenance.metrics().size(); m++) {
        for (int layer = 0; layer < provenance.headsPerLayer().size(); layer++) {
          for (int head = 0; head < provenance.headsPerLayer().get(layer); head++) {
            csv.writeRecord(
                line(provenance.metrics().get(m), layer, head, statistics.cell(m, layer, head)));
          }
        }
      }
      csv.flush();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static List<String> line(Metric metric, int layer, int head, CellSummary cell) {
    List<String> line = new ArrayList<>();
    line.add(cell(metric.name()));
    line.add(cell(metric.unit()));
    line.add(Integer.toString(layer));
    line.add(Integer.toString(head));
    line.add(Long.toString(cell.samples()));
    line.add(Long.toString(cell.absent()));
    line.add(Long.toString(cell.notFinite()));
    for (CellSummary.Estimate estimate : List.of(cell.macro(), cell.micro())) {
      line.add(text(estimate.mean()));
      line.add(text(estimate.deviation()));
      line.add(estimate.interval().map(i -> Double.toString(i.low())).orElse(""));
      line.add(estimate.interval().map(i -> Double.toString(i.high())).orElse(""));
    }
    line.add(text(cell.min()));
    for (double share : Cell.SHARES) {
      line.add(Optional.ofNullable(cell.quantiles().get(share)).map(q -> q.toString()).orElse(""));
    }
    line.add(text(cell.max()));
    line.add(cell(cell.reason().orElse("")));
    return line;
  }

  /**
   * A cell of text. A spreadsheet takes text that begins with one of these characters for a
   * formula, which may call programs; an apostrophe keeps it text.
   */
  static String cell(String text) {
    return !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
  }
}
