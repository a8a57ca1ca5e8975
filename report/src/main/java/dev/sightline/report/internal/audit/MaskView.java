package dev.sightline.report.internal.audit;

import dev.sightline.audit.MaskText;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.ModelMask.Heads;
import dev.sightline.audit.result.ModelMask.Layer;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The masks that a model implements, each with a picture of its cells. */
public final class MaskView {
  private static final int MOST_MASKS = 12;
  private static final int MOST_HEADS = 6;

  private MaskView() {}

  /**
   * The section.
   *
   * @param scope what the masks were read from
   * @param masks the masks, each with the layers that have it
   * @param notDrawn what is left out, in a sentence; empty if nothing is
   * @param notes what was left out or found besides
   */
  public record Section(String scope, List<Mask> masks, String notDrawn, List<String> notes) {}

  /**
   * A mask of some layers.
   *
   * @param text the layers and the expression, as in {@code layers 0-4: causal & padding}
   * @param pictures one for each group of heads that allow the same; none if it was not read
   */
  public record Mask(String text, List<Picture> pictures) {}

  /**
   * What some heads allow.
   *
   * @param id in the page
   * @param title the layer and heads that are drawn
   * @param squares one square, the declared of a pair
   */
  public record Picture(String id, String title, CellSquares.Pair squares) {}

  static @Nullable Section of(@Nullable ModelMask mask) {
    if (mask == null) {
      return null;
    }
    List<Mask> masks = new ArrayList<>();
    MaskText.byLine(mask).forEach((line, layers) -> masks.add(mask(line, layers.getFirst())));
    int hidden = masks.size() - MOST_MASKS;
    return new Section(
        "Read from the scores " + MaskText.scope(mask) + ".",
        masks.stream().limit(MOST_MASKS).toList(),
        hidden > 0 ? "Not drawn: " + Numbers.count(hidden, "further mask") + "." : "",
        mask.notes());
  }

  private static Mask mask(String line, Layer layer) {
    List<Picture> pictures = new ArrayList<>();
    for (Heads heads : layer.heads().subList(0, Math.min(MOST_HEADS, layer.heads().size()))) {
      if (!heads.cells().isEmpty()) {
        String title =
            "layer "
                + layer.layer()
                + (layer.heads().size() == 1 ? "" : ", " + MaskText.heads(heads));
        String id = "mask-" + layer.layer() + "-" + pictures.size();
        pictures.add(new Picture(id, title, AllowedCells.asRead(heads)));
      }
    }
    return new Mask(line, pictures);
  }
}
