package dev.sightline.mask.convert;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A mask as the ONNX Attention operator takes it (opset 23 to 25): attributes and inputs that all
 * have to allow a pair. Query i is at key i + offset: the offset is the length of the past, or
 * nonpad - Lq where there is a nonpad_kv_seqlen, or else 0.
 *
 * @param isCausal attribute is_causal: j &lt;= i + offset
 * @param leftWindow attribute left_window_size of opset 25, j &gt;= i + offset - left, -1 for no
 *     limit
 * @param rightWindow attribute right_window_size of opset 25, j &lt;= i + offset + right, -1 for no
 *     limit
 * @param nonpadKvSeqlen input nonpad_kv_seqlen of opset 24, one per batch row; empty if not given
 * @param attnMask input attn_mask as booleans, true = may attend; empty if not given
 */
public record OnnxAttention(
    boolean isCausal,
    int leftWindow,
    int rightWindow,
    List<Integer> nonpadKvSeqlen,
    Optional<BoundMask> attnMask) {
  /** Copies the lengths. */
  public OnnxAttention {
    nonpadKvSeqlen = List.copyOf(nonpadKvSeqlen);
  }

  /**
   * {@return attributes and lengths where they can express the mask, otherwise an attn_mask}
   *
   * @param mask the mask and its sizes
   */
  public static OnnxAttention of(BoundMask mask) {
    for (OnnxAttention candidate : candidates(mask)) {
      if (candidate.toMask(mask.shape()).over(mask.shape()).equivalentTo(mask)) {
        return candidate;
      }
    }
    return new OnnxAttention(false, -1, -1, List.of(), Optional.of(mask));
  }

  private static List<OnnxAttention> candidates(BoundMask mask) {
    MaskShape shape = mask.shape();
    List<OnnxAttention> candidates = new ArrayList<>();
    candidates.add(new OnnxAttention(false, -1, -1, List.of(), Optional.empty()));
    candidates.add(new OnnxAttention(true, -1, -1, List.of(), Optional.empty()));
    List<Integer> lengths = new ArrayList<>();
    for (int b = 0; b < shape.batch(); b++) {
      lengths.add(mask.realTokens(b).last().orElse(-1) + 1);
    }
    candidates.add(new OnnxAttention(false, -1, -1, lengths, Optional.empty()));
    candidates.add(new OnnxAttention(true, -1, -1, lengths, Optional.empty()));
    if (shape.queries() > 0 && shape.keys() > 0) {
      window(mask).ifPresent(candidates::add);
    }
    return candidates;
  }

  /** A window shows its right side in the first row and its left side in the last. */
  private static Optional<OnnxAttention> window(BoundMask mask) {
    int lastRow = mask.shape().queries() - 1;
    Runs top = mask.row(0, 0, 0);
    Runs bottom = mask.row(0, 0, lastRow);
    if (top.count() != 1 || bottom.count() != 1) {
      return Optional.empty();
    }
    int right = top.end(0) == mask.shape().keys() ? -1 : top.end(0) - 1;
    int left = bottom.start(0) == 0 ? -1 : lastRow - bottom.start(0);
    return left < -1
        ? Optional.empty()
        : Optional.of(new OnnxAttention(false, left, right, List.of(), Optional.empty()));
  }

  /**
   * {@return the mask of these attributes and inputs, without a past}
   *
   * @param shape the sizes of the problem: with nonpad_kv_seqlen the diagonal depends on the number
   *     of queries
   */
  public Mask toMask(MaskShape shape) {
    return toMask(shape, 0);
  }

  /**
   * {@return the mask of these attributes and inputs}
   *
   * @param shape the sizes of the problem, the past among the keys
   * @param past the number of keys in past_key; 0 with nonpad_kv_seqlen, which says more
   */
  public Mask toMask(MaskShape shape, int past) {
    Alignment alignment =
        nonpadKvSeqlen.isEmpty()
            ? past == 0 ? Alignment.topLeft() : Alignment.offset(past)
            : Alignment.offset(
                nonpadKvSeqlen.stream().mapToInt(n -> n - shape.queries()).toArray());
    Mask mask = isCausal ? Mask.causal(alignment) : Mask.full();
    if (leftWindow >= 0 || rightWindow >= 0) {
      mask = both(mask, Windows.onnx(leftWindow, rightWindow, alignment));
    }
    if (!nonpadKvSeqlen.isEmpty()) {
      mask =
          both(
              mask, Mask.keyPadding(nonpadKvSeqlen.stream().mapToInt(Integer::intValue).toArray()));
    }
    return attnMask.isPresent() ? both(mask, attnMask.get().mask()) : mask;
  }

  private static Mask both(Mask a, Mask b) {
    return a.equals(Mask.full()) ? b : a.and(b);
  }
}
