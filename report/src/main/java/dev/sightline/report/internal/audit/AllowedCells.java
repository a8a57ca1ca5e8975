package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.ModelMask.Heads;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What some heads of a model allow, as a small square without labels. */
public final class AllowedCells {
  private static final int TOKENS = 8;
  private static final int REAL = 5;

  /** What {@link #ofExample} draws, in words. */
  public static final String EXAMPLE =
      TOKENS + " tokens of which the last " + (TOKENS - REAL) + " are padding";

  private AllowedCells() {}

  /** The cells of the sample that was read, without padding where there is one. */
  public static CellSquares.Pair asRead(Heads heads) {
    List<String> rows = heads.cells();
    int keys = rows.getFirst().length();
    boolean[] allowed = new boolean[rows.size() * keys];
    for (int cell = 0; cell < allowed.length; cell++) {
      allowed[cell] = rows.get(cell / keys).charAt(cell % keys) == '1';
    }
    return square(rows.size(), keys, allowed);
  }

  /**
   * The cells of a short text with padding after it; empty for a mask that no expression gives, or
   * that lists its tokens.
   */
  public static Optional<CellSquares.Pair> ofExample(Heads heads, boolean cross) {
    if (heads.mask().isEmpty() || heads.byCells()) {
      return Optional.empty();
    }
    boolean[] real = new boolean[TOKENS];
    for (int key = 0; key < REAL; key++) {
      real[key] = true;
    }
    MaskSample sample = cross ? MaskSample.cross(TOKENS, TOKENS) : MaskSample.self(TOKENS);
    boolean[] allowed = new boolean[TOKENS * TOKENS];
    try {
      BoundMask mask =
          Mask.parse(heads.mask()).forSample(sample.realKeys(real)).over(TOKENS, TOKENS);
      for (int cell = 0; cell < allowed.length; cell++) {
        allowed[cell] = mask.allowed(0, 0, cell / TOKENS, cell % TOKENS);
      }
    } catch (IllegalArgumentException e) {
      // It is about another number of tokens, or about an input: then no example is drawn.
      return Optional.empty();
    }
    return Optional.of(square(TOKENS, TOKENS, allowed));
  }

  private static CellSquares.Pair square(int queries, int keys, boolean[] allowed) {
    return CellSquares.small(
        CellPicture.of(
            0,
            Collections.nCopies(queries, "query"),
            Collections.nCopies(keys, "key"),
            new boolean[queries],
            new boolean[keys],
            allowed,
            new float[allowed.length]));
  }
}
