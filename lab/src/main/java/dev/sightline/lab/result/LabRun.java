package dev.sightline.lab.result;

import dev.sightline.lab.internal.policy.EncoderMask;
import dev.sightline.lab.internal.policy.NamedMask;
import dev.sightline.lab.internal.policy.PolicyMask;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One training of one policy under one mask: what makes its curve, and nothing else does.
 *
 * @param policy which policy
 * @param mask the name of a mask of that policy, such as {@code encoder-mask=off}'s {@code off}; of
 *     pi05 also an expression of the mask language over its 99 tokens
 * @param steps batches in all
 * @param seed of the parameters and of the batches
 * @param texts how many different instructions are trained on
 * @param attention what computes the attentions and their gradients
 */
public record LabRun(Kind policy, String mask, int steps, long seed, int texts, Backend attention) {
  /** Most steps of one training; the loss of each is kept. */
  public static final int MOST_STEPS = 1_000_000;

  /** Most instructions; the hidden states of each are kept, 86 kB. */
  public static final int MOST_TEXTS = 4096;

  private static final int LONGEST_NAME = 32;

  /**
   * A training whose attentions LibTorch computes.
   *
   * @param policy which policy
   * @param mask as that of the record
   * @param steps batches in all
   * @param seed of the parameters and of the batches
   * @param texts how many different instructions are trained on
   */
  public LabRun(Kind policy, String mask, int steps, long seed, int texts) {
    this(policy, mask, steps, seed, texts, Backend.LIBTORCH);
  }

  /** Checks the numbers and the mask. */
  public LabRun {
    // A file that was written before there was a choice has none.
    attention = Objects.requireNonNullElse(attention, Backend.LIBTORCH);
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "a training has 1 to " + MOST_STEPS + " steps, not " + steps);
    }
    if (texts < 1 || texts > MOST_TEXTS) {
      throw new IllegalArgumentException(
          "a training has 1 to " + MOST_TEXTS + " instructions, not " + texts);
    }
    mask = mask.strip();
    switch (policy) {
      case GROOT -> EncoderMask.of(mask);
      case PI05 -> PolicyMask.of(mask);
    }
  }

  /**
   * Returns the run in words.
   *
   * @return such as {@code groot with encoder-mask=off, 1200 steps, seed 1, 512 instructions}; if
   *     it is not LibTorch, also what computes the attentions
   */
  public String words() {
    return "%s with %s=%s, %d steps, seed %d, %d instructions"
            .formatted(policy.id(), policy.varied(), mask, steps, seed, texts)
        + (attention == Backend.LIBTORCH ? "" : ", attention by " + attention.id());
  }

  /**
   * Returns the same run under another mask.
   *
   * @param other a mask of the policy
   * @return the run
   * @throws IllegalArgumentException if the policy has no such mask
   */
  public LabRun under(String other) {
    return new LabRun(policy, other, steps, seed, texts, attention);
  }

  /**
   * Returns the name of the run's folder in that of a comparison. An expression is not a file name,
   * so that of one ends with a number that is made of it.
   *
   * @return such as {@code off-1}
   */
  public String folderName() {
    boolean isName = policy.masks().contains(mask);
    String words = mask.replaceAll("[^A-Za-z0-9]+", "-");
    String shortened = words.substring(0, Math.min(words.length(), LONGEST_NAME));
    String stem = isName ? mask : "%s-%08x".formatted(shortened, mask.hashCode());
    return stem + "-" + seed;
  }

  /** What computes attentions, forward and backward; all else is LibTorch's. */
  public enum Backend {
    /** LibTorch's {@code scaled_dot_product_attention}. */
    LIBTORCH,
    /** Sightline's kernels. */
    SIGHTLINE;

    /** {@return the name in commands} */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the backend of a name}
     *
     * @param id as {@link #id()} gives it
     * @throws IllegalArgumentException if there is none
     */
    public static Backend of(String id) {
      return Arrays.stream(values())
          .filter(backend -> backend.id().equals(id))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "'"
                      + id
                      + "' computes no attention in the lab; expected one of "
                      + String.join(", ", Arrays.stream(values()).map(Backend::id).toList())));
    }
  }

  /** The policies of the lab. */
  public enum Kind {
    /** An action head in the manner of GR00T N1, over a frozen language encoder. */
    GROOT("encoder-mask", EncoderMask.ids()),
    /** A policy in the manner of pi0.5, which predicts a subtask before it acts. */
    PI05("mask", NamedMask.ids());

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
