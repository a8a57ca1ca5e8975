package dev.sightline.lab.internal.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
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

    Map<String, FloatTensor> outputs =
        OnnxRun.of(
            GrootGraph.of(policy, mask, LANGUAGE),
            Map.of(
                "state", OnnxRun.tensor(seen.state()),
                "noisy_actions", OnnxRun.tensor(noisy),
                "time", OnnxRun.times(TIMES),
                "scene", OnnxRun.tensor(seen.scene()),
                "language", OnnxRun.tensor(seen.language()),
                "attention_mask", OnnxRun.attentionMask(seen.real(), TOKENS)),
            List.of("velocity"));
    assertThat(requireNonNull(outputs.get("velocity")).data())
        .containsExactly(expected, Offset.offset(1e-4f));
  }
}
