package dev.sightline.report.internal.repair;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.repair.RepairResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The result of a repair for a program. */
public final class RepairJson {
  private RepairJson() {}

  /** Returns a JSON document without a line break at its end. */
  public static String of(RepairResult result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("outcome", result.outcome().name().toLowerCase(Locale.ROOT));
    json.put("model", result.before().model().name());
    json.put("file", result.file() == null ? null : result.file().toString());
    json.put("masks", result.masks());
    json.put("further", result.further());
    json.put("refused", result.refused());
    json.put("unpadded", result.sameness());
    json.put("probes", probes(result.before(), result.after()));
    json.put("still_wrong", result.stillWrong());
    json.put("nodes", result.nodes());
    return JsonMapper.shared().writeValueAsString(json);
  }

  private static List<Map<String, Object>> probes(AuditResult before, @Nullable AuditResult after) {
    List<Map<String, Object>> probes = new ArrayList<>();
    for (Finding finding : before.findings()) {
      Map<String, Object> probe = new LinkedHashMap<>();
      probe.put("probe", finding.probe().id());
      probe.put("stream", finding.stream());
      probe.put("before", finding.verdict().outcome());
      if (after != null) {
        after.findings().stream()
            .filter(f -> f.probe() == finding.probe() && f.stream().equals(finding.stream()))
            .findFirst()
            .ifPresent(f -> probe.put("after", f.verdict().outcome()));
      }
      probes.add(probe);
    }
    return probes;
  }
}
