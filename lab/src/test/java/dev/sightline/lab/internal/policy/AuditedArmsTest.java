package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.result.AuditResult;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit and the repair say of exported policies, whose parameters are the same. */
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

  @Test
  void theAuditOfPoliciesWithASubtask_namesWhoSeesTooMuch() throws IOException {
    String right =
        "groups(image(5) language(6) subtask(6, causal) flow(8); image language see image language;"
            + " subtask sees image language subtask; flow sees image language flow) & key-padding";
    for (NamedMask mask :
        List.of(NamedMask.RIGHT, NamedMask.FLOW_SEES_SUBTASK, NamedMask.ROW_CAUSAL)) {
      Model model = exportWithSubtask(mask);

      AuditResult result =
          Audit.of(model)
              .samples(new RandomTokens(model, 0, 1).samples(2))
              .expect(Expectation.parse(right))
              .segments(Segments.parse("image=5,language=6,subtask=6,flow=8"))
              .run();

      Set<String> seen =
          Objects.requireNonNull(result.conformance()).attentions().stream()
              .flatMap(attention -> attention.worst().stream())
              .map(offence -> segment(offence.queryName()) + " sees " + segment(offence.keyName()))
              .collect(Collectors.toSet());
      assertThat(result.conclusion().outcome())
          .as("mask %s", mask)
          .isEqualTo(mask == NamedMask.RIGHT ? Outcome.PASS : Outcome.FAIL);
      switch (mask) {
        case RIGHT -> assertThat(seen).isEmpty();
        case FLOW_SEES_SUBTASK -> assertThat(seen).containsExactly("flow sees subtask");
        default -> assertThat(seen).contains("language sees subtask", "language sees flow");
      }
    }
  }

  private static String segment(String token) {
    return token.substring(0, token.indexOf(' '));
  }

  private static Model exportWithSubtask(NamedMask mask) throws IOException {
    Parameters parameters = new Parameters(3);
    Pi05Policy policy = new Pi05Policy(parameters, new Pi05Policy.Shape(16, 2, 2, 20, 6));
    Shaken.all(parameters);
    Path file = folder.resolve(mask.id() + ".onnx");
    return Model.open(Files.write(file, Pi05Graph.of(policy, mask, Pi05Graph.Part.JOINT)));
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
