package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.task.Episodes;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * What an action head sees of a batch of tasks.
 *
 * @param state where the hand is, {@code [B, 1, 2]}
 * @param scene {@code [B, THINGS, Thing.FEATURES]}
 * @param language hidden states of the language encoder, {@code [B, T, C]}, with what it gives at
 *     padding
 * @param real for each batch row, how many of the T tokens are real; they come first
 * @param encoderMask which of the tokens may be seen
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record GrootInputs(
    Tensor state, Tensor scene, Tensor language, int[] real, EncoderMask encoderMask) {
  Tensor mask(int block, int queries) {
    int tokens = (int) language.size(1);
    return MaskTensors.of(
        encoderMask.mask(block, Episodes.THINGS, tokens, real),
        real.length,
        queries,
        Episodes.THINGS + tokens);
  }

  /** {@return 1 at padding, else 0, {@code [B, 1, 1, THINGS + T]}} */
  Tensor padding() {
    int keys = Episodes.THINGS + (int) language.size(1);
    float[] padding = new float[real.length * keys];
    for (int row = 0; row < real.length; row++) {
      Arrays.fill(padding, row * keys + Episodes.THINGS + real[row], (row + 1) * keys, 1);
    }
    return Tensor.create(padding, real.length, 1, 1, keys);
  }
}
