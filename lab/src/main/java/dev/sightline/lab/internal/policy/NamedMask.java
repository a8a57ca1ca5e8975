package dev.sightline.lab.internal.policy;

import dev.sightline.mask.Mask;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The masks of a policy in the manner of pi0.5 that have a name. */
public enum NamedMask implements PolicyMask {
  /** Groups in a row; the actions do not see the subtask, which is absent when they are run. */
  RIGHT {
    @Override
    public Mask attention(int language) {
      return groups(language, "", "image language flow");
    }
  },
  /** As right, but the actions see the subtask. */
  FLOW_SEES_SUBTASK {
    @Override
    public Mask attention(int language) {
      return groups(language, "", "image language subtask flow");
    }
  },
  /** As right, but the words of the instruction see only words before them. */
  LANGUAGE_CAUSAL {
    @Override
    public Mask attention(int language) {
      return groups(language, ", causal", "image language flow");
    }
  },
  /**
   * The rule of a well-known write-up of make_att_2d_masks, which looks at the row alone: image and
   * instruction see all tokens, the subtask too.
   */
  ROW_CAUSAL {
    @Override
    public Mask attention(int language) {
      return Mask.rowCausal(
          "0".repeat(IMAGE + language) + "1".repeat(SUBTASK) + "1" + "0".repeat(FLOW - 1));
    }
  };

  /** {@return the name in commands and files} */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return the names of all} */
  public static List<String> ids() {
    return Arrays.stream(values()).map(NamedMask::id).toList();
  }

  private static Mask groups(int language, String order, String flow) {
    return Mask.parse(
        "groups(image(%d) language(%d%s) subtask(%d, causal) flow(%d); image sees image language;"
                .formatted(IMAGE, language, order, SUBTASK, FLOW)
            + " language sees image language; subtask sees image language subtask; flow sees "
            + flow
            + ")");
  }
}
