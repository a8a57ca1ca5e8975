package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.repair.RepairResult;
import dev.sightline.repair.RepairResult.FurtherChange;
import dev.sightline.repair.RepairResult.MaskChange;
import dev.sightline.repair.RepairResult.NodeChange;
import dev.sightline.repair.RepairResult.Outcome;
import dev.sightline.repair.RepairResult.Refusal;
import dev.sightline.repair.RepairResult.Sameness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairReportTest {
  private static final String HOSTILE =
      "</code></script><script>alert(1)</script><img src=x>\u202E";

  private static RepairResult result(Outcome outcome, String text) {
    boolean changed = outcome == Outcome.REPAIRED || outcome == Outcome.NOT_PROVED;
    return new RepairResult(
        outcome,
        outcome == Outcome.REPAIRED ? Path.of("fixed.onnx") : null,
        changed ? List.of(new MaskChange(1, text, text, "causal & key-padding")) : List.of(),
        changed ? List.of(new FurtherChange("positions", text, text, text)) : List.of(),
        outcome == Outcome.NO_CURE ? List.of(new Refusal(0, text)) : List.of(),
        changed
            ? List.of(
                new NodeChange("added", "Where", text, ""),
                new NodeChange("removed", text, "/h.1/Add", ""),
                new NodeChange("rewired", "Softmax", "/h.1/Softmax", "operand 0: a -> " + text))
            : List.of(),
        changed ? new Sameness(true, Set.of(), 4, 4268, 0, 0, 0, 6.4e-6, 1.25) : null,
        Fixtures.failed(text),
        changed ? Fixtures.failed(text) : null,
        outcome == Outcome.NOT_PROVED ? List.of(text) : List.of());
  }

  private static String page(Outcome outcome, String text) {
    return RepairReport.of(result(outcome, text), "sightline repair " + text, "1.2.3").html();
  }

  @Test
  void page_saysWhatWasDoneAndProved_andLinksToBothAudits() {
    String page = page(Outcome.REPAIRED, "/h.1/Softmax");
    assertThat(page)
        .contains(
            "REPAIRED",
            "fixed.onnx",
            "all 4,268 output values equal to the bit",
            "1.25 times the time of the old model",
            "1 added, 1 rewired, 1 removed",
            "layer 1",
            "href=\"before/report.html#probe-",
            "href=\"after/report.html#probe-",
            "operand 0: a -&gt; /h.1/Softmax",
            "sightline repair /h.1/Softmax");
  }

  @Test
  void page_withoutANewModel_hasNoSecondAudit() {
    String page = page(Outcome.NO_CURE, "no mask cures a mean");
    assertThat(page).contains("NO CURE", "layer 0: no mask cures a mean");
    assertThat(page).doesNotContain("after/report.html");
    assertThat(page(Outcome.NOT_PROVED, "still wrong")).contains("NOT PROVED", "still wrong");
    assertThat(page(Outcome.WAS_RIGHT, "right")).contains("RIGHT", "nothing to repair");
  }

  @Test
  void names_areText_andNoMarkup() {
    for (Outcome outcome : Outcome.values()) {
      assertThat(page(outcome, HOSTILE)).doesNotContain("<script>alert", "<img", "\u202E");
    }
  }

  @Test
  void manyNodes_areCut_andCounted() {
    RepairResult few = result(Outcome.REPAIRED, "x");
    List<NodeChange> many = new ArrayList<>();
    for (int n = 0; n < 2000; n++) {
      many.add(new NodeChange("removed", "Add", "/add." + n, ""));
    }
    RepairResult result =
        new RepairResult(
            few.outcome(),
            few.file(),
            few.masks(),
            few.further(),
            few.refused(),
            many,
            few.sameness(),
            few.before(),
            few.after(),
            few.stillWrong());
    String page = RepairReport.of(result, "", "").html();
    assertThat(page).contains("2000 removed", "/add.1499", "Of 2000 changes");
    assertThat(page).doesNotContain("/add.1500");
  }

  @Test
  void files_areWritten_withBothAudits(@TempDir Path folder) throws IOException {
    Path page =
        RepairReport.of(result(Outcome.REPAIRED, "x"), "", "").writeTo(folder.resolve("new/out"));
    assertThat(page).isNotEmptyFile().hasFileName("repair.html");
    assertThat(page.resolveSibling("before/report.html")).isNotEmptyFile();
    assertThat(page.resolveSibling("after/report.json")).isNotEmptyFile();
    assertThat(Files.readString(page.resolveSibling("repair.json")))
        .contains("\"outcome\":\"repaired\"", "\"what\":\"positions\"", "\"nodes\":[");
  }
}
