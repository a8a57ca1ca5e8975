package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.InputKind;
import dev.sightline.audit.zoo.KindAudit;
import dev.sightline.audit.zoo.OutputKind;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models of every kind that people have: right ones are not accused, and faults are found. */
class KindsAuditTest {
  @ParameterizedTest
  @EnumSource
  void rightModel_byItsInputs(InputKind kind) throws IOException {
    isRight(KindAudit.of(kind.bytes(false), kind.name()));
  }

  @ParameterizedTest
  @EnumSource
  void brokenModel_byItsInputs(InputKind kind) throws IOException {
    isBroken(KindAudit.of(kind.bytes(true), kind.name()));
  }

  @ParameterizedTest
  @EnumSource
  void rightModel_byItsOutputs(OutputKind kind) throws IOException {
    isRight(KindAudit.of(kind.bytes(false), kind.name()));
  }

  @ParameterizedTest
  @EnumSource
  void brokenModel_byItsOutputs(OutputKind kind) throws IOException {
    isBroken(KindAudit.of(kind.bytes(true), kind.name()));
  }

  private static void isRight(AuditResult result) {
    assertThat(KindAudit.failures(result)).as(KindAudit.words(result)).isEmpty();
    assertThat(result.conclusion().outcome())
        .as(KindAudit.words(result))
        .isIn(Outcome.PASS, Outcome.PAD_RIGHT_ONLY);
  }

  private static void isBroken(AuditResult result) {
    assertThat(result.conclusion().outcome()).as(KindAudit.words(result)).isEqualTo(Outcome.FAIL);
  }
}
