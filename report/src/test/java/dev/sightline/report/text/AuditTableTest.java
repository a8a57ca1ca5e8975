package dev.sightline.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.Offence;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSites;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;

class AuditTableTest {
  private static final Evidence EVIDENCE =
      new Evidence(0.5, new Limit(0, Limit.Exact.EQUAL_SHAPES), 9, null, null, null);

  @Test
  void failuresComeFirst_andWhatDoesNotApplyIsCounted() {
    String printed = printed(result(List.of(), 2, 2));
    assertThat(printed.indexOf("FAIL            causality"))
        .isBetween(0, printed.indexOf("INCONCLUSIVE    pad-left"));
    assertThat(printed.indexOf("INCONCLUSIVE    pad-left"))
        .isLessThan(printed.indexOf("PASS            pad-content"));
    assertThat(printed)
        .contains("2 more questions do not apply to this model.")
        .doesNotContain("NOT_APPLICABLE")
        .contains("WHAT THE MASK IS WORTH HERE (information, not a verdict)");
    assertThat(printed.replaceAll("\\s+", " "))
        .contains("padding tax: 0.50 x", "redundant below 0.01, useful above 0.1");
  }

  @Test
  void aFailingAttention_isDrawnTokenByToken_andSaysItsWorst() {
    String printed = printed(result(List.of(offending(0, 5, 4), offending(1, 5, 4)), 5, 4));
    assertThat(printed)
        .contains("attentions 0, 1: 2 of 7 forbidden probabilities are not 0")
        .contains("  action 0-3       xxxxx ....    xxxxx ####")
        .contains("  action 4         ----- ----    ----- ----")
        .contains("action 2 attends to subtask 1 in attention 0, head 0 (row 2), probability 0.031")
        .contains("x allowed, and attended to");
  }

  @Test
  void aLargeAttention_isDrawnBySegments() {
    assertThat(printed(result(List.of(offending(0, 40, 20)), 40, 20)))
        .containsPattern("  action +x +\\. +x +#780");
  }

  @Test
  void everyLine_fitsTheTerminal() {
    for (int size : new int[] {2, 12, 17, 18, 19, 24, 30, 64}) {
      assertThat(printed(result(List.of(offending(0, size, size)), size, size)).lines())
          .allMatch(line -> line.length() <= 100);
    }
  }

  @Test
  void hostileNames_doNotSteerTheTerminal() {
    CellPicture picture =
        CellPicture.of(
            0,
            List.of("@|red x|@\u001B[31m 0"),
            List.of("a\u202E\n\u0007 0"),
            new boolean[1],
            new boolean[1],
            new boolean[1],
            new float[] {Float.NaN});
    Offence offence = new Offence(0, 0, 0, 0, 0, "\u001B[2J", "b\u0000", 1);
    assertThat(printed(result(List.of(attention(0, picture, offence)), 1, 1)))
        .contains("\\u001b[2J attends to b\\u0000", "@ |red x|@\\u001b")
        .doesNotContain("\u001B", "\u202E", "\u0007", "\u0000");
  }

  /** All rows but the last, which is padding, look at the second half of the columns too. */
  private static Attention offending(int number, int rows, int half) {
    List<String> queries = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      queries.add("action " + i);
      keys.add("vl " + i);
    }
    for (int i = 0; i < half; i++) {
      keys.add("subtask " + i);
    }
    boolean[] padded = new boolean[rows];
    padded[rows - 1] = true;
    boolean[] declared = new boolean[rows * keys.size()];
    float[] observed = new float[declared.length];
    for (int i = 0; i < declared.length; i++) {
      declared[i] = i % keys.size() < rows;
      observed[i] = 0.1f;
    }
    CellPicture picture =
        CellPicture.of(0, queries, keys, padded, new boolean[keys.size()], declared, observed);
    return attention(
        number, picture, new Offence(number, 2, 0, 2, 1, "action 2", "subtask 1", 0.031f));
  }

  private static Attention attention(int number, CellPicture picture, Offence offence) {
    return new Attention(
        number,
        "node",
        "full",
        State.OFFENDS,
        "",
        9,
        7,
        2,
        0,
        0,
        0.5,
        List.of(offence),
        picture,
        0);
  }

  private static AuditResult result(List<Attention> attentions, int rows, int columns) {
    Verdict pass = new Verdict.Pass(Cause.Kind.UNCHANGED, EVIDENCE);
    Conformance conformance =
        new Conformance(
            1,
            List.of(),
            attentions,
            new Conformance.Reach(rows, columns, 0, 0, 0, 0, List.of(), List.of(), null),
            pass,
            pass,
            List.of());
    Estimate four = new Estimate(4, 3, 5, 20);
    Estimate eight = new Estimate(8, 7, 9, 20);
    return new AuditResult(
        new ModelFacts("m", "", 17, 12, "cd34", false, List.of(), List.of(), List.of()),
        new Conditions(
            SampleOrigin.GIVEN,
            1,
            1,
            3,
            3,
            3,
            List.of(),
            42,
            "ONNX Runtime",
            Instant.parse("2026-11-28T16:00:00Z"),
            0.01,
            OptionalDouble.empty()),
        new Conclusion(Outcome.FAIL, Summary.NOT_CAUSAL),
        List.of(
            new Finding(Probe.PAD_CONTENT, pass),
            new Finding(
                Probe.PAD_LEFT, new Verdict.Inconclusive(Cause.Kind.CONTROL_UNCHANGED, EVIDENCE)),
            new Finding(Probe.POSITIONS, new Verdict.NotApplicable(Cause.Kind.FIXED_LENGTH)),
            new Finding(Probe.POOLING, new Verdict.NotApplicable(Cause.Kind.FIXED_LENGTH)),
            new Finding(
                Probe.CAUSALITY,
                new Verdict.Fail(new Cause.CausalShifted(1, true), EVIDENCE, null))),
        null,
        new BatchRule(0x1p-23, 1, 0, false, Verdict.Outcome.FAIL, true, null),
        new AttentionSites(List.of(), List.of()),
        null,
        OptionalDouble.empty(),
        List.of(),
        null,
        conformance,
        null,
        new MaskTrial(
            List.of(),
            four,
            four,
            four,
            four,
            eight,
            new MaskTrial.Memory(OptionalLong.empty(), OptionalLong.empty()),
            new MaskTrial.Thumb(OptionalDouble.of(0.5), OptionalDouble.of(0.005)),
            false),
        null);
  }

  private static String printed(AuditResult result) {
    StringWriter out = new StringWriter();
    new AuditTable(new PrintWriter(out), Help.defaultColorScheme(Ansi.OFF)).print(result);
    return out.toString();
  }
}
