package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.KindAudit;
import dev.sightline.audit.zoo.TypedModels;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An input of each element type that ONNX Runtime takes: the audit of the right model finds no
 * fault, and that of a model whose second layer lacks the mask finds it.
 */
class InputTypesTest {
  private static final Set<ElementType> FLOATS =
      EnumSet.of(
          ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.FLOAT32, ElementType.FLOAT64);
  private static final Set<ElementType> INTEGERS =
      EnumSet.range(ElementType.INT8, ElementType.UINT64);

  interface Builder {
    byte[] build(ElementType type, boolean broken);
  }

  static Stream<Arguments> inputs() {
    return Stream.of(
            models("mask", List.of(ElementType.values()), TypedModels::mask),
            models("ids", INTEGERS, TypedModels::ids),
            models(
                "lengths", EnumSet.of(ElementType.UINT8, ElementType.UINT32), TypedModels::lengths),
            models("features", FLOATS, TypedModels::features),
            models(
                "throughout",
                List.of(ElementType.FLOAT16, ElementType.FLOAT64),
                TypedModels::throughout))
        .flatMap(all -> all);
  }

  private static Stream<Arguments> models(
      String what, Collection<ElementType> types, Builder builder) {
    return Arrays.stream(ElementType.values())
        .filter(type -> types.contains(type))
        .map(type -> Arguments.of(what, type, builder));
  }

  @ParameterizedTest(name = "{0} of {1}")
  @MethodSource("inputs")
  void everyType_isFedAndJudged(String what, ElementType type, Builder builder) throws IOException {
    AuditResult right = KindAudit.of(builder.build(type, false), what + " " + type);
    assertThat(right.conclusion().outcome()).as(KindAudit.words(right)).isEqualTo(Outcome.PASS);
    assertThat(right.finding(Probe.PAD_CONTENT).verdict().outcome()).isEqualTo(Outcome.PASS);
  }

  @ParameterizedTest(name = "mask of {0}")
  @EnumSource
  void aFault_isFoundUnderAMaskOfAnyType(ElementType type) throws IOException {
    AuditResult broken = KindAudit.of(TypedModels.mask(type, true), "mask " + type);
    assertThat(broken.finding(Probe.PAD_CONTENT).verdict().outcome())
        .as(KindAudit.words(broken))
        .isEqualTo(Outcome.FAIL);
  }
}
