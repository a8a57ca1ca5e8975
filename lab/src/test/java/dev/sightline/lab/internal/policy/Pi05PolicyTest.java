package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Thing;
import dev.sightline.mask.CachedStep;
import dev.sightline.mask.MaskShape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsLibTorch
class Pi05PolicyTest {
  private static final int WIDTH = 16;
  private static final int LANGUAGE = 9;
  private static final int[] REAL = {4, 9};
  private static final int PREFIX = PolicyMask.IMAGE + LANGUAGE;
  private static final int FLOW = PREFIX + PolicyMask.SUBTASK;
  private static final int TOKENS = PolicyMask.tokens(LANGUAGE);
  private static final float[] TIMES = {0.3f, 0.8f};

  private final SplittableRandom random = new SplittableRandom(4);
  private final Parameters parameters = new Parameters(3);
  private final Pi05Policy policy =
      new Pi05Policy(parameters, new Pi05Policy.Shape(WIDTH, 3, 2, 20, 12));
  private final Tensor prefix;
  private final Tensor subtask;
  private final Tensor flow;

  Pi05PolicyTest() {
    Shaken.all(parameters);
    prefix =
        policy.prefix(
            numbers(2, 1, 2), numbers(2, Episodes.THINGS, Thing.FEATURES), ids(20, LANGUAGE));
    subtask = policy.subtask(ids(8, PolicyMask.SUBTASK), 0);
    flow = policy.actions(numbers(2, Episode.ACTIONS, 2));
  }

  private Tensor numbers(long... dims) {
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    return Tensor.create(Batches.noise(random, count), dims);
  }

  private Tensor ids(int below, int tokens) {
    return Tensor.create(random.longs(2L * tokens, 0, below).toArray(), 2, tokens);
  }

  private float[] joint(JointMask mask) {
    return Torch.floats(
        policy
            .run(Torch.tokens(prefix, subtask), flow, TIMES, mask.all(), KeyValues.none())
            .ofFlow());
  }

  private float[] cached(JointMask mask) {
    int[] first = JointMask.range(0, PREFIX);
    KeyValues cache =
        policy.run(prefix, null, TIMES, mask.of(first, first), KeyValues.none()).keyValues();
    for (int i = 0; i < PolicyMask.SUBTASK; i++) {
      cache =
          policy
              .run(
                  subtask.narrow(1, i, 1),
                  null,
                  TIMES,
                  mask.of(new int[] {PREFIX + i}, JointMask.range(0, PREFIX + i + 1)),
                  cache)
              .keyValues();
    }
    return Torch.floats(
        policy
            .run(
                null,
                flow,
                TIMES,
                mask.of(JointMask.range(FLOW, TOKENS), JointMask.range(0, TOKENS)),
                cache)
            .ofFlow());
  }

  /** Both by numbers and by the algebra of masks. */
  @ParameterizedTest
  @EnumSource(NamedMask.class)
  void aCacheEqualsTheJointRunWhereTheMaskSaysSo(PolicyMask mask) {
    JointMask joint = new JointMask(mask.mask(LANGUAGE, REAL), 2, TOKENS);
    boolean equal =
        new CachedStep(mask.mask(LANGUAGE, REAL).over(new MaskShape(2, 1, TOKENS, TOKENS)), PREFIX)
            .refute()
            .isEmpty();
    // The write-up's rule lets the image see tokens that come later, so it has no cache.
    assertThat(equal).isEqualTo(mask != NamedMask.ROW_CAUSAL);
    float[] expected = joint(joint);
    float[] actual = cached(joint);
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - actual[i]));
    }
    if (equal) {
      assertThat(largest).isCloseTo(0, within(1e-5));
    } else {
      assertThat(largest).isGreaterThan(1e-3);
    }
  }

  @ParameterizedTest
  @EnumSource(NamedMask.class)
  void actionsDependOnTheSubtaskAsTheMaskSays(PolicyMask mask) {
    JointMask joint = new JointMask(mask.mask(LANGUAGE, REAL), 2, TOKENS);
    float[] before = joint(joint);
    Tensor other = subtask.clone();
    other.narrow(1, 2, 1).add_(Torch.times(other.narrow(1, 4, 1), 1));
    float[] after =
        Torch.floats(
            policy
                .run(Torch.tokens(prefix, other), flow, TIMES, joint.all(), KeyValues.none())
                .ofFlow());
    boolean sees = mask == NamedMask.FLOW_SEES_SUBTASK || mask == NamedMask.ROW_CAUSAL;
    assertThat(Arrays.equals(before, after)).isEqualTo(!sees);
  }

  @ParameterizedTest
  @EnumSource(NamedMask.class)
  void paddingOfTheInstructionMovesNothing(PolicyMask mask) {
    JointMask joint = new JointMask(mask.mask(LANGUAGE, REAL), 2, TOKENS);
    float[] before = joint(joint);
    Tensor words = Torch.tokens(prefix, subtask).clone();
    words
        .select(0, 0)
        .narrow(0, PolicyMask.IMAGE + REAL[0], LANGUAGE - REAL[0])
        .add_(numbers(LANGUAGE - REAL[0], WIDTH));
    float[] after =
        Torch.floats(policy.run(words, flow, TIMES, joint.all(), KeyValues.none()).ofFlow());
    assertThat(after).containsExactly(before);
  }
}
