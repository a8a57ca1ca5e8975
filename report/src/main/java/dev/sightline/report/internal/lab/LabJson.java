package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Comparison.Difference;
import dev.sightline.report.text.LabTable;
import dev.sightline.report.text.LabText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A comparison for a program. */
public final class LabJson {
  private LabJson() {}

  /** Returns a JSON document without a line break at its end. */
  public static String of(Comparison comparison) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("policy", comparison.policy().id());
    json.put("varied", comparison.policy().varied());
    json.put("masks", comparison.masks());
    json.put("seeds", comparison.seeds());
    json.put("answer", LabText.answer(comparison));
    List<Map<String, Object>> results = new ArrayList<>();
    for (String condition : LabTable.rows(comparison)) {
      for (String mask : comparison.masks()) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("condition", condition);
        row.put("mask", mask);
        row.put("success", comparison.success(mask, condition));
        row.put("end_error", comparison.endError(mask, condition));
        results.add(row);
      }
    }
    json.put("results", results);
    List<Map<String, Object>> differences = new ArrayList<>();
    for (Difference difference : comparison.differences()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("condition", difference.condition());
      row.put("mask", difference.mask());
      row.put("success", difference.success());
      row.put("end_error", difference.endError());
      row.put("conclusion", difference.conclusion().name().toLowerCase(Locale.ROOT));
      differences.add(row);
    }
    json.put("differences", differences);
    json.put("costs", comparison.costs());
    return JsonMapper.shared().writeValueAsString(json);
  }
}
