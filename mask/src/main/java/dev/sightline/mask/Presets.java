package dev.sightline.mask;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.kind.Policy;

/**
 * The attention layouts of known robot policies. Sizes are numbers of tokens; padding is not part
 * of a layout, so write {@code Presets.pi0(3, 2, 3).and(Mask.padding("111101111"))}.
 *
 * <p>pi0, pi05: openpi's {@code embed_prefix} and {@code embed_suffix}; smolvla: lerobot's {@code
 * modeling_smolvla}; groot: the diffusion transformer heads of GR00T N1 and N1.5, whose queries are
 * 1 state token, the future tokens and the action tokens, and whose keys are vision-language
 * tokens.
 */
public final class Presets {
  private Presets() {}

  /**
   * {@return the mask of pi0: images and language see each other; state sees them; actions see all
   * and each other}
   *
   * @param images image tokens
   * @param language language tokens
   * @param actions action tokens
   * @throws IllegalArgumentException if a number is negative
   */
  public static Mask pi0(int images, int language, int actions) {
    return Mask.of(Policy.pi0(images, language, actions));
  }

  /**
   * {@return the mask of pi0.5: as {@link #pi0} without a state token, since the state is part of
   * the language}
   *
   * @param images image tokens
   * @param language language tokens
   * @param actions action tokens
   * @throws IllegalArgumentException if a number is negative
   */
  public static Mask pi05(int images, int language, int actions) {
    return Mask.of(Policy.pi05(images, language, actions));
  }

  /**
   * {@return the mask of pi0.5 with a causal subtask text after the language, which the actions do
   * not see}
   *
   * @param images image tokens
   * @param language language tokens
   * @param subtask tokens of the subtask
   * @param actions action tokens
   * @throws IllegalArgumentException if a number is negative
   */
  public static Mask pi05Subtask(int images, int language, int subtask, int actions) {
    return Mask.of(Policy.pi05Subtask(images, language, subtask, actions));
  }

  /**
   * {@return the mask of SmolVLA: as {@link #pi0} with causal actions}
   *
   * @param images image tokens
   * @param language language tokens
   * @param actions action tokens
   * @throws IllegalArgumentException if a number is negative
   */
  public static Mask smolvla(int images, int language, int actions) {
    return Mask.of(Policy.smolvla(images, language, actions));
  }

  /**
   * {@return GR00T N1's cross-attention, {@code [1 + future + actions, keys]}: every query sees
   * every vision-language token} Combine it with {@link Mask#keyPadding}.
   *
   * @param future future tokens
   * @param actions action tokens
   * @param keys vision-language tokens
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static Mask grootN1(int future, int actions, int keys) {
    return Mask.of(Policy.grootN1(future, actions, keys));
  }

  /**
   * {@return a cross-attention of GR00T N1.5, {@code [1 + future + actions, keys]}} Its layers take
   * turns: the keys are the text tokens in one and the image tokens in the next, never the padding.
   *
   * @param future future tokens
   * @param actions action tokens
   * @param image for every key, whether it is an image token
   * @param real for every key, whether it is no padding
   * @param seesImages whether this layer sees the image tokens; otherwise it sees the text tokens
   * @throws IllegalArgumentException if there are not as many bits of image as of real, or a number
   *     is out of its range
   */
  public static Mask grootAlternate(
      int future, int actions, boolean[] image, boolean[] real, boolean seesImages) {
    return Mask.of(
        Policy.grootAlternate(future, actions, Bits.of(image), Bits.of(real), seesImages));
  }
}
