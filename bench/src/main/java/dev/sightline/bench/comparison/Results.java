package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything one run has found so far. */
final class Results {
  private final Map<String, String> facts;
  private final List<String> contestants;
  private final List<Measurement.Machine> machines;
  private final List<Row> rows = new ArrayList<>();

  Results(Map<String, String> facts, List<String> contestants, List<Measurement.Machine> machines) {
    this.facts = facts;
    this.contestants = contestants;
    this.machines = machines;
  }

  void add(Row row) {
    rows.add(row);
  }

  Map<String, String> facts() {
    return facts;
  }

  List<String> contestants() {
    return contestants;
  }

  List<Measurement.Machine> machines() {
    return machines;
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }

  Target target(Row row) {
    Optional<Row> oneThread =
        rows.stream()
            .filter(r -> r.work().equals(row.work()) && r.threads() == 1 && row.threads() > 1)
            .findFirst();
    return Target.of(row, oneThread);
  }

  /** Whether what Sightline computed was right wherever it took part. */
  boolean oursRight() {
    return rows.stream()
        .flatMap(row -> row.entries().stream())
        .filter(e -> e.name().startsWith(SightlineBackend.NAME))
        .allMatch(e -> e.timing().isPresent());
  }
}
