package dev.sightline.lab.internal.policy;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A mask given as an expression over all tokens of a policy, with an instruction of {@link
 * PolicyMask#LANGUAGE} words. Shorter instructions lack the last of these words, so that what two
 * tokens may see does not depend on what else is in their batch.
 */
final class ExpressionMask implements PolicyMask {
  private static final int TOKENS = PolicyMask.tokens(LANGUAGE);

  private final BoundMask all;

  private ExpressionMask(BoundMask all) {
    this.all = all;
  }

  static ExpressionMask of(String text) {
    Mask mask = Mask.parse(text);
    BoundMask all;
    Runs empty;
    try {
      // Padding is hidden instruction by instruction, so here all tokens are real.
      Mask bound = mask.needsSample() ? mask.forSample(MaskSample.self(TOKENS)) : mask;
      all = bound.over(new MaskShape(1, 1, TOKENS, TOKENS));
      empty = all.emptyRows(0, 0);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          ("'%s' is no mask over the %d tokens of pi05 (image=%d, language=%d, subtask=%d,"
                  + " flow=%d): %s")
              .formatted(text, TOKENS, IMAGE, LANGUAGE, SUBTASK, FLOW, e.getMessage()),
          e);
    }
    if (!empty.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' lets query %d of the %d tokens of pi05 attend to no key"
              .formatted(text, empty.start(0), TOKENS));
    }
    return new ExpressionMask(all);
  }

  @Override
  public Mask attention(int language) {
    int[] tokens =
        IntStream.range(0, TOKENS)
            .filter(token -> token < IMAGE + language || token >= IMAGE + LANGUAGE)
            .toArray();
    return Mask.dense(
        Arrays.stream(tokens)
            .mapToObj(query -> cells(all.row(0, 0, query), tokens))
            .toArray(boolean[][]::new));
  }

  private static boolean[] cells(Runs row, int[] keys) {
    boolean[] cells = new boolean[keys.length];
    for (int i = 0; i < keys.length; i++) {
      cells[i] = row.contains(keys[i]);
    }
    return cells;
  }
}
