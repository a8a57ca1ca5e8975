package dev.sightline.onnx.inventory;

import dev.sightline.onnx.Model;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attention of a model, found by the role of its nodes: a Softmax over the last axis between
 * two products of activations (scores = query x key, context = probabilities x value), or one fused
 * operator that computes all of it.
 *
 * @param layer index in order of execution, counted from 0; one number per attention
 * @param node the name of the Softmax or of the fused operator, a label for people
 * @param operator {@code Softmax}, {@code Attention}, {@code com.microsoft.MultiHeadAttention}, ...
 * @param source whether its keys come from what its queries come from
 * @param masks how each mask input of the model reaches it, in the order of {@link ModelInputs}
 * @param taps what {@link Model#tappedSession} can add as outputs
 * @param whyNotReadable why its probabilities are not among the taps; empty if they are
 * @param projection the output projection; null if it was not found
 * @param whyNoProjection why the projection was not found; empty if it was
 */
public record AttentionSite(
    int layer,
    String node,
    String operator,
    Source source,
    List<MaskPath> masks,
    Set<Tap> taps,
    String whyNotReadable,
    @Nullable OutputProjection projection,
    String whyNoProjection) {
  /** Copies the masks and the taps. */
  public AttentionSite {
    masks = List.copyOf(masks);
    taps = Set.copyOf(taps);
  }

  /** Whether the keys come from what the queries come from. */
  public enum Source {
    /** From the same hidden states, perhaps after the cached keys of earlier tokens. */
    SELF,
    /** From other hidden states, such as an encoder's or an image's. */
    CROSS,
    /** The projections were not found, or their inputs overlap in part. */
    UNKNOWN
  }

  /** What can be read of an attention, float32, whatever the layout in the graph. */
  public enum Tap {
    /** The weights of the values {@code [B, H, Lq, Lk]}; rows need not sum to 1. */
    PROBABILITIES,
    /** Sum of the probabilities of each query at padded keys {@code [B, H, Lq]}. */
    PADDING_MASS,
    /** The values {@code [B, KV, Lk, D]}; KV divides H. */
    VALUES,
    /** Probabilities x values, before the output projection {@code [B, H, Lq, D]}. */
    CONTEXT,
    /** The input of the query projection {@code [B, Lq, D]}. */
    HIDDEN,
    /** The context after the output projection, with its bias {@code [B, Lq, D]}. */
    ATTENTION_OUTPUT,
    /**
     * {@link #ATTENTION_OUTPUT} recomputed from the context and each head's rows of the weights.
     */
    REBUILT_OUTPUT,
    /** The queries as they enter the scores, perhaps scaled already {@code [B, H, Lq, D]}. */
    QUERIES,
    /** The keys as they enter the scores {@code [B, KV, Lk, D]}; KV divides H. */
    KEYS
  }

  /** How a mask input of the model reaches an attention. */
  public enum MaskRoute {
    /** Its values enter the scores or the probabilities. */
    VALUE,
    /** Only its shape is used; its values are ignored. */
    SHAPE_ONLY,
    /** The graph has no path from the mask to the attention. */
    NONE
  }

  /**
   * Returns the name of the output that {@link Model#tappedSession} adds for a tap.
   *
   * @param tap one of {@link #taps()}
   * @return a name such as {@code sightline.probabilities.3}
   */
  public String output(Tap tap) {
    return "sightline." + tap.name().toLowerCase(Locale.ROOT) + "." + layer;
  }

  /**
   * Returns the name of the float32 graph input {@code [B, Lk]} that {@link Tap#PADDING_MASS} adds:
   * 1 at padded keys, 0 at real ones. A run that does not fetch that tap may feed {@code [1, 1]}.
   *
   * @return a name such as {@code sightline.padding.3}
   */
  public String paddingInput() {
    return "sightline.padding." + layer;
  }
}
