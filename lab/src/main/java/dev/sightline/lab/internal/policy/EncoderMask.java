package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.task.Episode;
import dev.sightline.mask.Mask;
import dev.sightline.mask.Presets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which vision-language tokens the action head's cross-attentions see. */
public enum EncoderMask {
  /** Real tokens alone. */
  ON {
    @Override
    public Mask mask(int block, int things, int tokens, int[] real) {
      return Mask.keyPadding(IntStream.of(real).map(count -> things + count).toArray());
    }
  },
  /** All tokens, padding too. */
  OFF {
    @Override
    public Mask mask(int block, int things, int tokens, int[] real) {
      return Mask.full();
    }
  },
  /** Text in one cross-attention, the scene in the next, never padding, as GR00T N1.5 has it. */
  ALTERNATE {
    @Override
    public Mask mask(int block, int things, int tokens, int[] real) {
      boolean[] image = new boolean[things + tokens];
      Arrays.fill(image, 0, things, true);
      return Mask.perBatch(
          IntStream.of(real)
              .mapToObj(count -> {
                boolean[] isReal = new boolean[things + tokens];
                Arrays.fill(isReal, 0, things + count, true);
                return Presets.grootAlternate(
                    GrootPolicy.FUTURE, Episode.ACTIONS, image, isReal, block % 2 == 1);
              })
              .toArray(Mask[]::new));
    }
  };

  /** {@return the name in commands and files} */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the names of all} */
  public static List<String> ids() {
    return Arrays.stream(values()).map(EncoderMask::id).toList();
  }

  /** {@return the mask of a name, as {@link #id} gives it} */
  public static EncoderMask of(String id) {
    return Arrays.stream(values())
        .filter(mask -> mask.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'%s' is no mask of groot; it has %s".formatted(id, String.join(", ", ids()))));
  }

  /** Queries of a cross-attention: the state, future and action tokens. */
  public static final int QUERIES = 1 + GrootPolicy.FUTURE + Episode.ACTIONS;

  /**
   * {@return the mask of a cross-attention, {@code [B, 1, Lq, things + tokens]}}
   *
   * @param block the number of the cross-attention
   * @param things scene tokens; they come first and are all real
   * @param tokens text tokens, padding included
   * @param real for each batch row, how many text tokens are real
   */
  public abstract Mask mask(int block, int things, int tokens, int[] real);
}
