package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what a process without Spark needs to give the answer of an audit: the rows that were
 * probed and those that decide the verdict, and what is known of all rows.
 */
public final class AuditAgain {
  /** A row a line: its number, a tab, its text or JSON object. */
  private static final String ROWS = "rows.txt";

  private static final String TOTALS = "totals.properties";

  /** As many as an audit names. */
  private static final int MOST_NAMED = 20;

  private AuditAgain() {}

  /** Writes both into a folder. */
  public static void write(Path folder, AuditFindings findings, DataRows data) throws IOException {
    List<Long> lines =
        Stream.concat(findings.probed().stream(), findings.decisive().stream()).toList();
    Set<Long> wanted = new HashSet<>(lines);
    Map<Long, NumberedText> rows =
        data.inOrder().filter(row -> wanted.contains(row.line())).collect().stream()
            .collect(Collectors.toMap(NumberedText::line, Function.identity()));
    try (BufferedWriter out = Files.newBufferedWriter(folder.resolve(ROWS))) {
      for (long line : lines) {
        out.write(line + "\t" + Objects.requireNonNull(rows.get(line)).text() + "\n");
      }
    }
    Properties totals = new Properties();
    totals.setProperty("json", Boolean.toString(data.isJson()));
    totals.setProperty("rows", Long.toString(findings.totals().rows()));
    totals.setProperty("tokens", Long.toString(findings.totals().tokens()));
    totals.setProperty("longest", Integer.toString(findings.totals().mostTokens()));
    totals.setProperty("shortest", Integer.toString(findings.totals().shortest()));
    totals.setProperty("batch", findings.batch().name());
    totals.setProperty("passed", Long.toString(findings.passed()));
    int named = 0;
    for (RowFinding row : findings.passed(MOST_NAMED)) {
      totals.setProperty("passed." + ++named, row.row() + " was passed over: " + row.reason());
    }
    try (Writer out = Files.newBufferedWriter(folder.resolve(TOTALS))) {
      totals.store(out, null);
    }
  }
}
