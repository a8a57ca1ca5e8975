package dev.sightline.report.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Verdict;
import dev.sightline.report.AuditReport;
import dev.sightline.report.Fixtures;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditJsonTest {
  @Test
  void json_hasTheDocumentedKeysInTheirOrder() {
    JsonNode root = parsed(Fixtures.failed("a cat"), "sightline audit m.onnx");
    assertThat(root.propertyNames())
        .containsExactly(
            "schema",
            "version",
            "sightline",
            "finished",
            "command",
            "model",
            "conditions",
            "conclusion",
            "findings",
            "noiseFloor",
            "attention",
            "paddingMass",
            "paddingNorms",
            "picture",
            "conformance",
            "mask",
            "trial");
    assertThat(root.at("/mask/layers/0/masks/0/mask").asString()).isEqualTo("a cat");
    assertThat(root.at("/mask/layers/1/notRead").asString()).isEqualTo("a cat");
    assertThat(root.path("schema").asString()).isEqualTo("sightline.audit");
    assertThat(root.path("version").asInt()).isEqualTo(3);
    assertThat(root.path("command").asString()).isEqualTo("sightline audit m.onnx");
    assertThat(root.path("conclusion").path("outcome").asString()).isEqualTo("FAIL");
    assertThat(root.path("findings")).hasSize(25);
    JsonNode finding = root.path("findings").path(0);
    assertThat(finding.propertyNames())
        .containsExactly(
            "probe", "stream", "question", "method", "verdict", "meaning", "evidence", "leak");
    assertThat(finding.path("probe").asString()).isEqualTo("pad-content");
    assertThat(finding.path("evidence").propertyNames())
        .containsExactly("difference", "limit", "compared", "worst", "effect", "control");
    assertThat(finding.at("/evidence/difference").asDouble()).isEqualTo(0.974);
    assertThat(finding.at("/evidence/worst/token").asInt()).isEqualTo(5);
    assertThat(finding.at("/leak/mass").asDouble()).isEqualTo(0.806);
    assertThat(root.at("/findings/0/leak/node").asString()).isEqualTo("/layer.1/Softmax");
    assertThat(root.at("/findings/0/leak/outsideAttention").asBoolean()).isFalse();
    assertThat(root.at("/attention/found/1/masks/0/route").asString()).isEqualTo("SHAPE_ONLY");
    assertThat(root.at("/paddingMass/layers/1/max/1").asDouble()).isEqualTo(0.806);
  }

  @Test
  void json_ofADeclaredMask_countsAndNamesOffences() {
    JsonNode conformance = parsed(Fixtures.failed("a cat"), "").path("conformance");
    assertThat(conformance.at("/attentions/0/state").asString()).isEqualTo("OFFENDS");
    assertThat(conformance.at("/attentions/0/worst/0/queryName").asString()).isEqualTo("a cat");
    assertThat(conformance.at("/attentions/0/worst/0/probability").toString()).isEqualTo("0.031");
    assertThat(conformance.at("/attentions/3/largestAllowed").isNull()).isTrue();
    assertThat(conformance.at("/reach/leaks").asInt()).isEqualTo(2);
    assertThat(conformance.at("/inside/leak/head").asInt()).isEqualTo(1);
  }

  @Test
  void json_ofATrial_hasItsThresholds_andTheFirstHundredTexts() {
    AuditResult result = Fixtures.failed("a cat").with(Fixtures.trial("a cat", 101));
    JsonNode trial = parsed(result, "").path("trial");
    assertThat(trial.path("samples").asInt()).isEqualTo(101);
    assertThat(trial.path("rows")).hasSize(100);
    assertThat(trial.at("/memory/unmaskedBytes").isNull()).isTrue();
    assertThat(trial.at("/maskedMilliseconds/low").asDouble()).isEqualTo(3.5);
    assertThat(trial.at("/thumb/thresholds/usefulWeightAbove").asDouble()).isEqualTo(0.01);
    assertThat(trial.at("/thumb/weight").isNull()).isTrue();
  }

  @Test
  void json_ofAPicture_countsWhatIsForbiddenAndLit() {
    JsonNode picture = parsed(Fixtures.failed("a cat"), "").path("picture");
    assertThat(picture.path("padding").toString()).isEqualTo("[2]");
    assertThat(picture.at("/layers/0/forbiddenAndLit").toString()).isEqualTo("[2,2]");
  }

  @Test
  void json_ofWhatIsNotFinite_isNullAndStaysValid() {
    Verdict broken =
        new Verdict.Fail(
            new Cause.Reached(false, false),
            new Evidence(
                Double.NaN,
                new Limit(Double.POSITIVE_INFINITY, Limit.Exact.EQUAL_SHAPES),
                1,
                null,
                null,
                new Evidence.Control(Evidence.Change.WITHOUT_MASK, Double.NEGATIVE_INFINITY)),
            Verdict.Leak.ofAttention(0, 0, Double.NaN));
    AuditResult result =
        Fixtures.with(
            Fixtures.with(Fixtures.failed("a cat"), broken),
            new PaddingMass(
                List.of(
                    new PaddingMass.Layer(
                        0, null, List.of(Double.NaN, 0.0), List.of(Double.NaN, 0.0))),
                1,
                null));
    // A sentence may say NaN; a number of JSON cannot be one.
    assertThat(AuditReport.of(result, "").json())
        .doesNotContainPattern("[:\\[,]\\s*-?(NaN|Infinity)")
        .doesNotContain("Infinity");
    JsonNode root = parsed(result, "");
    assertThat(root.at("/findings/0/evidence/difference").isNull()).isTrue();
    assertThat(root.at("/findings/0/evidence/limit/value").isNull()).isTrue();
    assertThat(root.at("/findings/0/evidence/control/difference").isNull()).isTrue();
    assertThat(root.at("/findings/0/evidence/worst").isNull()).isTrue();
    assertThat(root.at("/findings/0/evidence/effect").isNull()).isTrue();
    assertThat(root.at("/findings/0/leak/mass").isNull()).isTrue();
    assertThat(root.at("/paddingMass/layers/0/max/0").isNull()).isTrue();
    assertThat(root.at("/paddingMass/layers/0/max/1").asDouble()).isZero();
    assertThat(root.path("command").isNull()).isTrue();
  }

  @Test
  void json_ofWhatWasNotMeasured_isNullAndNeverZero() {
    JsonNode root = parsed(Fixtures.withoutMask(), "");
    assertThat(root.at("/findings/0/evidence").isNull()).isTrue();
    assertThat(root.at("/findings/0/leak").isNull()).isTrue();
    assertThat(root.at("/noiseFloor/difference").isNull()).isTrue();
    assertThat(root.at("/conditions/forwardPassSeconds").isNull()).isTrue();
    assertThat(root.path("paddingMass").isNull()).isTrue();
    JsonNode layer =
        parsed(
                Fixtures.with(
                    Fixtures.withoutMask(),
                    new PaddingMass(
                        List.of(new PaddingMass.Layer(0, "fused", List.of(), List.of())), 3, null)),
                "")
            .path("paddingMass");
    assertThat(layer.path("max").isNull()).isTrue();
    assertThat(layer.at("/layers/0/reason").asString()).isEqualTo("fused");
    assertThat(layer.at("/layers/0/max").isNull()).isTrue();
  }

  @Test
  void json_ofHostileText_givesTheTextBack() {
    String hostile = "\u202E\u2028\u0007\n\"\\</script>\uD800x";
    AuditResult result = Fixtures.failed(hostile);
    assertThat(AuditReport.of(result, "").json()).doesNotContain("\u202E", "\u2028", "\uD800");
    assertThat(parsed(result, "").at("/model/name").asString()).isEqualTo(hostile);
  }

  private static JsonNode parsed(AuditResult result, String command) {
    return JsonMapper.shared().readTree(AuditReport.of(result, command).json());
  }
}
