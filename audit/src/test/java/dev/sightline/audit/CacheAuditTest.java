package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.CacheZoo;
import dev.sightline.audit.zoo.CachedModel;
import dev.sightline.audit.zoo.CachedModel.Fault;
import dev.sightline.data.RandomTokens;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoders with a cache of every layout are run in steps, right ones and ones with a fault. */
class CacheAuditTest {
  static Stream<CachedModel> correct() {
    return CacheZoo.correct();
  }

  static Stream<CachedModel> faults() {
    return CacheZoo.faults();
  }

  @ParameterizedTest
  @MethodSource("correct")
  void rightCache_isNotAccused(CachedModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result)).as(words(result)).isEmpty();
    assertThat(result.finding(Probe.CACHE).verdict().outcome())
        .as(words(result))
        .isIn(Outcome.PASS, Outcome.ROUNDING);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultOfSteps_isFound_onceAndByTheCache(CachedModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result))
        .extracting(Finding::probe)
        .as(words(result))
        .containsExactly(Probe.CACHE);
    Fail fail = (Fail) result.finding(Probe.CACHE).verdict();
    boolean ofMask = model.fault().name().contains("MASK");
    assertThat(VerdictText.of(Probe.CACHE, fail)).contains(ofMask ? "mask over the past" : "step");
    if (model.fault() == Fault.MASK_ONLY_AT_PREFILL_LAYER) {
      assertThat(fail.leak()).isNotNull().extracting(leak -> leak.layer()).isEqualTo(1);
    }
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
                  VerdictText.of(finding)));
    }
    return words.toString();
  }

  private static AuditResult audit(CachedModel cached) throws IOException {
    Model model = Model.parse(cached.bytes(), cached.name());
    return Audit.of(model).padId(0).samples(new RandomTokens(model, 0, 1).samples(4)).run();
  }
}
