package dev.sightline.data.internal.batch;

import dev.sightline.data.MaskPolarity;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link MaskPolarity} of a model by experiment. Hugging Face's attention_mask is 1 at
 * real tokens, PyTorch's key_padding_mask is 1 at padding, and no file says which it follows. The
 * model does: under the value that hides a position, another token there changes no other position.
 */
public final class MaskPolarityFinder {
  /** Fewest tokens that tell one position from all of them. */
  private static final int FEWEST_TOKENS = 4;

  private static final long SEED = 42;

  /** Of the largest change: where a model quantises at run time, every value moves a little. */
  private static final int NOISE = 50;

  /** Words of PyTorch's names of masks, which are 1 at padding more often than not. */
  private static final List<String> OTHER_CONVENTIONS =
      List.of("pad", "ignore", "key", "src", "tgt");

  private MaskPolarityFinder() {}

  /**
   * Returns the model with the polarity of its masks as it was given, else as the model itself
   * shows it; the same model if its polarity is known. A mask of numbers that is called {@code
   * attention_mask}, or {@code context_mask}, is 1 at real tokens by convention, so that a model in
   * which it works the other way round is at fault; of the others the experiment decides, and where
   * it decides nothing, 1 is taken for a real token.
   *
   * @param model whose masks are examined
   * @param padId the token id of padding
   * @param given the polarity of all masks; empty to ask the model
   * @throws ModelException if the model does not start
   */
  public static Model resolve(Model model, long padId, Optional<MaskPolarity> given)
      throws ModelException {
    if (given.isPresent()) {
      boolean padding = given.get() == MaskPolarity.ONE_IS_PADDING;
      return model.withPaddingAsOne(padding ? model.roles().maskedStreams() : List.of());
    }
    if (model.isPolarityKnown()) {
      return model;
    }
    List<Integer> inverted = new ArrayList<>();
    for (int s = 0; s < model.roles().streams().size(); s++) {
      TokenStream stream = model.roles().streams().get(s);
      if (!hasConvention(stream) && isOneAtPadding(model, s, padId)) {
        inverted.add(s);
      }
    }
    return model.withPaddingAsOne(inverted);
  }

  private static boolean hasConvention(TokenStream stream) {
    TensorSpec mask = stream.mask();
    if (mask == null) {
      return true;
    }
    String name = mask.name().toLowerCase(Locale.ROOT);
    return mask.type() != ElementType.BOOL
        && name.endsWith("_mask")
        && OTHER_CONVENTIONS.stream().noneMatch(name::contains);
  }

  private static boolean isOneAtPadding(Model model, int stream, long padId) throws ModelException {
    RandomTokens tokens = new RandomTokens(model, padId, SEED);
    if (model.roles().streams().stream().anyMatch(s -> s.isOfIds() && !knowsIds(model, s))) {
      return false;
    }
    Sample sample = tokens.samples(1).getFirst();
    int length = sample.length(stream);
    if (length < FEWEST_TOKENS) {
      return false;
    }
    Batch batch = SampleTrial.alone(model, sample, padId);
    int changed = 1; // early, so that a causal model's later positions notice
    Batch other =
        batch.withDrawn(
            stream,
            (row, position) -> position == batch.position(stream, row, changed),
            tokens.of(model.roles().streams().get(stream), sample));
    try (ModelSession session = model.session()) {
      double underZero = changedShare(session, model, batch, other, stream, changed, 0);
      double underOne = changedShare(session, model, batch, other, stream, changed, 1);
      // A hidden position moves itself; of pairs of positions, its row and its column.
      return underOne <= 2.5 / length && underZero > 1.5 * underOne && underZero > 1.5 / length;
    } catch (ModelException e) {
      return false; // what is made up does not suit the model: nothing is known, as without a try
    }
  }

  private static boolean knowsIds(Model model, TokenStream stream) {
    return model.vocabulary(stream).isPresent();
  }

  /**
   * The share of output values that change, where one position has one value and all others not.
   */
  private static double changedShare(
      ModelSession session,
      Model model,
      Batch batch,
      Batch other,
      int stream,
      int changed,
      int value)
      throws ModelException {
    long[] mask = new long[batch.mask(stream).length];
    int width = batch.width(stream);
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % width == changed ? value : 1 - value;
    }
    List<String> outputs = ParsedModel.of(model).comparableOutputs();
    Map<String, FloatTensor> a = session.run(batch.withMask(stream, mask).feed(), outputs);
    Map<String, FloatTensor> b = session.run(other.withMask(stream, mask).feed(), outputs);
    long all = 0;
    long different = 0;
    for (String output : outputs) {
      float[] before = values(a.get(output));
      float[] after = values(b.get(output));
      float least = model.quantizesDynamically() ? largest(before, after) / NOISE : 0;
      for (int i = 0; i < before.length; i++) {
        all++;
        // NaN, as of a row without a key, is no evidence and counts as a change.
        different += Math.abs(before[i] - after[i]) <= least ? 0 : 1;
      }
    }
    return all == 0 ? 1 : (double) different / all;
  }

  private static float largest(float[] before, float[] after) {
    float largest = 0;
    for (int i = 0; i < before.length; i++) {
      largest = Math.max(largest, Math.abs(before[i] - after[i]));
    }
    return largest;
  }

  private static float[] values(@Nullable FloatTensor tensor) {
    return tensor == null ? new float[0] : tensor.data();
  }
}
