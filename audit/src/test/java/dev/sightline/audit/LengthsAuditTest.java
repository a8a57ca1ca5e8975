package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.KindAudit;
import dev.sightline.audit.zoo.LengthsKind;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lengths {@code [B]} are a mask in another form: they are fed, and padding is judged by them. */
class LengthsAuditTest {
  @ParameterizedTest
  @EnumSource
  void paddingByLengths_isProvedOnTheRight(LengthsKind kind) throws IOException {
    AuditResult result = KindAudit.of(kind.bytes(false), kind.name());

    assertThat(result.conclusion().outcome()).as(KindAudit.words(result)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.MASK_VALUE)).isEqualTo(Outcome.PASS);
    assertThat(result.finding(Probe.PAD_LEFT).verdict().cause())
        .isEqualTo(Kind.LENGTHS_FROM_ROW_START);
    assertThat(result.finding(Probe.SIDE_CONTENT).verdict().cause())
        .isEqualTo(Kind.LENGTHS_FROM_ROW_START);
  }

  @ParameterizedTest
  @EnumSource
  void paddingThatLengthsDoNotHide_isAFault(LengthsKind kind) throws IOException {
    AuditResult result = KindAudit.of(kind.bytes(true), kind.name());

    assertThat(result.conclusion().outcome()).as(KindAudit.words(result)).isEqualTo(Outcome.FAIL);
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.FAIL);
  }

  @Test
  void convolutionOverPadding_isNamed() throws IOException {
    AuditResult result = KindAudit.of(LengthsKind.CONVOLUTION.bytes(true), "convolution");

    assertThat(result.faults()).hasSize(1);
    assertThat(result.finding(Probe.PAD_CONTENT).verdict())
        .isInstanceOfSatisfying(
            Verdict.Fail.class,
            fail -> {
              assertThat(requireNonNull(fail.leak()).operator()).isEqualTo("Conv");
            });
  }

  private static Outcome outcome(AuditResult result, Probe probe) {
    return result.finding(probe).verdict().outcome();
  }
}
