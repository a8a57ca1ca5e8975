package dev.sightline.audit;

import static dev.sightline.audit.zoo.KindAudit.failures;
import static dev.sightline.audit.zoo.KindAudit.words;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Counterfactual;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooDocs;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every planted bug is found and located, and no correct model is accused. The table of it is
 * docs/zoo.md, which this test writes with {@code -Dsightline.writeDocs=true}.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ZooAuditTest {
  private final Map<String, AuditResult> audited = new HashMap<>();

  static Stream<ZooModel> correct() {
    return Stream.concat(Zoo.correct(), Zoo.tricky().filter(ZooModel::correct)).distinct();
  }

  @ParameterizedTest
  @MethodSource("correct")
  void correctModel_isNotAccused(ZooModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result)).isEmpty();
    assertThat(result.conclusion().outcome())
        .isIn(Outcome.PASS, Outcome.ROUNDING, Outcome.BY_DESIGN, Outcome.INCONCLUSIVE);
  }

  static Stream<ZooModel> bugs() {
    return Zoo.bugs();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void bug_isFound(ZooModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(result.conclusion().outcome()).as(words(result)).isEqualTo(Outcome.FAIL);
  }

  /** One bug is one fault, whatever follows from it. */
  @ParameterizedTest
  @MethodSource("bugs")
  void bug_isOneFault(ZooModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(result.faults()).as(words(result)).hasSize(1);
    assertThat(result.faults().getFirst().consequences())
        .hasSize(failures(result).size() - 1)
        .doesNotContain(result.faults().getFirst().cause());
  }

  /** What the mask is the reason of goes away with the right one, and nothing else does. */
  @ParameterizedTest
  @MethodSource("bugs")
  void bug_goesAwayWithTheRightMask_whereItIsTheMasks(ZooModel model) throws IOException {
    AuditResult result = audit(model);
    Counterfactual counterfactual = result.counterfactual();

    if (result.finding(Probe.NEIGHBOUR).verdict().outcome() == Outcome.FAIL || isInBody(model)) {
      assertThat(counterfactual).isNull();
      return;
    }
    assertThat(requireNonNull(counterfactual).whyNot()).isEmpty();
    boolean ofMask = model.bug().place() == Bug.Place.ATTENTION || model.bug() == Bug.MASK_CUT_ALL;
    if (ofMask) {
      assertThat(counterfactual.remaining()).as(words(result)).isEmpty();
      assertThat(counterfactual.layers())
          .first()
          .isEqualTo(attentionOf(model, requireNonNull(model.bug().layer())));
    } else {
      assertThat(counterfactual.cured()).as(words(result)).isEmpty();
    }
    assertThat(Answer.of(result).proof()).isNotEmpty();
  }

  private static boolean isInBody(ZooModel model) {
    return model.architecture() == Architecture.IF_BRANCH
        || model.architecture() == Architecture.IF_CONSTANT;
  }

  static Stream<ZooModel> located() {
    // What happens inside the body of an If is out of reach, and said to be.
    return Zoo.bugs()
        .filter(model -> model.bug().layer() != null)
        .filter(model -> !isInBody(model));
  }

  /** Attentions are counted over all stacks: encoder, then self and cross by turns. */
  private static int attentionOf(ZooModel model, int layer) {
    boolean cross = model.bug().name().startsWith("ENCODER_MASK_IGNORED");
    boolean causal = model.bug().name().startsWith("CAUSAL");
    return switch (model.architecture()) {
      case ENCODER_DECODER ->
          cross || causal ? model.layers() + 2 * layer + (cross ? 1 : 0) : layer;
      case CROSS_FEATURES -> 2 * layer + 1;
      default -> layer;
    };
  }

  @ParameterizedTest
  @MethodSource("located")
  void bug_isLocated(ZooModel model) throws IOException {
    AuditResult result = audit(model);

    List<Leak> leaks =
        failures(result).stream()
            .map(f -> ((Fail) f.verdict()).leak())
            .filter(leak -> leak != null)
            .toList();
    assertThat(leaks).as(words(result)).isNotEmpty();
    assertThat(leaks.getFirst().layer())
        .as(words(result))
        .hasValue(attentionOf(model, requireNonNull(model.bug().layer())));
    if (model.bug().head() != null) {
      assertThat(leaks.getFirst().head()).hasValue(model.bug().head());
    }
    assertThat(leaks.getFirst().isOutsideAttention())
        .isEqualTo(model.bug().place() == Bug.Place.OUTSIDE);
  }

  static Stream<ZooModel> outside() {
    return Zoo.bugs().filter(model -> model.bug() == Bug.LEAK_OUTSIDE);
  }

  /** Padding and later tokens enter by the same mean over all tokens, whatever shows it. */
  @ParameterizedTest
  @MethodSource("outside")
  void leakOutsideAttention_isLocatedAtItsNode(ZooModel model) throws IOException {
    assertThat(failures(audit(model)))
        .extracting(f -> requireNonNull(((Fail) f.verdict()).leak()).operator())
        .isNotEmpty()
        .containsOnly("ReduceMean");
  }

  /** A layer number says little where there are two stacks: the input is named. */
  @Test
  void leakIntoAnEncoder_namesItsInput() throws IOException {
    AuditResult result = audit(Zoo.model(Architecture.ENCODER_DECODER, Bug.LEAK_OUTSIDE));

    Finding first = failures(result).getFirst();
    assertThat(requireNonNull(((Fail) first.verdict()).leak()).stream()).isEqualTo("input_ids");
    assertThat(VerdictText.of(first)).contains("ReduceMean", "input_ids");
  }

  /** Rows that mix are the only fault that is named, since what else is asked needs them apart. */
  @ParameterizedTest
  @EnumSource(names = {"ENCODER", "DECODER"})
  void rowsThatMix_areTheOnlyFault(Architecture architecture) throws IOException {
    for (Bug bug : List.of(Bug.BATCH_LEAK, Bug.SWAPPED_AXES)) {
      AuditResult result = audit(Zoo.model(architecture, bug));

      assertThat(failures(result)).extracting(Finding::probe).containsExactly(Probe.NEIGHBOUR);
      assertThat(result.finding(Probe.BATCH).verdict().outcome()).isEqualTo(Outcome.NOT_APPLICABLE);
      assertThat(VerdictText.of(result.finding(Probe.NEIGHBOUR)))
          .contains(bug == Bug.BATCH_LEAK ? "at ReduceMean" : "axes of rows and tokens");
    }
  }

  @Test
  void modelThatTakesOneRow_isAFindingAndIsAudited() throws IOException {
    AuditResult result = audit(Zoo.model(Architecture.ENCODER, Bug.ONE_ROW));

    assertThat(failures(result)).extracting(Finding::probe).containsExactly(Probe.NEIGHBOUR);
    assertThat(VerdictText.of(result.finding(Probe.NEIGHBOUR)))
        .contains("refused at", "exported for one row")
        .doesNotContain("Attempting", "dimension");
    assertThat(result.finding(Probe.PAD_CONTENT).verdict().outcome()).isEqualTo(Outcome.PASS);
  }

  /** Rotary positions are relative: only padding inside a text shows that they are not read. */
  @Test
  void rotaryPositionsThatAreNotRead_areAFault() throws IOException {
    AuditResult result = audit(Zoo.model(Architecture.GQA, Bug.POSITIONS_IGNORED));

    assertThat(failures(result)).extracting(Finding::probe).containsExactly(Probe.POSITIONS);
  }

  @Test
  void declaredPooling_isEnforced() throws IOException {
    ZooModel mean = Zoo.pooled(Architecture.RELATIVE, dev.sightline.audit.zoo.Pooling.MEAN);

    assertThat(VerdictText.of(run(mean, Optional.of(Pooling.MEAN)).finding(Probe.POOLING)))
        .contains("It is the mean.", "on either side");
    Verdict wrong = run(mean, Optional.of(Pooling.LAST)).finding(Probe.POOLING).verdict();
    assertThat(wrong.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(VerdictText.of(Probe.POOLING, wrong))
        .contains("not the last over real tokens", "It is the mean.");
  }

  @Test
  void table_isTheOneInTheDocs() throws IOException {
    StringBuilder table = new StringBuilder();
    table.append(
        """
        # What the audit finds

        Made and checked by `ZooAuditTest`: small models of every architecture that is audited, right ones and copies
        with one bug each. Layers and heads count from 0.

        ## Bugs

        | bug | models | found | by, in at least half of them | located |
        | --- | --- | --- | --- | --- |
        """);
    for (Bug bug : Bug.values()) {
      List<ZooModel> models = bugs().filter(model -> model.bug() == bug).toList();
      if (!models.isEmpty()) {
        table.append(row(bug, models));
      }
    }
    table.append(
        """

        ## Right models

        | model | verdict | what is said besides |
        | --- | --- | --- |
        """);
    for (ZooModel model : correct().toList()) {
      AuditResult result = audit(model);
      table.append(
          "| %s | %s | %s |%n"
              .formatted(model.name(), result.conclusion().outcome(), besides(result)));
    }
    ZooDocs.requireSections("# What the audit finds", ZooDocs.STEPS, table.toString());
  }

  private String row(Bug bug, List<ZooModel> models) throws IOException {
    Map<Probe, Integer> probes = new TreeMap<>();
    int found = 0;
    int located = 0;
    int unreadable = 0;
    for (ZooModel model : models) {
      AuditResult result = audit(model);
      List<Finding> failures = failures(result);
      found += failures.isEmpty() ? 0 : 1;
      failures.stream()
          .map(Finding::probe)
          .distinct()
          .forEach(probe -> probes.merge(probe, 1, Integer::sum));
      boolean inside = located().anyMatch(model::equals);
      located += inside ? 1 : 0; // bug_isLocated holds each of them
      unreadable += !inside && bug.layer() != null ? 1 : 0;
    }
    // Fewer could be a matter of the machine's arithmetic, where a model rounds to 8 bits.
    String by =
        probes.entrySet().stream()
            .filter(probe -> 2 * probe.getValue() >= models.size())
            .map(probe -> probe.getKey().id())
            .collect(Collectors.joining(", "));
    String where =
        bug.layer() == null
            ? bug.place() == Bug.Place.POOLING ? "pooling" : "positions"
            : (bug.place() == Bug.Place.OUTSIDE ? "outside attention, before layer " : "layer ")
                + bug.layer()
                + (bug.head() == null ? "" : ", head " + bug.head())
                + (unreadable == 0
                    ? ""
                    : " in " + located + "; " + unreadable + " in an If's body");
    return "| %s | %d | %d | %s | %s |%n"
        .formatted(
            bug.name().toLowerCase(Locale.ROOT).replace('_', '-'), models.size(), found, by, where);
  }

  static String besides(AuditResult result) {
    return result.findings().stream()
        .filter(f ->
            f.verdict().outcome() == Outcome.BY_DESIGN
                || f.verdict().outcome() == Outcome.PAD_RIGHT_ONLY)
        .map(f -> f.probe().id() + " " + f.verdict().outcome())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Each model once, whatever is asked about it. */
  private AuditResult audit(ZooModel zoo) throws IOException {
    AuditResult known = audited.get(zoo.name());
    if (known != null) {
      return known;
    }
    AuditResult result = run(zoo, Optional.empty());
    audited.put(zoo.name(), result);
    return result;
  }

  private static AuditResult run(ZooModel zoo, Optional<Pooling> pooling) throws IOException {
    Model model = Model.parse(zoo.bytes(), zoo.name());
    List<Sample> samples = new RandomTokens(model, 0, 1).samples(4);
    Audit audit = Audit.of(model).padId(0).samples(samples);
    return pooling.map(audit::pooling).orElse(audit).run();
  }
}
