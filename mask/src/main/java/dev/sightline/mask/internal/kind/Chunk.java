package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;

/**
 * {@code floor((i - pad) / size) = floor((j - pad) / size)}, pad being the batch row's left
 * padding; a padded token is in no chunk.
 *
 * <pre>
 * chunk(2)   11000      chunk(2; left-padding=1)   00000
 *            11000                                 01100
 *            00110                                 01100
 *            00110                                 00011
 *            00001                                 00011
 * </pre>
 *
 * @param size tokens in a chunk, at least 1
 * @param leftPadding padded tokens, one number for all batch rows or one for each
 */
public record Chunk(int size, Ints leftPadding) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "chunk",
              "a size and left-padding=n, as in chunk(3; left-padding=4)",
              a -> {
                if (a.takeFlag("left-padding")) {
                  return OfSample.of(
                      OfSample.Fact.CHUNK_AFTER_PADDING, a.one("a size, as in chunk(3)"));
                }
                if (a.takeFlag("positions")) {
                  return OfSample.of(
                      OfSample.Fact.CHUNK_BY_POSITION, a.one("a size, as in chunk(3)"));
                }
                int[] padding = a.namedNumbers("left-padding").orElse(new int[] {0});
                return new Chunk(a.one("a size, as in chunk(3)"), Ints.of(padding));
              }));

  public Chunk {
    if (size < 1) {
      throw new IllegalArgumentException("a chunk must have at least 1 token, but has " + size);
    }
    Checks.notNegative("left padding", leftPadding);
  }

  @Override
  public String text() {
    boolean padded = !leftPadding.equals(Ints.of(0));
    return "chunk(" + size + (padded ? "; left-padding=" + leftPadding : "") + ")";
  }

  @Override
  public int batchRows() {
    return leftPadding.size();
  }

  @Override
  public int largest() {
    return Math.max(size, leftPadding.max());
  }

  @Override
  public void check(Fit fit) {
    fit.batchRows(leftPadding.size());
    if (leftPadding.max() > 0) {
      fit.oneSequence();
      fit.atMost("left padding", leftPadding.max(), fit.sizes().keys(), "tokens");
    }
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int padding = leftPadding.ofRow(batch);
    return (row, view) -> {
      if (row < padding) {
        return Band.empty(row, Math.min(sizes.queries(), padding));
      }
      long start = padding + (long) ((row - padding) / size) * size;
      int until = (int) Math.min(sizes.queries(), start + size);
      return Band.constant(row, until, start, Math.min(sizes.keys(), start + size));
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    int padding = leftPadding.ofRow(pair.batch());
    String query = "query " + pair.query();
    String key = "key " + pair.key();
    if (pair.query() < padding || pair.key() < padding) {
      return (pair.query() < padding ? query : key) + " is in the left padding of " + padding;
    }
    return query
        + " is in chunk "
        + (pair.query() - padding) / size
        + ", "
        + key
        + " in chunk "
        + (pair.key() - padding) / size;
  }
}
