package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Costs;
import dev.sightline.lab.result.Curve;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.PaddingUse;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LabReportTest {
  private static final int TASKS = 100;

  @TempDir private Path folder;

  private static Results results(String condition, double success) {
    List<Double> all = new ArrayList<>(Collections.nCopies(TASKS, 0.0));
    for (int i = 0; i < success * TASKS; i++) {
      all.set(i, 1.0);
    }
    return new Results(condition, all, Collections.nCopies(TASKS, 1 - success), null);
  }

  private static Rollout rollout(String instruction) {
    Rollout.Point point = new Rollout.Point(0.25, -0.5);
    return new Rollout(
        List.of(new Rollout.Item("red", "cube", point)),
        instruction,
        0,
        0,
        List.of(point),
        List.of(point),
        List.of(new Rollout.Point(3, 3)),
        false);
  }

  private static Comparison comparison(LabRun.Kind kind, List<String> masks) {
    List<LabResult> results = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      for (String mask : masks) {
        double success = mask.equals(masks.getFirst()) ? 0.9 : 0.2;
        results.add(
            new LabResult(
                new LabRun(kind, mask, 40, seed, 4),
                new Curve(List.of(20, 40), List.of(0.5f, 0.1f)),
                new Curve(List.of(40), List.of(0.2f)),
                List.of(results("as-trained", success), results("foreign", 0.9)),
                List.of(results("guess", 0.05), results("expert", 1)),
                kind == LabRun.Kind.GROOT
                    ? Optional.of(new PaddingUse(mask.equals("on") ? 0 : 0.0567, 1.04))
                    : Optional.empty(),
                new Costs(70, 20, 330_510, 850_000_000),
                List.of(rollout("take the <script>alert(1)</script> & \"cube\""))));
      }
    }
    return new Comparison(kind, masks, List.of(1L, 2L), results);
  }

  @Test
  void page_saysTheAnswerAndWhatItRestsOn() {
    String html =
        LabReport.of(
                comparison(LabRun.Kind.GROOT, List.of("on", "off")), "sightline lab compare", "1")
            .html();
    assertThat(html)
        .contains(
            "encoder-mask=off harms: success -70.0 points [",
            "against on, padding as in training.",
            "encoder-mask=off makes no difference within the margin: success +0.0 points",
            "5.67 %",
            "by the thresholds 0.01 and 0.1 that is moderate, by 0.001 and 0.01 large",
            "70 ms a step, 20.0 ms an action chunk, 330,510 parameters, 850 MB",
            "expert that guesses the instruction",
            "sightline lab compare</code>")
        .doesNotContain("<script>alert", "${");
    assertThat(html.split("class=\"drawn-image\"", -1)).hasSize(5);
  }

  @Test
  void page_ofThreeMasks_hasNoPaddingTable() {
    String html =
        LabReport.of(
                comparison(LabRun.Kind.PI05, List.of("right", "flow-sees-subtask", "row-causal")),
                "",
                "")
            .html();
    assertThat(html)
        .contains("mask=flow-sees-subtask harms", "mask=row-causal harms", "no subtask")
        .doesNotContain("id=\"padding\"", "id=\"repeat\"");
  }

  @Test
  void json_hasDifferencesAndConclusions() throws IOException {
    LabReport.of(comparison(LabRun.Kind.GROOT, List.of("on", "off")), "", "").writeTo(folder);
    JsonNode json =
        JsonMapper.shared().readTree(Files.readString(folder.resolve(LabReport.JSON_FILE)));
    assertThat(json.get("differences")).hasSize(2);
    assertThat(json.get("differences").get(0).get("conclusion").asString()).isEqualTo("harms");
    assertThat(json.get("differences").get(1).get("conclusion").asString())
        .isEqualTo("no_difference");
    assertThat(folder.resolve(LabReport.PAGE_FILE)).isNotEmptyFile();
  }

  @Test
  void svg_isWellFormed_whateverAnInstructionSays() throws Exception {
    String svg = LabReport.svg(List.of(rollout("take the <b>&\"red\" cube"), rollout("x")));
    var parser = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var document =
        parser.parse(
            new java.io.ByteArrayInputStream(
                svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(4);
    assertThat(document.getDocumentElement().getTextContent())
        .contains("take the <b>&\"red\" cube");
  }
}
