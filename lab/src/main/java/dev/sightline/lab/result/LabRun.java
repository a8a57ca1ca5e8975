package dev.sightline.lab.result;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One training of one policy under one mask: what makes its curve, and nothing else does.
 *
 * @param policy which policy
 * @param mask the name of a mask of that policy, such as {@code encoder-mask=off}'s {@code off}
 * @param steps batches in all
 * @param seed of the parameters and of the batches
 * @param texts how many different instructions are trained on
 */
public record LabRun(Kind policy, String mask, int steps, long seed, int texts) {
  /** Most steps of one training; the loss of each is kept. */
  public static final int MOST_STEPS = 1_000_000;

  /** Most instructions; the hidden states of each are kept, 86 kB. */
  public static final int MOST_TEXTS = 4096;

  /** Checks the numbers and the mask's name. */
  public LabRun {
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "a training has 1 to " + MOST_STEPS + " steps, not " + steps);
    }
    if (texts < 1 || texts > MOST_TEXTS) {
      throw new IllegalArgumentException(
          "a training has 1 to " + MOST_TEXTS + " instructions, not " + texts);
    }
    if (!policy.masks().contains(mask)) {
      throw new IllegalArgumentException(
          "'"
              + mask
              + "' is no mask of "
              + policy.id()
              + "; it has "
              + String.join(", ", policy.masks()));
    }
  }

  /**
   * Returns the run in words.
   *
   * @return such as {@code groot with encoder-mask=off, 1200 steps, seed 1, 512 instructions}
   */
  public String words() {
    return "%s with %s=%s, %d steps, seed %d, %d instructions"
        .formatted(policy.id(), policy.varied(), mask, steps, seed, texts);
  }

  /** The policies of the lab. */
  public enum Kind {
    /** An action head in the manner of GR00T N1, over a frozen language encoder. */
    GROOT("encoder-mask", List.of("on", "off", "alternate")),
    /** A policy in the manner of pi0.5, which predicts a subtask before it acts. */
    PI05("mask", List.of("right", "flow-sees-subtask", "language-causal", "row-causal"));

    private final String varied;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> masks;

    Kind(String varied, List<String> masks) {
      this.varied = varied;
      this.masks = masks;
    }

    /** {@return the name in commands and files} */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the name of what is varied, as in {@code encoder-mask=on,off}} */
    public String varied() {
      return varied;
    }

    /** {@return the names of the masks} */
    public List<String> masks() {
      return masks;
    }

    /**
     * {@return the policy of a name}
     *
     * @param id as {@link #id()} gives it
     * @throws IllegalArgumentException if there is none
     */
    public static Kind of(String id) {
      return Arrays.stream(values())
          .filter(kind -> kind.id().equals(id))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "'"
                      + id
                      + "' is no policy of the lab; it has "
                      + String.join(", ", Arrays.stream(values()).map(Kind::id).toList())));
    }
  }
}
