package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSyntaxException;
import java.util.stream.IntStream;

/**
 * What the tokens of a policy in the manner of pi0.5 may attend to. Its tokens are, in this order:
 * image, language (an instruction with its padding), subtask, flow (the action chunk).
 */
public interface PolicyMask {
  /** Image tokens: the hand's position, and the things of the scene. */
  int IMAGE = 1 + Episodes.THINGS;

  /** Words to which the longest instruction is padded. */
  int LANGUAGE = 80;

  /** Tokens of a subtask, and the one before it that its first token is predicted from. */
  int SUBTASK = Subtask.TOKENS + 1;

  /** Action tokens. */
  int FLOW = Episode.ACTIONS;

  /**
   * {@return the mask of one instruction without padding, {@code [1, 1, L, L]}}
   *
   * @param language tokens of an instruction, at most {@link #LANGUAGE}
   */
  Mask attention(int language);

  /**
   * {@return the mask of a batch, {@code [B, 1, L, L]}; padding of an instruction is never seen}
   *
   * @param language tokens of an instruction, padding included
   * @param real for each batch row, how many of them are real
   */
  default Mask mask(int language, int[] real) {
    String[] bits =
        IntStream.of(real)
            .mapToObj(count ->
                "1".repeat(IMAGE + count)
                    + "0".repeat(language - count)
                    + "1".repeat(SUBTASK + FLOW))
            .toArray(String[]::new);
    return attention(language).and(Mask.keyPadding(bits));
  }

  /** {@return the count of all tokens} */
  static int tokens(int language) {
    return IMAGE + language + SUBTASK + FLOW;
  }

  /**
   * {@return the mask of a name, or of an expression}
   *
   * @param text such as {@code right}, or {@code causal}
   * @throws IllegalArgumentException if it is neither, or lets a token attend to nothing
   */
  static PolicyMask of(String text) {
    for (NamedMask named : NamedMask.values()) {
      if (named.id().equals(text)) {
        return named;
      }
    }
    try {
      return ExpressionMask.of(text);
    } catch (MaskSyntaxException e) {
      if (!text.chars().allMatch(c -> c == '-' || Character.isLetterOrDigit(c))) {
        throw e;
      }
      // A single word is a name.
      throw new IllegalArgumentException(
          "'%s' is no mask of pi05; it has %s, and expressions over its %d tokens"
              .formatted(text, String.join(", ", NamedMask.ids()), tokens(LANGUAGE)),
          e);
    }
  }
}
