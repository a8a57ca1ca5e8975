package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results of one run so far. */
final class Results {
  private final Map<String, String> facts;
  private final List<String> backends;
  private final List<Measurement.Machine> machines;
  private final List<Row> rows = new ArrayList<>();

  Results(Map<String, String> facts, List<String> backends, List<Measurement.Machine> machines) {
    this.facts = facts;
    this.backends = backends;
    this.machines = machines;
  }

  void add(Row row) {
    rows.add(row);
  }

  Map<String, String> facts() {
    return facts;
  }

  List<String> backends() {
    return backends;
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
            .filter(r ->
                r.workload().equals(row.workload())
                    && r.together() == row.together()
                    && r.threads() == 1
                    && row.threads() > 1)
            .findFirst();
    return Target.of(row, oneThread);
  }

  /** Whether all outputs of Sightline were right. */
  boolean oursRight() {
    return rows.stream()
        .flatMap(row -> row.entries().stream())
        .filter(e -> !e.entrant().isPeer())
        .allMatch(e -> e.timing().isPresent());
  }
}
