package dev.sightline.lab.internal.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.policy.Pi05Graph.Part;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsLibTorch
class Pi05GraphTest {
  private static final int LANGUAGE = 9;
  private static final int PREFIX = PolicyMask.IMAGE + LANGUAGE;
  private static final int BLOCKS = 2;
  private static final int[] REAL = {4, 9};
  private static final float[] TIMES = {0.3f, 0.8f};
  private static final Offset<Float> NEAR = Offset.offset(1e-4f);

  private final SplittableRandom random = new SplittableRandom(4);
  private final Parameters parameters = new Parameters(3);
  private final Pi05Policy policy =
      new Pi05Policy(parameters, new Pi05Policy.Shape(16, BLOCKS, 2, 20, LANGUAGE));
  private final Tensor place = numbers(2, 1, 2);
  private final Tensor things = numbers(2, Episodes.THINGS, Thing.FEATURES);
  private final Tensor noisy = numbers(2, Episode.ACTIONS, 2);
  private final long[] ids = random.longs(2 * LANGUAGE, 0, 20).toArray();
  private final long[] subtask =
      random.longs(2 * PolicyMask.SUBTASK, 0, Subtask.VOCABULARY + 1).toArray();

  Pi05GraphTest() {
    Shaken.all(parameters);
  }

  private Tensor numbers(int... dims) {
    int count = 1;
    long[] sizes = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      count *= dims[i];
      sizes[i] = dims[i];
    }
    return Tensor.create(Batches.noise(random, count), sizes);
  }

  private Map<String, RawTensor> seen() {
    return Map.of(
        "state", OnnxRun.tensor(place),
        "scene", OnnxRun.tensor(things),
        "input_ids", OnnxRun.longs(ids, 2, LANGUAGE),
        "attention_mask", OnnxRun.attentionMask(REAL, LANGUAGE));
  }

  private Map<String, RawTensor> asked() {
    return Map.of("noisy_actions", OnnxRun.tensor(noisy), "time", OnnxRun.times(TIMES));
  }

  @ParameterizedTest
  @ValueSource(strings = {"right", "flow-sees-subtask", "language-causal", "row-causal", "causal"})
  void theJointRunEqualsLibTorch(String text) throws ModelException {
    PolicyMask mask = PolicyMask.of(text);
    Pi05Policy.States states =
        policy.run(
            Torch.tokens(
                policy.prefix(place, things, Tensor.create(ids, 2, LANGUAGE)),
                policy.subtask(Tensor.create(subtask, 2, PolicyMask.SUBTASK), 0)),
            policy.actions(noisy),
            TIMES,
            new JointMask(mask.mask(LANGUAGE, REAL), 2, PolicyMask.tokens(LANGUAGE)).all(),
            KeyValues.none());
    Map<String, RawTensor> inputs = new HashMap<>(seen());
    inputs.putAll(asked());
    inputs.put("subtask_ids", OnnxRun.longs(subtask, 2, PolicyMask.SUBTASK));

    Map<String, FloatTensor> outputs =
        OnnxRun.of(
            Pi05Graph.of(policy, mask, Part.JOINT), inputs, List.of("velocity", "subtask_scores"));

    assertThat(requireNonNull(outputs.get("velocity")).data())
        .containsExactly(Torch.floats(policy.velocity(states.ofFlow())), NEAR);
    assertThat(requireNonNull(outputs.get("subtask_scores")).data())
        .containsExactly(
            Torch.floats(policy.next(states.ofWords().narrow(1, PREFIX, PolicyMask.SUBTASK))),
            NEAR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"right", "flow-sees-subtask", "row-causal"})
  void theStepOverAPrefixEqualsLibTorch(String text) throws ModelException {
    PolicyMask mask = PolicyMask.of(text);
    JointMask cells = new JointMask(mask.mask(LANGUAGE, REAL), 2, PolicyMask.tokens(LANGUAGE));
    int[] prefix = JointMask.range(0, PREFIX);
    int first = PREFIX + PolicyMask.SUBTASK;
    int[] flow = JointMask.range(first, first + PolicyMask.FLOW);
    KeyValues cache =
        policy
            .run(
                policy.prefix(place, things, Tensor.create(ids, 2, LANGUAGE)),
                null,
                TIMES,
                cells.of(prefix, prefix),
                KeyValues.none())
            .keyValues();
    Tensor expected =
        policy.velocity(
            policy
                .run(
                    null,
                    policy.actions(noisy),
                    TIMES,
                    cells.of(flow, JointMask.both(prefix, flow)),
                    cache)
                .ofFlow());
    List<String> kept = List.of("0.key", "0.value", "1.key", "1.value");
    Map<String, FloatTensor> present =
        OnnxRun.of(
            Pi05Graph.of(policy, mask, Part.PREFIX),
            seen(),
            kept.stream().map(name -> "present." + name).toList());
    Map<String, RawTensor> inputs = new HashMap<>(asked());
    inputs.put("attention_mask", OnnxRun.attentionMask(REAL, LANGUAGE));
    for (String name : kept) {
      FloatTensor tensor = requireNonNull(present.get("present." + name));
      inputs.put(
          "past." + name, RawTensor.ofFloats(tensor, dev.sightline.tensor.ElementType.FLOAT32));
    }

    Map<String, FloatTensor> outputs =
        OnnxRun.of(Pi05Graph.of(policy, mask, Part.STEP), inputs, List.of("velocity"));

    assertThat(requireNonNull(outputs.get("velocity")).data())
        .containsExactly(Torch.floats(expected), NEAR);
  }
}
