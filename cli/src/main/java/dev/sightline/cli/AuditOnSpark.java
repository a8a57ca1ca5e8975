package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.SampleSource;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.EncodedRow;
import dev.sightline.data.internal.row.NumberedRows;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.onnx.LoadedModel;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an audit whose rows were compared on Spark. The rows that go through all probes are
 * audited here, and so are the batches that decide the verdict on all rows: those with the largest
 * difference, the lowest cosine, the most noise and the longest row.
 */
final class AuditOnSpark {
  /** The file of a finding for each row, in the folder of the report. */
  static final String ROWS_FILE = "rows.jsonl";

  private final Path data;
  private final Path folder;
  private final Properties totals = new Properties();

  /**
   * Reads what the process with Spark wrote.
   *
   * @param folder where it wrote it
   */
  AuditOnSpark(Path data, Path folder) throws IOException {
    this.data = data;
    this.folder = folder;
    try (Reader in = Files.newBufferedReader(folder.resolve("totals.properties"))) {
      totals.load(in);
    }
  }

  /**
   * Audits.
   *
   * @param audit of the same model, without samples
   * @param notes that the audit reads
   * @param started when the whole began, nanoseconds
   */
  AuditResult run(LoadedModel loaded, Audit audit, List<String> notes, long started)
      throws IOException {
    String source = " of '" + data + "'";
    totals.stringPropertyNames().stream()
        .filter(name -> name.startsWith("passed."))
        .sorted((a, b) -> Integer.compare(number(a), number(b)))
        .forEach(name ->
            notes.add(totals.getProperty(name).replace(" was passed", source + " was passed")));
    long passed = Long.parseLong(totals.getProperty("passed"));
    if (passed > 0) {
      notes.add(String.format(Locale.ROOT, "%,d rows%s were passed over", passed, source));
    }
    AuditResult result =
        audit
            .origin(SampleOrigin.of(SampleOrigin.Kind.DATA_FILE))
            .samples(samples(loaded))
            .probeFirst(SampleSource.PROBED_ROWS)
            .run();
    requireSame(loaded, result);
    return of(result, (System.nanoTime() - started) / 1e9);
  }

  private static int number(String property) {
    return Integer.parseInt(property.substring(property.indexOf('.') + 1));
  }

  private List<Sample> samples(LoadedModel loaded) throws IOException {
    RowEncoder encoder = new RowEncoder(SampleEncoder.of(loaded.model(), loaded.tokenizer()));
    List<Sample> samples = new ArrayList<>();
    for (NumberedText text : texts()) { // a row may come twice
      boolean json = Boolean.parseBoolean(totals.getProperty("json"));
      try (DataFile file =
          DataFile.of(
              data.toString(),
              new NumberedRows(List.of(text).iterator(), json, false, Optional.empty()))) {
        Row row = file.next();
        if (row != null && encoder.encode(row) instanceof EncodedRow.Usable usable) {
          samples.add(encoder.sample(text.line(), usable.label(), usable));
        }
      }
    }
    return samples;
  }

  private List<NumberedText> texts() throws IOException {
    String rows = Files.readString(folder.resolve("rows.txt"));
    return Stream.of(rows.split("\n", -1))
        .filter(row -> !row.isEmpty())
        .map(row -> row.split("\t", 2))
        .map(row -> new NumberedText(Long.parseLong(row[0]), row[1]))
        .toList();
  }

  /** Unless the model quantises, whose noise is drawn at random, two machines must agree. */
  private void requireSame(LoadedModel loaded, AuditResult result) throws IOException {
    String there = totals.getProperty("batch");
    String here = result.finding(Probe.BATCH).verdict().outcome().name();
    if (!there.equals(here) && !loaded.model().quantizesDynamically()) {
      throw new IOException(
          "the executors of Spark found "
              + there
              + " where this machine finds "
              + here
              + " for the same batches; their processors or runtimes differ");
    }
  }

  private AuditResult of(AuditResult found, double seconds) {
    Conditions local = found.conditions();
    Conditions all =
        new Conditions(
            local.origin(),
            Long.parseLong(totals.getProperty("rows")),
            local.probed(),
            Long.parseLong(totals.getProperty("tokens")),
            Integer.parseInt(totals.getProperty("longest")),
            Integer.parseInt(totals.getProperty("shortest")),
            local.notes(),
            local.seed(),
            local.runtime(),
            local.finished(),
            seconds,
            OptionalDouble.empty());
    return found.with(all);
  }

  /** Keeps the findings of the rows, unless there is no folder for a report. */
  void keepRows(@Nullable Path out) throws IOException {
    if (out != null) {
      Files.copy(
          folder.resolve(ROWS_FILE), out.resolve(ROWS_FILE), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
