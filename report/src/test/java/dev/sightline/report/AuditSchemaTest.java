package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sightline.audit.result.AuditResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** docs/audit.schema.json and the JSON that is written say the same. */
class AuditSchemaTest {
  private static final Path FILE = Path.of("..", "docs", "audit.schema.json");

  @Test
  void json_ofAnyResult_isWhatTheSchemaSays_andNothingElse() throws IOException {
    JsonNode strict = read();
    forbidOtherKeys(strict);
    for (AuditResult result :
        List.of(
            Fixtures.failed("a cat"),
            Fixtures.failed("\u0000\uD800</script>"),
            Fixtures.withoutMask())) {
      assertThat(schema(strict).validate(AuditReport.of(result, "x").json(), InputFormat.JSON))
          .isEmpty();
    }
  }

  @Test
  void schema_refusesAnotherVersion_andAMissingKey() throws IOException {
    String json = AuditReport.of(Fixtures.failed("a cat"), "").json();
    Schema schema = schema(read());
    assertThat(
            schema.validate(json.replace("\"version\" : 3", "\"version\" : 1"), InputFormat.JSON))
        .hasSize(1);
    assertThat(schema.validate(json.replace("\"offences\"", "\"others\""), InputFormat.JSON))
        .isNotEmpty();
  }

  private static JsonNode read() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(FILE));
  }

  private static Schema schema(JsonNode node) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(node);
  }

  /** Programs may meet keys that a later release added; this release adds none in secret. */
  private static void forbidOtherKeys(JsonNode node) {
    if (node instanceof ObjectNode object && object.has("properties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(AuditSchemaTest::forbidOtherKeys);
  }
}
