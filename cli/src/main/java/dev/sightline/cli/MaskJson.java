package dev.sightline.cli;

import dev.sightline.mask.Cell;
import dev.sightline.mask.MaskShape;
import java.util.LinkedHashMap;
import java.util.Map;

/** The parts that the JSON of all mask commands has in common. */
final class MaskJson {
  private MaskJson() {}

  static int[] shape(MaskShape shape) {
    return new int[] {shape.batch(), shape.heads(), shape.queries(), shape.keys()};
  }

  static Map<String, Object> cell(Cell cell) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("batch", cell.batch());
    json.put("head", cell.head());
    json.put("query", cell.query());
    json.put("key", cell.key());
    return json;
  }
}
