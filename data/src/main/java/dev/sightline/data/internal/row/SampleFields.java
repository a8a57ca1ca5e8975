package dev.sightline.data.internal.row;

import dev.sightline.data.Sample;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.internal.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes a row of the fields that a file of any format has for it. Every value is checked. */
final class SampleFields {
  public static final List<String> FIELDS =
      List.of("text", "input_ids", "attention_mask", "span", "weight", "id");

  private static final int MAX_ID = 1_000;

  private SampleFields() {}

  /** Reads a row; a field that is null counts as absent. */
  static Row read(long line, JsonNode fields) {
    try {
      if (!fields.isObject()) {
        throw new BadRow("it is no JSON object", JsonFields.quoted(fields));
      }
      JsonNode text = value(fields, "text");
      JsonNode ids = value(fields, "input_ids");
      if (text == null && ids == null) {
        throw new BadRow("it has neither text nor input_ids", "");
      }
      if (text != null && ids != null) {
        throw new BadRow("it has both text and input_ids", "");
      }
      JsonNode mask = value(fields, "attention_mask");
      String id = id(line, value(fields, "id"));
      double weight = weight(value(fields, "weight"));
      Optional<Span> span = span(value(fields, "span"));
      if (ids != null) {
        return ids(line, id, longs("input_ids", ids), mask, span, weight);
      }
      if (mask != null) {
        throw new BadRow("it has an attention_mask without input_ids", "");
      }
      return text(line, id, text, span, weight);
    } catch (BadRow e) {
      return new Row.Bad(line, e.reason(), e.detail());
    }
  }

  /** Returns the id of a row; empty if it has none, or one that cannot be used. */
  static Optional<String> ownId(JsonNode fields) {
    JsonNode id = value(fields, "id");
    try {
      return id == null ? Optional.empty() : Optional.of(id(0, id));
    } catch (BadRow e) {
      return Optional.empty();
    }
  }

  private static @Nullable JsonNode value(JsonNode fields, String name) {
    JsonNode value = fields.path(name);
    return value.isMissingNode() || value.isNull() ? null : value;
  }

  private static Row text(
      long line, String id, @Nullable JsonNode node, Optional<Span> span, double weight)
      throws BadRow {
    if (node == null || !node.isString()) {
      throw new BadRow("its text is no string", node == null ? "" : JsonFields.quoted(node));
    }
    String text = node.asString();
    if (text.isBlank()) {
      throw new BadRow("its text is empty", "");
    }
    int characters = text.codePointCount(0, text.length());
    requireInside(span, characters, "its span ends outside the text");
    return new Row.Text(line, id, text, span, weight);
  }

  private static Row ids(
      long line,
      String id,
      long[] ids,
      @Nullable JsonNode maskNode,
      Optional<Span> span,
      double weight)
      throws BadRow {
    if (ids.length == 0) {
      throw new BadRow("its input_ids are empty", "");
    }
    for (long each : ids) {
      if (each < 0 || each > Integer.MAX_VALUE) {
        throw new BadRow("its input_ids are not from 0 to 2147483647", Long.toString(each));
      }
    }
    requireInside(span, ids.length, "its span ends outside the input_ids");
    if (maskNode == null) {
      return new Row.Ids(line, id, TokenizedText.ofIds(ids), false, Optional.empty(), span, weight);
    }
    long[] mask = longs("attention_mask", maskNode);
    if (mask.length != ids.length) {
      throw new BadRow(
          "its attention_mask is not as long as its input_ids", mask.length + " and " + ids.length);
    }
    List<Integer> positions = new ArrayList<>();
    for (int position = 0; position < mask.length; position++) {
      if (mask[position] != 0 && mask[position] != 1) {
        throw new BadRow("its attention_mask is not of 0 and 1", Long.toString(mask[position]));
      }
      if (mask[position] == 1) {
        positions.add(position);
      }
    }
    long[] real = positions.stream().mapToLong(position -> ids[position]).toArray();
    // A batch lays out padding after the tokens by itself.
    boolean trails = positions.isEmpty() || positions.getLast() == positions.size() - 1;
    return new Row.Ids(
        line,
        id,
        TokenizedText.ofIds(real),
        true,
        trails ? Optional.empty() : Optional.of(new Sample.Placement(positions, ids.length)),
        inRealTokens(span, positions),
        weight);
  }

  private static Optional<Span> inRealTokens(Optional<Span> span, List<Integer> positions)
      throws BadRow {
    if (span.isEmpty() || positions.isEmpty()) {
      return Optional.empty();
    }
    int from = (int) positions.stream().filter(position -> position < span.get().start()).count();
    int to = (int) positions.stream().filter(position -> position < span.get().end()).count();
    if (from == to) {
      throw new BadRow("its span holds no real token", span.get().toString());
    }
    return Optional.of(new Span(from, to));
  }

  private static void requireInside(Optional<Span> span, int length, String reason) throws BadRow {
    if (span.isPresent() && span.get().end() > length) {
      throw new BadRow(reason, span.get() + " of " + length);
    }
  }

  static String id(long line, @Nullable JsonNode id) throws BadRow {
    if (id == null) {
      return Long.toString(line);
    }
    if (!id.isString() && !id.isIntegralNumber()) {
      throw new BadRow("its id is no string or whole number", JsonFields.quoted(id));
    }
    String text = id.asString();
    if (text.isBlank() || text.length() > MAX_ID) {
      throw new BadRow("its id has not 1 to " + MAX_ID + " characters", Quoted.shortened(text));
    }
    return text;
  }

  static double weight(@Nullable JsonNode weight) throws BadRow {
    if (weight == null) {
      return 1;
    }
    double value = weight.isNumber() ? weight.asDouble() : Double.NaN;
    if (!(value > 0 && value <= Row.MAX_WEIGHT)) {
      throw new BadRow(
          "its weight is no number above 0 and at most " + Row.MAX_WEIGHT,
          JsonFields.quoted(weight));
    }
    return value;
  }

  private static Optional<Span> span(@Nullable JsonNode span) throws BadRow {
    if (span == null) {
      return Optional.empty();
    }
    long[] ends = longs("span", span);
    if (ends.length != 2 || ends[0] < 0 || ends[1] <= ends[0] || ends[1] > Integer.MAX_VALUE) {
      throw new BadRow(
          "its span is no [start, end) with 0 <= start < end", JsonFields.quoted(span));
    }
    return Optional.of(new Span((int) ends[0], (int) ends[1]));
  }

  private static long[] longs(String name, JsonNode node) throws BadRow {
    if (!node.isArray()) {
      throw new BadRow("its " + name + " is no list", JsonFields.quoted(node));
    }
    long[] longs = new long[node.size()];
    int at = 0;
    for (JsonNode each : node) {
      if (!each.isIntegralNumber() || !each.canConvertToLong()) {
        throw new BadRow("its " + name + " holds no whole numbers", JsonFields.quoted(each));
      }
      longs[at++] = each.asLong();
    }
    return longs;
  }
}
