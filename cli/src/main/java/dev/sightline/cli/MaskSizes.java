package dev.sightline.cli;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The sizes that masks are bound to. Batch rows and heads are those the masks tell apart. */
final class MaskSizes {
  @Option(names = "--q", paramLabel = "N", description = "Number of queries.")
  private @Nullable Integer queries;

  @Option(
      names = "--k",
      paramLabel = "N",
      description = "Number of keys. Default for both: the other, or what the masks name.")
  private @Nullable Integer keys;

  MaskSizes() {}

  /** The sizes for some masks, which must name a length where none was given. */
  MaskShape shapeFor(Mask... masks) {
    int named = -1;
    for (Mask mask : masks) {
      named = Math.max(named, mask.length().orElse(-1));
    }
    if (queries == null && keys == null && named < 0) {
      throw new IllegalArgumentException(
          masks[0] + " has no length of its own; say how many queries and keys, as in --q 8 --k 8");
    }
    return shape(named, masks);
  }

  /** The same, taking a length that shows what the masks do where none was given or named. */
  MaskShape sampleFor(int atLeast, Mask... masks) {
    int length = atLeast;
    boolean named = false;
    for (Mask mask : masks) {
      named |= mask.length().isPresent();
    }
    for (Mask mask : masks) {
      // A mask that lists its tokens decides; the others have to follow.
      if (mask.length().isPresent() || !named) {
        length = Math.max(length, mask.sampleLength());
      }
    }
    return shape(length, masks);
  }

  private MaskShape shape(int named, Mask... masks) {
    int batch = 1;
    int heads = 1;
    for (Mask mask : masks) {
      batch = Math.max(batch, mask.batchRows());
      heads = Math.max(heads, mask.heads());
    }
    Integer q = queries != null ? queries : keys;
    Integer k = keys != null ? keys : queries;
    return new MaskShape(batch, heads, q != null ? q : named, k != null ? k : named);
  }
}
