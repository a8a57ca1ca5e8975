package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Verdict.Fail;
import dev.sightline.audit.Verdict.Leak;
import dev.sightline.audit.Verdict.Outcome;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.Sample;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every planted bug is found and located, and no correct model is accused. */
class ZooAuditTest {
  static Stream<ZooModel> correct() {
    return Stream.concat(Zoo.correct(), Zoo.tricky().filter(ZooModel::correct)).distinct();
  }

  @ParameterizedTest
  @MethodSource("correct")
  void correctModel_isNotAccused(ZooModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result)).isEmpty();
    assertThat(result.conclusion().outcome())
        .isIn(Outcome.PASS, Outcome.NUMERIC, Outcome.BY_DESIGN, Outcome.VACUOUS);
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

  static Stream<ZooModel> located() {
    // What happens inside the body of an If is out of reach, and said to be.
    return Zoo.bugs()
        .filter(model -> model.bug().layer() != null)
        .filter(model -> model.architecture() != Architecture.IF_BRANCH)
        .filter(model -> model.architecture() != Architecture.IF_CONSTANT);
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
        .isEqualTo(attentionOf(model, requireNonNull(model.bug().layer())));
    if (model.bug().head() != null) {
      assertThat(leaks.getFirst().head()).isEqualTo(model.bug().head());
    }
    assertThat(leaks.getFirst().isOutsideAttention())
        .isEqualTo(model.bug().place() == Bug.Place.OUTSIDE);
  }

  private static List<Finding> failures(AuditResult result) {
    return result.findings().stream().filter(f -> f.verdict() instanceof Fail).toList();
  }

  private static String words(AuditResult result) {
    StringBuilder words = new StringBuilder();
    for (Finding finding : result.findings()) {
      words.append(
          "%n%s %s %s: %s"
              .formatted(
                  finding.verdict().outcome(),
                  finding.probe().id(),
                  finding.stream(),
                  finding.verdict().meaning()));
    }
    return words.toString();
  }

  static AuditResult audit(ZooModel zoo) throws IOException {
    OnnxModel model = OnnxModel.parse(zoo.bytes(), zoo.name());
    Iterator<Sample> samples = new SampleMaker(model, 0, new Random(1)).make(4).iterator();
    return new Audit(model, AuditOptions.withPadId(0), done -> {})
        .run(() -> samples.hasNext() ? samples.next() : null);
  }
}
