package dev.sightline.attention;

import dev.sightline.attention.internal.plan.Problem;
import dev.sightline.attention.internal.plan.Sequence;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts of various lengths one after the other in one tensor. */
final class Packing {
  private Packing() {}

  static List<Sequence> texts(
      Mask mask, AttentionShape shape, int[] queryLengths, int[] keyLengths, Problem problem) {
    if (shape.batch() != 1 || queryLengths.length != keyLengths.length) {
      throw new IllegalArgumentException(
          "a packed batch has batch 1 and as many lengths of queries as of keys, but there are"
              + " batch "
              + shape.batch()
              + ", "
              + queryLengths.length
              + " and "
              + keyLengths.length
              + " lengths");
    }
    total("queries", queryLengths, shape.queries());
    total("keys", keyLengths, shape.keys());
    Map<MaskShape, BoundMask> masks = new HashMap<>();
    List<Sequence> texts = new ArrayList<>();
    int query = 0;
    int key = 0;
    for (int t = 0; t < queryLengths.length; t++) {
      int queries = queryLengths[t];
      int keys = keyLengths[t];
      MaskShape sizes = new MaskShape(queryLengths.length, shape.queryHeads(), queries, keys);
      if (queries > 0) {
        texts.add(
            new Sequence(
                masks.computeIfAbsent(sizes, mask::over),
                t,
                0,
                queries,
                keys,
                query * problem.query().token(),
                key * problem.key().token(),
                key * problem.value().token(),
                query * problem.output().token(),
                query));
      }
      query += queries;
      key += keys;
    }
    return texts;
  }

  private static void total(String what, int[] lengths, int expected) {
    long total = 0;
    for (int length : lengths) {
      if (length < 0) {
        throw new IllegalArgumentException("a length must not be negative, but is " + length);
      }
      total += length;
    }
    if (total != expected) {
      throw new IllegalArgumentException(
          "the lengths of the "
              + what
              + " add up to "
              + total
              + ", but the shape has "
              + expected
              + " "
              + what);
    }
  }
}
