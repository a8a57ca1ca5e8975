package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.DataFormat;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.GivenInputs;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.Row;
import dev.sightline.heads.HeadRun;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.repair.Repair;
import dev.sightline.repair.RepairResult;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit and the repair say of exported policies, whose parameters are the same. */
@NeedsLibTorch
class AuditedArmsTest {
  private static final int LANGUAGE = 12;
  private static final int TASKS = 10;
  private static final Offset<Float> NEAR = Offset.offset(1e-4f);

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
    HeadStatistics heads = heads(Model.open(out), rows());
    assertThat(means(heads, "padding", 0)).containsExactly(0, 0);
    assertThat(means(heads, "padding", 2)).containsExactly(0, 0);
  }

  @Test
  void headsOverTheRowsOfAnExport_attendToPaddingInTheOffArmAlone() throws IOException {
    Path rows = rows();
    assertThat(task().rows(5, TASKS)).isEqualTo(Files.readAllLines(rows));
    assertThat(task().rows(6, TASKS)).isNotEqualTo(Files.readAllLines(rows));
    for (EncoderMask mask : List.of(EncoderMask.ON, EncoderMask.OFF)) {
      Model model = export(mask);

      HeadStatistics heads = heads(model, rows);

      assertThat(heads.samples()).isEqualTo(TASKS);
      for (int cross : new int[] {0, 2}) {
        double[] expected = attentionOnPadding(model, rows, cross);
        double[] padding = means(heads, "padding", cross);
        assertThat(padding).containsExactly(expected, Offset.offset(1e-6));
        for (double each : padding) {
          assertThat(each > 0.01).isEqualTo(mask == EncoderMask.OFF);
          assertThat(each == 0).isEqualTo(mask == EncoderMask.ON);
        }
      }
    }
  }

  private static GrootTask task() {
    return new GrootTask(new MadeUpLanguage(LANGUAGE), 1, 8, TASKS);
  }

  private static Path rows() throws IOException {
    return Files.write(folder.resolve("groot.jsonl"), task().rows(5, TASKS));
  }

  private static HeadStatistics heads(Model model, Path rows) throws IOException {
    return HeadRun.of(model)
        .metrics(Set.of(HeadMetric.PADDING, HeadMetric.ENTROPY))
        .strict(true)
        .run(rows);
  }

  private static double[] means(HeadStatistics heads, String metric, int layer) {
    int number = heads.provenance().metric(metric);
    return IntStream.range(0, heads.provenance().headsPerLayer().get(layer))
        .mapToDouble(head -> heads.cell(number, layer, head).macro().mean().orElseThrow())
        .toArray();
  }

  /** The share of each head's probability at padding, summed from the probabilities themselves. */
  private static double[] attentionOnPadding(Model model, Path rows, int layer) throws IOException {
    AttentionSite site = model.attention().found().get(layer);
    String output = site.output(AttentionSite.Tap.PROBABILITIES);
    double[] sums = new double[2];
    try (DataFile file = DataFile.open(rows, DataFormat.JSONL, InputFields.of(model));
        ModelSession session =
            model.tappedSession(List.of(site), Set.of(AttentionSite.Tap.PROBABILITIES))) {
      while (file.next() instanceof Row.Inputs row) {
        Sample sample = GivenInputs.sample(model, row.line(), row.id(), row.values());
        Batch batch = Batch.ofGiven(model, List.of(sample), List.of(row.values()));
        FloatTensor p =
            Objects.requireNonNull(session.run(batch.feed(), List.of(output)).get(output));
        long[] mask = Objects.requireNonNull(row.values().get("attention_mask")).toLongs();
        int queries = p.shape().dim(2);
        int keys = p.shape().dim(3);
        for (int i = 0; i < p.data().length; i++) {
          int word = i % keys - (keys - mask.length); // after the things of the scene
          if (word >= 0 && mask[word] == 0) {
            sums[i / (keys * queries)] += p.data()[i] / queries / TASKS;
          }
        }
      }
    }
    return sums;
  }

  @Test
  void headsOfAPolicyWithASubtask_takeTheRowsOfEachPart() throws IOException {
    Pi05Task task = new Pi05Task(1, 8, TASKS);
    Parameters parameters = new Parameters(3);
    Pi05Policy policy =
        new Pi05Policy(
            parameters, new Pi05Policy.Shape(16, 2, 2, task.vocabulary(), PolicyMask.LANGUAGE));
    Shaken.all(parameters);
    for (Pi05Graph.Part part : Pi05Graph.Part.values()) {
      Path rows = folder.resolve(part + ".jsonl");
      Files.write(rows, task.rows(policy, NamedMask.RIGHT, part, 5, TASKS));
      byte[] onnx = Pi05Graph.of(policy, NamedMask.RIGHT, part);
      Model model = Model.open(Files.write(folder.resolve(part + ".onnx"), onnx));

      HeadStatistics heads = heads(model, rows);

      assertThat(heads.samples()).isEqualTo(TASKS);
      assertThat(Arrays.stream(means(heads, "entropy", 0)).min().orElseThrow()).isGreaterThan(0.5);
      if (part != Pi05Graph.Part.STEP) { // whose padding is in the cache
        assertThat(means(heads, "padding", 0)).containsExactly(0, 0);
      }
    }
    assertThat(keys("STEP", "past.0.key")).containsExactly(keys("PREFIX", "present.0.key"), NEAR);
  }

  /** Of the first row, what it gives for an input, or what the model makes of it. */
  private static float[] keys(String part, String name) throws IOException {
    Model model = Model.open(folder.resolve(part + ".onnx"));
    Path rows = folder.resolve(part + ".jsonl");
    try (DataFile file = DataFile.open(rows, DataFormat.JSONL, InputFields.of(model));
        ModelSession session = model.session()) {
      Row.Inputs row = (Row.Inputs) Objects.requireNonNull(file.next());
      RawTensor own = row.values().get(name);
      if (own != null) {
        return own.toFloats().data();
      }
      Sample sample = GivenInputs.sample(model, 1, row.id(), row.values());
      Batch batch = Batch.ofGiven(model, List.of(sample), List.of(row.values()));
      return Objects.requireNonNull(session.run(batch.feed(), List.of(name)).get(name)).data();
    }
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
