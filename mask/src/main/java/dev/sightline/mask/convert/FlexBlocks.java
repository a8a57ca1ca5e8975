package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import dev.sightline.mask.TileClass;
import dev.sightline.mask.Tiles;
import dev.sightline.mask.internal.band.RunSet;
import java.util.ArrayList;
import java.util.List;

/**
 * A mask as the block lists of torch's FlexAttention ({@code BlockMask}): for every row of blocks
 * how many blocks are partial and full, and which. Index arrays have as many columns as there are
 * key blocks; after the listed ones come the others, ascending, as torch fills them.
 *
 * <p>A block that is cut off by the end of the sequence is listed as partial even where all of it
 * is allowed, since torch pads it with pairs that are not.
 */
public final class FlexBlocks {
  private final MaskShape shape;
  private final int block;
  private final int[] kvNumBlocks;
  private final int[] kvIndices;
  private final int[] fullKvNumBlocks;
  private final int[] fullKvIndices;

  private FlexBlocks(MaskShape shape, int block, int rows, int columns) {
    int heads = shape.batch() * shape.heads();
    if ((long) heads * rows * columns > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "FlexAttention's block lists would need "
              + (long) heads * rows * columns
              + " indices, and an array holds fewer than 2^31; take larger blocks than "
              + block);
    }
    this.shape = shape;
    this.block = block;
    this.kvNumBlocks = new int[heads * rows];
    this.kvIndices = new int[heads * rows * columns];
    this.fullKvNumBlocks = new int[heads * rows];
    this.fullKvIndices = new int[heads * rows * columns];
  }

  /**
   * {@return the block lists of a mask}
   *
   * @param mask the mask and its sizes
   * @param block queries and keys in a block; torch's default is 128
   * @throws IllegalArgumentException if an array cannot hold the indices
   */
  public static FlexBlocks of(BoundMask mask, int block) {
    MaskShape all = mask.shape();
    MaskShape shape =
        new MaskShape(mask.mask().batchRows(), mask.mask().heads(), all.queries(), all.keys());
    Tiles first = mask.tiles(0, 0, block, block);
    FlexBlocks blocks = new FlexBlocks(shape, block, first.rows(), first.columns());
    for (int b = 0; b < shape.batch(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        Tiles tiles = b + h == 0 ? first : mask.tiles(b, h, block, block);
        for (int row = 0; row < tiles.rows(); row++) {
          blocks.fill(tiles, (b * shape.heads() + h) * tiles.rows() + row, row);
        }
      }
    }
    return blocks;
  }

  private void fill(Tiles tiles, int at, int row) {
    int columns = tiles.columns();
    TileClass[] classes = new TileClass[columns];
    boolean cutRow = (row + 1L) * block > shape.queries();
    for (int c = 0; c < columns; c++) {
      TileClass kind = tiles.at(row, c);
      boolean cut = cutRow || (c + 1L) * block > shape.keys();
      classes[c] = kind == TileClass.FULL && cut ? TileClass.PARTIAL : kind;
    }
    kvNumBlocks[at] = list(classes, TileClass.PARTIAL, kvIndices, at * columns);
    fullKvNumBlocks[at] = list(classes, TileClass.FULL, fullKvIndices, at * columns);
  }

  private static int list(TileClass[] classes, TileClass wanted, int[] indices, int at) {
    int next = at;
    for (int c = 0; c < classes.length; c++) {
      if (classes[c] == wanted) {
        indices[next++] = c;
      }
    }
    int count = next - at;
    for (int c = 0; c < classes.length; c++) {
      if (classes[c] != wanted) {
        indices[next++] = c;
      }
    }
    return count;
  }

  /** {@return {@code [B, H]} as the lists tell them apart, with the mask's Lq and Lk} */
  public MaskShape shape() {
    return shape;
  }

  /** {@return the number of queries and keys in a block} */
  public int block() {
    return block;
  }

  /** {@return the number of partial blocks, {@code [B, H, rows]}} */
  public int[] kvNumBlocks() {
    return kvNumBlocks.clone();
  }

  /** {@return the partial blocks, {@code [B, H, rows, columns]}} */
  public int[] kvIndices() {
    return kvIndices.clone();
  }

  /** {@return the number of full blocks, {@code [B, H, rows]}} */
  public int[] fullKvNumBlocks() {
    return fullKvNumBlocks.clone();
  }

  /** {@return the full blocks, {@code [B, H, rows, columns]}} */
  public int[] fullKvIndices() {
    return fullKvIndices.clone();
  }

  /**
   * {@return the mask of these lists}
   *
   * @throws IllegalArgumentException if a block is partial: what it allows is not in the lists, but
   *     in the function that FlexAttention is given with them
   */
  public Mask toMask() {
    int rows = kvNumBlocks.length / (shape.batch() * shape.heads());
    for (int at = 0; at < kvNumBlocks.length; at++) {
      if (kvNumBlocks[at] > 0) {
        throw new IllegalArgumentException(
            "block lists alone say nothing about partial blocks, and block row "
                + at % rows
                + " has "
                + kvNumBlocks[at]
                + " of them; read the function they belong to");
      }
    }
    return Cells.combine(shape.batch(), shape.heads(), picture -> rows(picture * rows));
  }

  private Mask rows(int firstRow) {
    int columns = (int) ((shape.keys() + (long) block - 1) / block);
    List<Runs> rows = new ArrayList<>();
    for (int i = 0; i < shape.queries(); i++) {
      int at = firstRow + i / block;
      RunSet row = new RunSet();
      for (int k = 0; k < fullKvNumBlocks[at]; k++) {
        int c = fullKvIndices[at * columns + k];
        row.add(c * block, (int) Math.min(shape.keys(), (c + 1L) * block));
      }
      rows.add(Runs.of(row.toBounds()));
    }
    return Mask.rows(shape.keys(), rows);
  }
}
