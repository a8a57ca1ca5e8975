package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The results as JSON: all medians, minima and maxima, in milliseconds. */
final class ResultJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ResultJson() {}

  static String of(Results results) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("machine", results.facts());
    root.put("backends", results.backends());
    root.put("limits", results.machines().stream().map(ResultJson::limits).toList());
    root.put(
        "workloads",
        results.rows().stream().map(row -> workload(row, results.target(row))).toList());
    return MAPPER.writeValueAsString(root) + "\n";
  }

  private static Map<String, Object> limits(Measurement.Machine machine) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("threads", machine.threads());
    node.put("fma_peak_gflops", machine.peak().rate());
    node.put("read_gigabytes_per_second", machine.reading().rate());
    return node;
  }

  private static Map<String, Object> workload(Row row, Target target) {
    Workload workload = row.workload();
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("name", workload.name());
    node.put("group", workload.kind().name().toLowerCase(Locale.ROOT));
    node.put("threads", row.threads());
    node.put("one_process", row.together());
    node.put(
        "query_shape",
        List.of(workload.batch(), workload.queryHeads(), workload.queries(), workload.headSize()));
    node.put(
        "key_shape",
        List.of(workload.batch(), workload.keyHeads(), workload.keys(), workload.headSize()));
    node.put("density", workload.density());
    node.put("gigaflop", workload.flops() / 1e9);
    node.put("fma_peak_gflops", row.peak().rate());
    row.reading().ifPresent(r -> node.put("read_gigabytes_per_second", r.rate()));
    node.put("target", target.text());
    target.reached().ifPresent(r -> node.put("reached", r));
    List<Object> entries = new ArrayList<>();
    row.entries().forEach(entry -> entries.add(entry(row, entry)));
    node.put("results", entries);
    return node;
  }

  private static Map<String, Object> entry(Row row, TaskResult entry) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("name", entry.entrant().title());
    entry
        .timing()
        .ifPresent(t -> {
          node.put("median_ms", t.median() / 1e6);
          node.put("min_ms", t.min() / 1e6);
          node.put("max_ms", t.max() / 1e6);
          node.put("rounds", t.rounds().size());
          node.put("gflops", row.gigaflops(t));
          row.used(t).ifPresent(u -> node.put("of_max", u));
        });
    node.put("largest_error", entry.error());
    entry.problem().ifPresent(p -> node.put("problem", p));
    return node;
  }
}
