package dev.sightline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the mask page is answered. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaskApiTest {
  @AutoClose private final Server server = new Server(Server.withoutModels());

  MaskApiTest() throws Exception {}

  private record Picture(JsonNode header, ByteBuffer shades) {
    int shade(int row, int column) {
      int at = row * header.path("grid").path(1).asInt() + column;
      return shades.get(shades.position() + at) & 0xFF;
    }
  }

  private Picture picture(String question) throws Exception {
    var response =
        server.send("POST", "/api/mask/picture", question.getBytes(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).isEqualTo(200);
    ByteBuffer bytes = ByteBuffer.wrap(response.body());
    byte[] header = new byte[bytes.getInt()];
    bytes.get(header);
    return new Picture(
        JsonMapper.shared().readTree(new String(header, StandardCharsets.UTF_8)), bytes);
  }

  @Test
  void picture_ofAPart_isTheMasksOwnCells() throws Exception {
    BoundMask mask = Mask.parse("causal & window(5,0) - dilated(3)").over(40, 40);

    Picture picture =
        picture(
            """
            {"mask": "%s", "q": 40, "k": 40,
             "firstQuery": 11, "firstKey": 7, "queries": 20, "keys": 16,
             "rows": 500, "columns": 500}
            """
                .formatted(mask.mask()));

    assertThat(picture.header().path("grid").toString()).isEqualTo("[20,16]");
    assertThat(picture.header().path("view").toString()).isEqualTo("[11,7,20,16]");
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < 16; j++) {
        assertThat(picture.shade(i, j))
            .as("%d, %d", i, j)
            .isEqualTo(mask.allowed(0, 0, 11 + i, 7 + j) ? 255 : 0);
      }
    }
  }

  @Test
  void picture_ofLongMask_isTheShareOfEachSquare() throws Exception {
    BoundMask mask = Mask.parse("causal & documents(100,300)").over(400, 400);

    Picture picture =
        picture(
            """
            {"mask": "%s",
             "firstQuery": 50, "firstKey": 30, "queries": 300, "keys": 200,
             "rows": 10, "columns": 8}
            """
                .formatted(mask.mask()));

    for (int r = 0; r < 10; r++) {
      for (int c = 0; c < 8; c++) {
        int allowed = 0;
        for (int i = 50 + 30 * r; i < 80 + 30 * r; i++) {
          for (int j = 30 + 25 * c; j < 55 + 25 * c; j++) {
            allowed += mask.allowed(0, 0, i, j) ? 1 : 0;
          }
        }
        int expected = allowed == 0 ? 0 : allowed == 750 ? 255 : 1 + (int) (allowed / 750.0 * 253);
        assertThat(picture.shade(r, c)).as("%d, %d", r, c).isEqualTo(expected);
      }
    }
  }

  @Test
  void picture_ofAMillionTokens_isDrawn() throws Exception {
    Picture picture =
        picture(
            """
            {"mask": "causal & window(99999,0)", "q": 1048576, "k": 1048576,
             "rows": 256, "columns": 256}
            """);

    assertThat(picture.shade(200, 195)).isEqualTo(255);
    assertThat(picture.shade(200, 210)).isZero();
    assertThat(picture.shade(200, 100)).isZero();
  }

  @Test
  void cell_litClauses_areThePlacesInTheText() throws Exception {
    String text = "causal &  ( window(2,0) | global(0) ) - chunk(4)";

    JsonNode far = cell(text, 7, 3);
    JsonNode future = cell(text, 2, 5);
    JsonNode chunk = cell(text, 2, 1);

    assertThat(lit(text, far)).containsExactly("window(2,0)", "global(0)");
    assertThat(lit(text, future)).containsExactly("causal");
    assertThat(lit(text, chunk)).containsExactly("chunk(4)");
    assertThat(cell(text, 4, 3).path("allowed").asBoolean()).isTrue();
    assertThat(lit(text, cell(text, 4, 3))).containsExactly("causal", "window(2,0)", "chunk(4)");
    assertThat(future.path("allowed").asBoolean()).isFalse();
  }

  private JsonNode cell(String text, int query, int key) throws Exception {
    Server.Answer answer =
        server.ask(
            "/api/mask/cell", Map.of("mask", text, "q", 8, "k", 8, "query", query, "key", key));
    assertThat(answer.status()).as(answer.message()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> lit(String text, JsonNode answer) {
    return answer
        .path("clauses")
        .valueStream()
        .map(c -> text.substring(c.path("start").asInt(), c.path("end").asInt()))
        .toList();
  }

  @Test
  void wrongExpression_isSaidWithItsPlace() throws Exception {
    Server.Answer answer =
        server.ask("/api/mask/cell", Map.of("mask", "causal & wnidow(2,0)", "query", 0, "key", 0));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.message()).contains("did you mean window?");
    assertThat(answer.json().path("offset").asInt()).isEqualTo(9);
  }

  @Test
  void hostileQuestions_areRefused_withAMessage() throws Exception {
    for (Map<String, ?> question :
        List.of(
            Map.of("mask", "(".repeat(60_000), "query", 0, "key", 0),
            Map.of("mask", "!".repeat(60_000), "query", 0, "key", 0),
            Map.of("mask", "causal & ".repeat(6_000) + "causal", "q", 1 << 30, "query", 0),
            Map.of("mask", "x".repeat(70_000), "query", 0, "key", 0),
            Map.of("mask", "causal", "q", -4, "query", 0, "key", 0),
            Map.of("mask", "causal", "query", 99, "key", 0),
            Map.of("mask", 7, "query", 0, "key", 0),
            Map.of("mask", "causal", "query", "0", "key", 0))) {
      Server.Answer answer = server.ask("/api/mask/cell", question);
      assertThat(answer.status()).as(answer.message()).isIn(400, 413, 422);
      assertThat(answer.message()).isNotEmpty();
    }
    assertThat(server.send("POST", "/api/mask/cell", new byte[1 << 20]).statusCode())
        .isEqualTo(413);
    assertThat(server.send("POST", "/api/mask/cell", "[1".getBytes(StandardCharsets.UTF_8)))
        .satisfies(response -> assertThat(response.statusCode()).isEqualTo(400));
  }

  @Test
  void compare_findsTheRelation_andAPair() throws Exception {
    assertThat(relation("causal", "window(inf,0)").path("relation").asString()).isEqualTo("equal");
    assertThat(relation("causal & window(2,0)", "causal").path("relation").asString())
        .isEqualTo("narrower");
    JsonNode wider = relation("full", "causal");
    assertThat(wider.path("relation").asString()).isEqualTo("wider");
    assertThat(wider.path("onlyA").asLong()).isEqualTo(28);
    assertThat(wider.path("firstOnlyA").path("query").asInt()).isZero();
    assertThat(wider.path("firstOnlyA").path("key").asInt()).isEqualTo(1);
    JsonNode different = relation("window(0,1)", "window(1,0)");
    assertThat(different.path("relation").asString()).isEqualTo("different");
    assertThat(different.path("firstOnlyB").path("query").asInt()).isEqualTo(1);
    assertThat(different.path("firstOnlyB").path("key").asInt()).isZero();
  }

  private JsonNode relation(String a, String b) throws Exception {
    return server.ask("/api/mask/compare", Map.of("mask", a, "other", b, "q", 8, "k", 8)).json();
  }

  @Test
  void questionThatTakesTooLong_isGivenUp() throws Exception {
    try (Server impatient =
        new Server(Server.withoutModels().questionLimit(Duration.ofMillis(300)))) {
      long before = System.nanoTime();

      Server.Answer answer =
          impatient.ask(
              "/api/mask/facts",
              Map.of(
                  "mask",
                  "dilated(2) & window(500000,500000) & dilated(3)",
                  "q",
                  1 << 20,
                  "k",
                  1 << 20));

      assertThat(answer.status()).isEqualTo(422);
      assertThat(answer.message()).contains("not decided");
      assertThat(System.nanoTime() - before).isLessThan(3_000_000_000L);
      assertThat(
              impatient
                  .ask("/api/mask/cell", Map.of("mask", "causal", "query", 1, "key", 0))
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void gallery_masksAllFit_andAllFormsAnswer() throws Exception {
    JsonNode entries = server.ask("/api/mask/gallery", Map.of()).json().path("entries");

    assertThat(entries.size()).isGreaterThanOrEqualTo(8);
    for (JsonNode entry : entries) {
      String mask = entry.path("mask").asString();
      Map<String, Object> question =
          entry.has("q")
              ? Map.of("mask", mask, "q", entry.path("q").asInt())
              : Map.of("mask", mask);
      assertThat(server.ask("/api/mask/facts", question).status()).as(mask).isEqualTo(200);
      // Two sentences.
      assertThat(entry.path("text").asString().split("\\. ", -1)).as(mask).hasSize(2);
      assertThat(entry.path("source").asString()).isNotEmpty();
    }
    JsonNode forms = server.ask("/api/mask/forms", Map.of()).json().path("forms");
    assertThat(forms.size()).isEqualTo(12);
    for (JsonNode form : forms) {
      Server.Answer answer =
          server.ask(
              "/api/mask/form",
              Map.of("mask", "causal", "q", 8, "form", form.path("id").asString()));
      assertThat(answer.status()).as("%s", form).isIn(200, 422);
      assertThat(form.path("polarity").asString()).isNotEmpty();
    }
  }
}
