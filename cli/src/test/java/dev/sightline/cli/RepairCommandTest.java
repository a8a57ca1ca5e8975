package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.Model;
import dev.sightline.repair.Repair;
import dev.sightline.repair.RepairResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The options of {@code repair}; what it does is tested in its own module. */
class RepairCommandTest {
  private static final String POLICY = "../docs/examples/pi05-flow-sees-subtask.onnx";
  private static final String FEED = "../docs/examples/pi05.feed.npz";
  private static final String GROUPS = "../docs/examples/pi05-groups.mask";

  @TempDir Path folder;

  @Test
  void policy_getsTheDeclaredMask_withPagesAndJson() throws IOException {
    Path out = folder.resolve("policy.onnx");
    Path pages = folder.resolve("pages");
    Ran ran =
        Ran.run(
            "repair",
            POLICY,
            "--inputs",
            FEED,
            "--mask",
            GROUPS,
            "-o",
            out.toString(),
            "--out",
            pages.toString(),
            "--json",
            "-v");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err())
        .startsWith("REPAIRED  " + POLICY + " -> " + out)
        .contains("probes that fail: 2 before, 0 now", "  rewired   ");
    JsonNode json = JsonMapper.shared().readTree(ran.out());
    assertThat(json.get("outcome").asString()).isEqualTo("repaired");
    assertThat(json.get("masks").size()).isEqualTo(3);
    assertThat(json.get("nodes").size()).isGreaterThan(20);
    assertThat(out).isNotEmptyFile();
    assertThat(pages.resolve("repair.json")).isNotEmptyFile();
    assertThat(pages.resolve("repair.html")).content().contains("REPAIRED", "--mask ");
    assertThat(pages.resolve("before/report.html")).isNotEmptyFile();
    assertThat(pages.resolve("after/report.html")).content().contains("policy.onnx");
  }

  @Test
  void misuse_isSaidBeforeTheWork_andWritesNothing() throws IOException {
    Path copy = Files.copy(Path.of(POLICY), folder.resolve("model.onnx"));
    byte[] before = Files.readAllBytes(copy);
    assertThat(Ran.run("repair", copy.toString(), "-o", copy.toString()).err())
        .contains("is read by this command");
    assertThat(Files.readAllBytes(copy)).isEqualTo(before);
    String[] nowhere = {"repair", POLICY, "-o", folder.resolve("no/out.onnx").toString()};
    assertThat(Ran.run(nowhere).err()).contains("its folder does not exist");
    assertThat(Ran.run("repair", POLICY, "-o", folder.toString()).err())
        .contains("is not a regular file");
    assertThat(Ran.run("repair", POLICY).exitCode()).isEqualTo(Sightline.CANNOT_RUN);
    String[] fill = {"repair", POLICY, "-o", folder.resolve("x.onnx").toString(), "--fill", "1"};
    assertThat(Ran.run(fill).err()).contains("a fill must be below 0");
  }

  @Test
  void javaExample_works() throws IOException {
    Path broken = Path.of(POLICY);
    Path fixed = folder.resolve("fixed.onnx");
    RepairResult result = Repair.of(Model.open(broken)).writeTo(fixed);
    if (result.outcome() != RepairResult.Outcome.REPAIRED) {
      result.refused().forEach(refusal -> System.out.println(refusal.reason()));
    }
    assertThat(result.outcome()).isEqualTo(RepairResult.Outcome.WAS_RIGHT);
    assertThat(fixed).doesNotExist();
  }
}
