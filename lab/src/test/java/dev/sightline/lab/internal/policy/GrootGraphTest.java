package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsLibTorch
class GrootGraphTest {
  private static final int WIDTH = 16;
  private static final int LANGUAGE = 12;
  private static final int TOKENS = 44;
  private static final float[] TIMES = {0.1f, 0.5f, 0.9f};

  @ParameterizedTest
  @EnumSource(EncoderMask.class)
  void equalsLibTorch(EncoderMask mask) throws ModelException {
    Parameters parameters = new Parameters(3);
    GrootPolicy policy = new GrootPolicy(parameters, new GrootPolicy.Shape(WIDTH, 2, 2, LANGUAGE));
    Shaken.all(parameters);
    List<Batches.Asked> asked =
        LongStream.range(0, TIMES.length)
            .mapToObj(number -> Episodes.episode(2, number, 9))
            .map(episode ->
                new Batches.Asked(
                    episode,
                    new MadeUpLanguage(LANGUAGE)
                        .encode(List.of(episode.instruction()), TOKENS)
                        .getFirst()))
            .toList();
    GrootInputs seen = Batches.inputs(asked, TOKENS, null, LANGUAGE, mask);
    float[] noise = Batches.noise(new SplittableRandom(5), TIMES.length * Episode.ACTIONS * 2);
    Tensor noisy = Tensor.create(noise, TIMES.length, Episode.ACTIONS, 2);
    float[] expected = Torch.floats(policy.velocity(seen, noisy, TIMES));

    Model model = Model.parse(GrootGraph.of(policy, mask, LANGUAGE), "policy");
    long[] real = new long[TIMES.length * TOKENS];
    for (int row = 0; row < TIMES.length; row++) {
      Arrays.fill(real, row * TOKENS, row * TOKENS + seen.real()[row], 1);
    }
    try (ModelSession session = model.session()) {
      float[] actual =
          Objects.requireNonNull(session
              .run(
                  Map.of(
                      "state", tensor(seen.state()),
                      "noisy_actions", tensor(noisy),
                      "time", tensor(Tensor.create(TIMES, TIMES.length)),
                      "scene", tensor(seen.scene()),
                      "language", tensor(seen.language()),
                      "attention_mask",
                          RawTensor.of(
                              ElementType.INT64,
                              Shape.of(TIMES.length, TOKENS),
                              TensorBytes.of(real))),
                  List.of("velocity"))
              .get("velocity"))
              .data();
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  private static RawTensor tensor(Tensor tensor) {
    return RawTensor.of(
        ElementType.FLOAT32,
        Shape.of(tensor.sizes().vec().get()),
        TensorBytes.of(Torch.floats(tensor)));
  }
}
