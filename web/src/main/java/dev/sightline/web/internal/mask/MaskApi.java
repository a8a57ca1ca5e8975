package dev.sightline.web.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Finding;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.expression.Clauses;
import dev.sightline.report.internal.mask.MaskForm;
import dev.sightline.report.internal.mask.MaskRelation;
import dev.sightline.web.internal.http.HttpProblem;
import dev.sightline.web.internal.http.JsonAnswer;
import dev.sightline.web.internal.http.JsonBody;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** What the mask page asks: a picture, a cell, facts, a comparison. */
public final class MaskApi {
  private static final int LARGEST_GRID = 1024;
  private static final int MOST_NAMED = 4096;
  private static final int MOST_FINDINGS = 5;
  private static final int LONGEST_FORM = 1 << 20;
  private static final int FLEX_BLOCK = 128;

  private final Questions questions;
  private final BoundMasks masks = new BoundMasks();

  public MaskApi(Questions questions) {
    this.questions = questions;
  }

  /** Adds the routes. */
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post("/api/mask/picture", this::picture);
    routes.post("/api/mask/cell", context -> json(context, this::cell));
    routes.post("/api/mask/facts", context -> json(context, this::facts));
    routes.post("/api/mask/compare", context -> json(context, this::compare));
    routes.post("/api/mask/form", context -> json(context, this::form));
    routes.post("/api/mask/forms", context -> json(context, body -> forms()));
    routes.post("/api/mask/gallery", context -> json(context, body -> Gallery.json()));
  }

  @FunctionalInterface
  private interface Answer {
    Map<String, Object> to(JsonBody body);
  }

  private void json(Context context, Answer answer) {
    JsonBody body = JsonBody.of(context);
    JsonAnswer.send(context, questions.ask(() -> answer.to(body)));
  }

  /**
   * The share of allowed pairs in a grid over the part of the mask that is in view: four bytes with
   * the length of a JSON header, the header, then a byte for each square, row by row; 0 is none,
   * 255 is all, others are between.
   */
  private void picture(Context context) {
    JsonBody body = JsonBody.of(context);
    context.contentType("application/octet-stream").result(questions.ask(() -> picture(body)));
  }

  private byte[] picture(JsonBody body) {
    MaskQuestion question = MaskQuestion.of(body);
    BoundMask mask = masks.of(question);
    MaskShape shape = mask.shape();
    int firstQuery = Math.min(body.number("firstQuery").orElse(0), shape.queries() - 1);
    int firstKey = Math.min(body.number("firstKey").orElse(0), shape.keys() - 1);
    int queries =
        Math.clamp(body.number("queries").orElse(shape.queries()), 1, shape.queries() - firstQuery);
    int keys = Math.clamp(body.number("keys").orElse(shape.keys()), 1, shape.keys() - firstKey);
    int rows = Math.min(Math.min(body.number("rows", 1), LARGEST_GRID), queries);
    int columns = Math.min(Math.min(body.number("columns", 1), LARGEST_GRID), keys);
    double[][] densities =
        mask.densities(question.from(firstQuery, firstKey), queries, keys, rows, columns);
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("shape", shape(shape));
    header.put("isExample", question.sizes().areExample(mask.mask(), shape));
    header.put("labels", labels(mask));
    header.put("view", new int[] {firstQuery, firstKey, queries, keys});
    header.put("grid", new int[] {rows, columns});
    byte[] json = JsonMapper.shared().writeValueAsBytes(header);
    ByteBuffer bytes = ByteBuffer.allocate(4 + json.length + rows * columns);
    bytes.putInt(json.length).put(json);
    for (double[] row : densities) {
      for (double density : row) {
        bytes.put(shade(density));
      }
    }
    return bytes.array();
  }

  /** The names of the tokens, where the mask knows them and there are few enough to be seen. */
  private static List<String> labels(BoundMask mask) {
    List<String> own = mask.mask().labels();
    int keys = mask.shape().keys();
    return own.size() == keys && keys <= MOST_NAMED ? own : List.of();
  }

  private static byte shade(double density) {
    return (byte) (density == 0 ? 0 : density == 1 ? 255 : 1 + (int) (density * 253));
  }

  private static int[] shape(MaskShape shape) {
    return new int[] {shape.batch(), shape.heads(), shape.queries(), shape.keys()};
  }

  private Map<String, Object> cell(JsonBody body) {
    MaskQuestion question = MaskQuestion.of(body);
    MaskShape shape = masks.of(question).shape();
    Pair pair =
        new Pair(question.batch(), question.head(), body.number("query", 0), body.number("key", 0));
    Clauses clauses =
        new Clauses(
            question.shownText(),
            new Sizes(shape.batch(), shape.heads(), shape.queries(), shape.keys()));
    List<Map<String, Object>> places = new ArrayList<>();
    for (Clauses.Clause clause : clauses.deciding(pair)) {
      places.add(
          Map.of(
              "start", clause.start(),
              "end", clause.end(),
              "part", clause.part(),
              "words", clause.words()));
    }
    return Map.of(
        "query", pair.query(),
        "key", pair.key(),
        "allowed", clauses.allowed(pair),
        "clauses", places);
  }

  private Map<String, Object> facts(JsonBody body) {
    BoundMask mask = masks.of(MaskQuestion.of(body));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("cells", mask.shape().cells());
    facts.put("allowed", mask.count());
    facts.put("fingerprint", mask.fingerprint());
    List<Finding> findings = mask.lint();
    facts.put("findings", findings.stream().limit(MOST_FINDINGS).map(Finding::toString).toList());
    facts.put("moreFindings", Math.max(0, findings.size() - MOST_FINDINGS));
    return facts;
  }

  private Map<String, Object> compare(JsonBody body) {
    MaskQuestion question = MaskQuestion.of(body);
    if (!question.hasOther()) {
      throw new HttpProblem(422, "type a second mask to compare with");
    }
    List<BoundMask> both = masks.all(question);
    MaskRelation relation =
        MaskRelation.of(both.get(0).mask(), both.get(1).mask(), both.get(0).shape());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("relation", relation.word());
    answer.put("onlyA", relation.onlyA());
    answer.put("onlyB", relation.onlyB());
    put(answer, "firstOnlyA", relation.firstOnlyA());
    put(answer, "firstOnlyB", relation.firstOnlyB());
    return answer;
  }

  private static Map<String, Object> forms() {
    return Map.of(
        "forms",
        Stream.of(MaskForm.values())
            .map(
                form -> Map.of("id", form.id(), "title", form.title(), "polarity", form.polarity()))
            .toList());
  }

  private Map<String, Object> form(JsonBody body) {
    String id = body.text("form", 40);
    MaskForm form =
        MaskForm.find(id).orElseThrow(() -> new HttpProblem(422, "there is no form '" + id + "'"));
    BoundMask mask = masks.of(MaskQuestion.of(body));
    String text = form.text(mask, FLEX_BLOCK);
    if (text.length() > LONGEST_FORM) {
      throw new HttpProblem(
          422,
          "in this form the mask has "
              + text.length()
              + " characters, too many to show; write it with 'sightline mask convert --to "
              + id
              + "'");
    }
    return Map.of("text", text, "note", "over " + mask.shape() + " [B, H, Lq, Lk]");
  }

  private static void put(Map<String, Object> json, String name, Optional<Cell> cell) {
    cell.ifPresent(found -> json.put(name, cell(found)));
  }

  private static Map<String, Object> cell(Cell cell) {
    return Map.of(
        "batch", cell.batch(), "head", cell.head(), "query", cell.query(), "key", cell.key());
  }
}
