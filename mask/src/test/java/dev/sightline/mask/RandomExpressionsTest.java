package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered without the square agrees with every cell of it, on random expressions. */
class RandomExpressionsTest {
  private static final int EXPRESSIONS = 400;

  private interface Claim {
    void holds(BoundMask mask, boolean[][][][] cells, String about);
  }

  private static void forRandomMasks(long seed, Claim claim) {
    Random random = new Random(seed);
    for (int n = 0; n < EXPRESSIONS; n++) {
      int lq = 1 + random.nextInt(17);
      int lk = random.nextInt(3) > 0 ? lq : 1 + random.nextInt(17);
      MaskShape shape = new MaskShape(1 + random.nextInt(3), 1 + random.nextInt(2), lq, lk);
      long own = random.nextLong();
      Mask mask = new RandomMasks(own, shape).next(3);
      String about = "seed " + seed + ", expression " + n + ": " + mask + " over " + shape;
      claim.holds(mask.over(shape), cells(mask, shape), about);
    }
  }

  private static boolean[][][][] cells(Mask mask, MaskShape s) {
    boolean[][][][] cells = new boolean[s.batch()][s.heads()][s.queries()][s.keys()];
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.heads(); h++) {
        for (int i = 0; i < s.queries(); i++) {
          for (int j = 0; j < s.keys(); j++) {
            cells[b][h][i][j] = ByCell.allows(mask.node(), s.queries(), s.keys(), b, h, i, j);
          }
        }
      }
    }
    return cells;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rows_cellsAndCounts_agreeWithEveryCell(long seed) {
    forRandomMasks(
        seed,
        (mask, cells, about) -> {
          MaskShape s = mask.shape();
          long count = 0;
          for (int b = 0; b < s.batch(); b++) {
            for (int h = 0; h < s.heads(); h++) {
              for (int i = 0; i < s.queries(); i++) {
                Runs row = mask.row(b, h, i);
                for (int j = 0; j < s.keys(); j++) {
                  boolean expected = cells[b][h][i][j];
                  count += expected ? 1 : 0;
                  if (row.contains(j) != expected || mask.allowed(b, h, i, j) != expected) {
                    throw new AssertionError(about + ": " + new Cell(b, h, i, j));
                  }
                }
                assertThat(mask.emptyRows(b, h).contains(i)).as(about).isEqualTo(row.isEmpty());
              }
            }
          }
          assertThat(mask.count()).as(about).isEqualTo(count);
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void tilesAndRectangles_agreeWithEveryCell(long seed) {
    Random random = new Random(~seed);
    forRandomMasks(
        seed,
        (mask, cells, about) -> {
          int tq = 1 + random.nextInt(6);
          int tk = 1 + random.nextInt(6);
          MaskShape s = mask.shape();
          Tiles tiles = mask.tiles(0, s.heads() - 1, tq, tk);
          Tiles turned = tiles.transpose();
          for (int r = 0; r < tiles.rows(); r++) {
            for (int c = 0; c < tiles.columns(); c++) {
              int i1 = Math.min(s.queries(), (r + 1) * tq);
              int j1 = Math.min(s.keys(), (c + 1) * tk);
              TileClass expected = classOf(cells[0][s.heads() - 1], r * tq, i1, c * tk, j1);
              String where = about + ", tiles of " + tq + " x " + tk + ", " + r + ", " + c;
              assertThat(tiles.at(r, c)).as(where).isEqualTo(expected);
              assertThat(turned.at(c, r)).as(where + " transposed").isEqualTo(expected);
              assertThat(mask.classify(0, s.heads() - 1, r * tq, i1, c * tk, j1))
                  .as(where + " as a rectangle")
                  .isEqualTo(expected);
            }
          }
          assertThat(turned.transpose().runStart()).as(about).isEqualTo(tiles.runStart());
        });
  }

  private static TileClass classOf(boolean[][] cells, int i0, int i1, int j0, int j1) {
    boolean some = false;
    boolean all = true;
    for (int i = i0; i < i1; i++) {
      for (int j = j0; j < j1; j++) {
        some |= cells[i][j];
        all &= cells[i][j];
      }
    }
    return all ? TileClass.FULL : some ? TileClass.PARTIAL : TileClass.EMPTY;
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void firstDifference_isTheFirstCellThatDiffers(long seed) {
    forRandomMasks(
        seed,
        (mask, cells, about) -> {
          Mask other = new RandomMasks(seed ^ about.hashCode(), mask.shape()).next(2);
          boolean[][][][] others = cells(other, mask.shape());
          assertThat(mask.differenceFrom(other.over(mask.shape())).orElse(null))
              .as(about + " against " + other)
              .isEqualTo(first(mask.shape(), c -> at(cells, c) != at(others, c)));
          assertThat(mask.excessOver(other.over(mask.shape())).orElse(null))
              .as(about + " beyond " + other)
              .isEqualTo(first(mask.shape(), c -> at(cells, c) && !at(others, c)));
        });
  }

  private static boolean at(boolean[][][][] cells, Cell c) {
    return cells[c.batch()][c.head()][c.query()][c.key()];
  }

  private static @org.jspecify.annotations.Nullable Cell first(
      MaskShape s, java.util.function.Predicate<Cell> wanted) {
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.heads(); h++) {
        for (int i = 0; i < s.queries(); i++) {
          for (int j = 0; j < s.keys(); j++) {
            Cell cell = new Cell(b, h, i, j);
            if (wanted.test(cell)) {
              return cell;
            }
          }
        }
      }
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32})
  void text_readAgain_isAnEqualMask(long seed) {
    forRandomMasks(
        seed,
        (mask, cells, about) -> {
          assertThat(Mask.parse(mask.mask().toString())).as(about).isEqualTo(mask.mask());
          assertThat(Mask.parse(mask.mask().toFileText())).as(about).isEqualTo(mask.mask());
        });
  }
}
