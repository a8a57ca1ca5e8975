package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.mask.Mask;
import java.util.stream.IntStream;

/** The masks that a policy in the manner of pi0.5 is trained under, over all its tokens. */
public enum PolicyMask {
  /** Groups in a row; the actions do not see the subtask, which is absent when they are run. */
  RIGHT {
    @Override
    String attention(int language) {
      return groups(language, "", "image language flow");
    }
  },
  /** As right, but the actions see the subtask. */
  FLOW_SEES_SUBTASK {
    @Override
    String attention(int language) {
      return groups(language, "", "image language subtask flow");
    }
  },
  /** As right, but the words of the instruction see only words before them. */
  LANGUAGE_CAUSAL {
    @Override
    String attention(int language) {
      return groups(language, ", causal", "image language flow");
    }
  },
  /**
   * The rule of a well-known write-up of make_att_2d_masks, which looks at the row alone: image and
   * instruction see all tokens, the subtask too.
   */
  ROW_CAUSAL {
    @Override
    String attention(int language) {
      return "row-causal("
          + "0".repeat(IMAGE + language)
          + "1".repeat(SUBTASK)
          + "1"
          + "0".repeat(Episode.ACTIONS - 1)
          + ")";
    }
  };

  /** Image tokens: where the hand is, and the things of the scene. */
  static final int IMAGE = 1 + Episodes.THINGS;

  /** Tokens of a subtask, and the one before it that its first token is predicted from. */
  static final int SUBTASK = Subtask.TOKENS + 1;

  /** {@return the mask in the text form of masks, without padding} */
  abstract String attention(int language);

  /**
   * {@return the mask of a batch}
   *
   * @param language tokens of an instruction, padding included
   * @param real for each batch row, how many of them are real
   */
  public Mask mask(int language, int[] real) {
    String[] bits =
        IntStream.of(real)
            .mapToObj(count ->
                "1".repeat(IMAGE + count)
                    + "0".repeat(language - count)
                    + "1".repeat(SUBTASK + Episode.ACTIONS))
            .toArray(String[]::new);
    return Mask.parse(attention(language)).and(Mask.keyPadding(bits));
  }

  /** {@return the count of all tokens} */
  public static int tokens(int language) {
    return IMAGE + language + SUBTASK + Episode.ACTIONS;
  }

  private static String groups(int language, String order, String flow) {
    return "groups(image("
        + IMAGE
        + ") language("
        + language
        + order
        + ") subtask("
        + SUBTASK
        + ", causal) flow("
        + Episode.ACTIONS
        + "); image sees image language; language sees image language;"
        + " subtask sees image language subtask; flow sees "
        + flow
        + ")";
  }
}
