package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsLibTorch
class GrootPolicyTest {
  private static final int WIDTH = 16;
  private static final int TOKENS = 48;
  private static final int ROWS = 3;

  private final Parameters parameters = new Parameters(3);
  private final GrootPolicy policy =
      new GrootPolicy(parameters, new GrootPolicy.Shape(WIDTH, 2, 2, WIDTH));
  private final MadeUpLanguage language = new MadeUpLanguage(WIDTH);
  private final float[] noise = Batches.noise(new SplittableRandom(5), ROWS * Episode.ACTIONS * 2);

  GrootPolicyTest() {
    Shaken.all(parameters);
  }

  private List<Batches.Asked> asked(int tokens) {
    return LongStream.range(0, ROWS)
        .mapToObj(number -> Episodes.episode(2, number, 9))
        .map(episode ->
            new Batches.Asked(
                episode, language.encode(List.of(episode.instruction()), tokens).getFirst()))
        .toList();
  }

  private Tensor velocity(GrootInputs seen) {
    return policy.velocity(
        seen, Tensor.create(noise, ROWS, Episode.ACTIONS, 2), new float[] {0.1f, 0.5f, 0.9f});
  }

  private float[] velocities(EncoderMask mask, float @Nullable [] foreign) {
    return Torch.floats(velocity(Batches.inputs(asked(TOKENS), TOKENS, foreign, WIDTH, mask)));
  }

  private static float[] foreign() {
    return Batches.noise(new SplittableRandom(77), TOKENS * WIDTH);
  }

  @ParameterizedTest
  @EnumSource(names = {"ON", "ALTERNATE"})
  void foreignPaddingMovesNothingUnderAMask(EncoderMask mask) {
    assertThat(velocities(mask, foreign())).containsExactly(velocities(mask, null));
  }

  @Test
  void foreignPaddingMovesEverythingWithoutOne() {
    float[] own = velocities(EncoderMask.OFF, null);
    float[] other = velocities(EncoderMask.OFF, foreign());
    for (int i = 0; i < own.length; i++) {
      assertThat(other[i]).isNotEqualTo(own[i]);
    }
  }

  @ParameterizedTest
  @EnumSource(EncoderMask.class)
  void gradientsOfPaddingAreZeroUnderAMaskAlone(EncoderMask mask) {
    GrootInputs seen = Batches.inputs(asked(TOKENS), TOKENS, null, WIDTH, mask);
    seen.language().set_requires_grad(true);
    velocity(seen).square().sum().backward();
    float[] gradient = Torch.floats(seen.language().grad());
    for (int row = 0; row < ROWS; row++) {
      for (int token = 0; token < TOKENS; token++) {
        float[] ofToken = new float[WIDTH];
        System.arraycopy(gradient, (row * TOKENS + token) * WIDTH, ofToken, 0, WIDTH);
        if (token < seen.real()[row] || mask == EncoderMask.OFF) {
          assertThat(ofToken).doesNotContain(0);
        } else {
          assertThat(ofToken).containsOnly(0);
        }
      }
    }
  }

  @Test
  void alternateSeesTextInOneCrossAttentionAndTheSceneInTheNext() {
    GrootInputs seen = Batches.inputs(asked(TOKENS), TOKENS, null, WIDTH, EncoderMask.ALTERNATE);
    int real = seen.real()[0];
    String text = "0".repeat(Episodes.THINGS) + "1".repeat(real) + "0".repeat(TOKENS - real);
    String scene = "1".repeat(Episodes.THINGS) + "0".repeat(TOKENS);
    assertThat(firstRow(seen.mask(0, 1 + GrootPolicy.FUTURE + Episode.ACTIONS))).isEqualTo(text);
    assertThat(firstRow(seen.mask(1, 1 + GrootPolicy.FUTURE + Episode.ACTIONS))).isEqualTo(scene);
  }

  private static String firstRow(Tensor mask) {
    float[] cells = Torch.floats(mask.to(torch.ScalarType.Float));
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < Episodes.THINGS + TOKENS; i++) {
      row.append((int) cells[i]);
    }
    return row.toString();
  }
}
