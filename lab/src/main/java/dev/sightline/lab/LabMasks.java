package dev.sightline.lab;

import dev.sightline.lab.internal.policy.EncoderMask;
import dev.sightline.lab.internal.policy.PolicyMask;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.result.LabRun;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import java.util.List;
import java.util.stream.IntStream;

/** The masks of the lab's policies, for pictures. Needs no LibTorch. */
public final class LabMasks {
  /** Tokens of an instruction in a picture, and how many of them are real. */
  private static final int TOKENS = 8;

  private static final int[] REAL = {5};

  private LabMasks() {}

  /**
   * Returns the masks of a policy for an instruction of 5 tokens and 3 of padding.
   *
   * @param policy which policy
   * @param mask the name of one of its masks, or of pi05 an expression
   * @return one, or one for each kind of layer
   */
  public static List<BoundMask> examples(LabRun.Kind policy, String mask) {
    return switch (policy) {
      case GROOT -> {
        EncoderMask encoderMask = EncoderMask.of(mask);
        int kinds = encoderMask == EncoderMask.ALTERNATE ? 2 : 1;
        yield IntStream.range(0, kinds)
            .mapToObj(block ->
                encoderMask
                    .mask(block, Episodes.THINGS, TOKENS, REAL)
                    .over(new MaskShape(1, 1, EncoderMask.QUERIES, Episodes.THINGS + TOKENS)))
            .toList();
      }
      case PI05 -> {
        int all = PolicyMask.tokens(TOKENS);
        yield List.of(PolicyMask.of(mask).mask(TOKENS, REAL).over(new MaskShape(1, 1, all, all)));
      }
    };
  }
}
