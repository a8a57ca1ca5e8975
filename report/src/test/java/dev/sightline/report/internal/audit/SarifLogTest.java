package dev.sightline.report.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.AuditReport;
import dev.sightline.report.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SarifLogTest {
  private static final Path SCRIPT = Path.of("scripts", "export model+ü.py");
  private static final Schema SCHEMA = schema();

  /** The schema of OASIS, from the jar of another library. */
  private static Schema schema() {
    try (InputStream in =
        SarifLogTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      JsonNode schema = JsonMapper.shared().readTree(Objects.requireNonNull(in));
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(schema);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode valid(AuditResult result, @Nullable Path source, int line) {
    String json = AuditReport.of(result, "sightline audit m.onnx", "1.2").sarif(source, line);
    assertThat(SCHEMA.validate(json, InputFormat.JSON)).isEmpty();
    return JsonMapper.shared().readTree(json).get("runs").get(0);
  }

  @Test
  void aFault_isAnError_atItsSource_withLayerAndNode() {
    JsonNode run = valid(Fixtures.failed("a cat"), SCRIPT, 7);
    JsonNode fault = run.get("results").get(0);

    assertThat(run.at("/tool/driver/version").asString()).isEqualTo("1.2");
    assertThat(run.at("/invocations/0/commandLine").asString()).isEqualTo("sightline audit m.onnx");
    assertThat(fault.get("level").asString()).isEqualTo("error");
    assertThat(fault.at("/message/text").asString()).startsWith("a cat: ");
    assertThat(run.at("/tool/driver/rules").get(fault.get("ruleIndex").asInt()).get("id"))
        .isEqualTo(fault.get("ruleId"));
    JsonNode physical = fault.at("/locations/0/physicalLocation");
    assertThat(physical.at("/artifactLocation/uri").asString())
        .isEqualTo("scripts/export%20model%2B%C3%BC.py");
    assertThat(physical.at("/region/startLine").asInt()).isEqualTo(7);
    assertThat(fault.at("/locations/0/logicalLocations/0/fullyQualifiedName").asString())
        .isEqualTo("layer 1, head 1");
  }

  @Test
  void anAlert_isKnownAgain_byModelAndPlace_notByNumbers() {
    String one = fingerprint(Fixtures.failed("a cat"));

    assertThat(fingerprint(Fixtures.failed("a cat"))).isEqualTo(one).matches("[0-9a-f]{16}:1");
    assertThat(fingerprint(Fixtures.failed("a dog"))).isNotEqualTo(one);
  }

  private static String fingerprint(AuditResult result) {
    return valid(result, SCRIPT, 1)
        .at("/results/0/partialFingerprints/primaryLocationLineHash")
        .asString();
  }

  @Test
  void withoutASource_thereIsNoPhysicalLocation() {
    JsonNode location = valid(Fixtures.failed("a cat"), null, 1).at("/results/0/locations/0");

    assertThat(location.has("physicalLocation")).isFalse();
    assertThat(location.has("logicalLocations")).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Outcome.class)
  void everyOutcome_isValid(Outcome outcome) {
    JsonNode run = valid(concluded(outcome), SCRIPT, 1);

    switch (outcome) {
      case PASS, BY_DESIGN, NOT_APPLICABLE -> assertThat(run.get("results")).isEmpty();
      case NO_DATA -> {
        assertThat(run.get("results")).isEmpty();
        assertThat(run.at("/invocations/0/executionSuccessful").asBoolean()).isFalse();
      }
      case FAIL -> assertThat(run.at("/results/0/level").asString()).isEqualTo("error");
      case INCONCLUSIVE ->
          assertThat(run.at("/results/0/ruleId").asString()).isEqualTo("inconclusive");
      case PAD_RIGHT_ONLY, PAD_LEFT_ONLY ->
          assertThat(run.at("/results/0/ruleId").asString()).isEqualTo("pad-side");
      case ROUNDING -> assertThat(run.at("/results/0/ruleId").asString()).isEqualTo("rounding");
    }
  }

  private static AuditResult concluded(Outcome outcome) {
    Summary summary =
        switch (outcome) {
          case FAIL -> Summary.PADDING_REACHES;
          case PASS -> Summary.MASK_HOLDS;
          case ROUNDING -> Summary.QUANTISATION;
          case PAD_RIGHT_ONLY -> Summary.RIGHT_SIDE;
          case PAD_LEFT_ONLY -> Summary.LEFT_SIDE;
          case BY_DESIGN -> Summary.NO_MASK_INPUT;
          case INCONCLUSIVE -> Summary.NOTHING_PROVED;
          case NOT_APPLICABLE -> Summary.NOTHING_TO_MASK;
          case NO_DATA -> Summary.NO_DATA;
        };
    AuditResult some = Fixtures.failed("a cat");
    return new AuditResult(
        some.model(),
        some.conditions(),
        new Conclusion(outcome, summary),
        some.findings(),
        some.noiseFloor(),
        new BatchRule(0x1p-23, 1, 0, false, Outcome.FAIL, true, null),
        some.attention(),
        some.paddingMass(),
        some.unmaskedWeight(),
        some.paddingNorms(),
        some.picture(),
        some.conformance(),
        some.mask(),
        some.trial(),
        some.counterfactual());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"}],\"results\":[{\"",
        "[text](https://example.org) {0}",
        "\u0000\u202E\uD800\n\\",
      })
  void hostileText_staysAMessage(String hostile) {
    JsonNode run = valid(Fixtures.failed(hostile), Path.of("..", "m.py"), 1);

    String message = run.at("/results/0/message/text").asString();
    assertThat(message).doesNotContain("\u202E", "\n").doesNotContainPattern("(?<!\\\\)[\\[\\]]");
    assertThat(message.replace("{{", "").replace("}}", "")).doesNotContain("{", "}");
    assertThat(run.at("/results/0/locations/0/physicalLocation/artifactLocation/uri").asString())
        .startsWith("file:///")
        .endsWith("/m.py");
  }
}
