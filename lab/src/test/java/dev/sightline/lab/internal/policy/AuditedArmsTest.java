package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Audit;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.repair.Repair;
import dev.sightline.repair.RepairResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit and the repair say of exported action heads, whose parameters are the same. */
@NeedsLibTorch
class AuditedArmsTest {
  private static final int LANGUAGE = 12;

  @TempDir private static Path folder;

  private static Model export(EncoderMask mask) throws IOException {
    Parameters parameters = new Parameters(3);
    GrootPolicy policy = new GrootPolicy(parameters, new GrootPolicy.Shape(16, 2, 2, LANGUAGE));
    Shaken.all(parameters);
    Path file = folder.resolve(mask.name() + ".onnx");
    return Model.open(Files.write(file, GrootGraph.of(policy, mask, LANGUAGE)));
  }

  @Test
  void theAuditNamesTheArmWithoutAMaskAlone() throws IOException {
    for (EncoderMask mask : EncoderMask.values()) {
      Model model = export(mask);
      List<Sample> samples = new RandomTokens(model, 0, 1).samples(3);

      Outcome outcome = Audit.of(model).samples(samples).run().conclusion().outcome();

      assertThat(outcome)
          .as("encoder mask %s", mask)
          .isEqualTo(mask == EncoderMask.OFF ? Outcome.FAIL : Outcome.PASS);
    }
  }

  @Test
  void theRepairedArmIsTheOneWithTheMaskOn() throws IOException {
    Model off = export(EncoderMask.OFF);
    List<Sample> samples = new RandomTokens(off, 0, 1).samples(4);
    Path out = folder.resolve("repaired.onnx");

    RepairResult result = Repair.of(off).samples(samples).writeTo(out);

    assertThat(result.outcome()).isEqualTo(RepairResult.Outcome.REPAIRED);
    float[] on = run(export(EncoderMask.ON), samples);
    assertThat(run(Model.open(out), samples)).containsExactly(on, Offset.offset(1e-5f));
    assertThat(run(off, samples)).isNotEqualTo(on);
  }

  private static float[] run(Model model, List<Sample> samples) throws IOException {
    try (ModelSession session = model.session()) {
      return Objects.requireNonNull(
              session
                  .run(Batch.of(model.roles(), samples, 0).feed(), List.of("velocity"))
                  .get("velocity"))
          .data();
    }
  }
}
