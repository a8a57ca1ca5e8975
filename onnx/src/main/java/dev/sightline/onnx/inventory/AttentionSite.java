package dev.sightline.onnx.inventory;

import dev.sightline.onnx.Model;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attention of a model, found by the role of its nodes: a Softmax over the last axis that
 * stands between a product of two activations (the scores, query x key) and another (probabilities
 * x value), or one fused operator that does all of it.
 *
 * @param layer its place in order of execution, counted from 0; one number per attention
 * @param node the name of the Softmax or of the fused operator, a label for people
 * @param operator {@code Softmax}, {@code Attention}, {@code com.microsoft.MultiHeadAttention}, ...
 * @param source whether its keys come from what its queries come from
 * @param masks how each mask input of the model reaches it, in the order of {@link ModelInputs}
 * @param taps what {@link Model#tappedSession} can hand out
 * @param whyNotReadable why its probabilities are not among the taps; empty if they are
 * @param projection what mixes its heads; null if that was not found
 * @param whyNoProjection why not; empty if it was
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
  public AttentionSite {
    masks = List.copyOf(masks);
    taps = Set.copyOf(taps);
  }

  /** Whether the keys come from what the queries come from. */
  public enum Source {
    /** From the same hidden states, perhaps behind those of earlier tokens. */
    SELF,
    /** From others: an encoder's, a picture's. */
    CROSS,
    /** The projections were not found, or they overlap in part. */
    UNKNOWN
  }

  /** What can be read of an attention, float32, whatever the layout in the graph. */
  public enum Tap {
    /** What the values are weighted with {@code [B, H, Lq, Lk]}; rows need not sum to 1. */
    PROBABILITIES,
    /** The share of each query that falls on padded keys {@code [B, H, Lq]}. */
    PADDING_MASS,
    /** What is weighted {@code [B, KV, Lk, D]}, KV dividing H. */
    VALUES,
    /** Probabilities x values, before the output projection {@code [B, H, Lq, D]}. */
    CONTEXT,
    /** What the query projection reads {@code [B, Lq, D]}. */
    HIDDEN,
    /** The context behind the output projection, with its bias {@code [B, Lq, D]}. */
    ATTENTION_OUTPUT,
    /** The same, made again from the context and each head's rows of the weights. */
    REBUILT_OUTPUT
  }

  /** How a mask input of the model reaches an attention. */
  public enum MaskRoute {
    /** Its values enter the scores or the probabilities. */
    VALUE,
    /** Only its shape is used, so whatever the mask says is ignored. */
    SHAPE_ONLY,
    /** No path at all. */
    NONE
  }

  /** The output that {@link Model#tappedSession} adds, as in {@code sightline.probabilities.3}. */
  public String output(Tap tap) {
    return "sightline." + tap.name().toLowerCase(Locale.ROOT) + "." + layer;
  }

  /**
   * The float32 graph input {@code [B, Lk]} that {@link Tap#PADDING_MASS} adds: 1 at padded keys, 0
   * at real ones. A run that does not ask for the sum may feed {@code [1, 1]}.
   */
  public String paddingInput() {
    return "sightline.padding." + layer;
  }
}
