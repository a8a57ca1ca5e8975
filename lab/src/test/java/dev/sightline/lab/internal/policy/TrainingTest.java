package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.sightline.attention.Provider;
import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.SightlineAttention;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.train.Learner;
import dev.sightline.lab.internal.train.Trainer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsLibTorch
class TrainingTest {
  private static final Trainer.Plan PLAN = new Trainer.Plan(30, 3e-3, 8);

  @TempDir private Path folder;

  @BeforeEach
  void oneThread() {
    torch.set_num_threads(1);
  }

  private static Learner groot(EncoderMask mask) throws ModelException {
    return groot(mask, ScaledDotProduct.LIBTORCH);
  }

  private static Learner groot(EncoderMask mask, ScaledDotProduct product) throws ModelException {
    Parameters parameters = new Parameters(1);
    return new GrootLearner(
        new GrootTask(new MadeUpLanguage(8), 1, 40, 8),
        new GrootPolicy(parameters, new GrootPolicy.Shape(16, 1, 2, 8), product),
        parameters,
        mask,
        4);
  }

  private static Learner pi05(PolicyMask mask) {
    return pi05(mask, ScaledDotProduct.LIBTORCH);
  }

  private static Learner pi05(PolicyMask mask, ScaledDotProduct product) {
    Parameters parameters = new Parameters(1);
    Pi05Task task = new Pi05Task(1, 40, 8);
    return new Pi05Learner(
        task,
        new Pi05Policy(parameters, new Pi05Policy.Shape(16, 1, 2, task.vocabulary(), 48), product),
        parameters,
        mask,
        4);
  }

  private static List<Float> trained(Learner learner) {
    return trained(learner, PLAN);
  }

  private static List<Float> trained(Learner learner, Trainer.Plan plan) {
    try (Trainer trainer = new Trainer(learner, plan)) {
      while (trainer.next() < plan.steps()) {
        trainer.step();
      }
      return trainer.losses();
    }
  }

  private static double mean(List<Float> losses) {
    return losses.stream().mapToDouble(Float::doubleValue).average().orElseThrow();
  }

  @Test
  void theLossOfBothPoliciesFalls() throws ModelException {
    for (Learner learner : List.of(groot(EncoderMask.ON), pi05(NamedMask.RIGHT))) {
      List<Float> losses = trained(learner, new Trainer.Plan(200, 1e-2, 8));
      assertThat(mean(losses.subList(160, 200))).isLessThan(0.7 * mean(losses.subList(0, 10)));
    }
  }

  @Test
  void oneSeedGivesOneCurveAndAnotherMaskAnother() throws ModelException {
    assertThat(trained(groot(EncoderMask.ON))).isEqualTo(trained(groot(EncoderMask.ON)));
    assertThat(trained(groot(EncoderMask.OFF))).isNotEqualTo(trained(groot(EncoderMask.ON)));
    assertThat(trained(pi05(NamedMask.RIGHT))).isEqualTo(trained(pi05(NamedMask.RIGHT)));
    assertThat(trained(pi05(NamedMask.FLOW_SEES_SUBTASK)))
        .isNotEqualTo(trained(pi05(NamedMask.RIGHT)));
    // Words at padding see padding alone, which is nothing.
    assertThat(trained(pi05(PolicyMask.of("window(0,0)"))))
        .isNotEqualTo(trained(pi05(NamedMask.RIGHT)))
        .allMatch(Float::isFinite);
  }

  @Test
  void withSightlinesAttention_theCurveIsThatOfLibTorch() throws ModelException {
    ScaledDotProduct ours = new SightlineAttention(Provider.preferred());
    Trainer.Plan few = new Trainer.Plan(20, 3e-3, 8);
    assertNear(
        trained(groot(EncoderMask.ALTERNATE, ours), few),
        trained(groot(EncoderMask.ALTERNATE, ScaledDotProduct.LIBTORCH), few));
    Trainer.Plan many = new Trainer.Plan(50, 3e-3, 8);
    assertNear(trained(pi05(NamedMask.RIGHT, ours), many), trained(pi05(NamedMask.RIGHT), many));
  }

  /** Rounding tells them apart, by up to 7e-7 of the loss where this was measured. */
  private static void assertNear(List<Float> curve, List<Float> expected) {
    assertThat(curve).isNotEqualTo(expected);
    for (int i = 0; i < curve.size(); i++) {
      assertThat(curve.get(i)).as("step " + i).isCloseTo(expected.get(i), withinPercentage(0.001));
    }
  }

  @Test
  void aTrainingThatGoesOnIsTheOneThatWasNotStopped() throws IOException {
    Learner whole = groot(EncoderMask.ON);
    List<Float> expected = trained(whole);
    Path file = folder.resolve("checkpoint.pt");
    try (Trainer first = new Trainer(groot(EncoderMask.ON), PLAN)) {
      for (int i = 0; i < 13; i++) {
        first.step();
      }
      first.save(file);
    }
    Learner resumed = groot(EncoderMask.ON);
    try (Trainer second = new Trainer(resumed, PLAN)) {
      second.resume(file);
      assertThat(second.next()).isEqualTo(13);
      while (second.next() < PLAN.steps()) {
        second.step();
      }
      assertThat(second.losses()).isEqualTo(expected);
    }
    assertThat(numbers(resumed)).isEqualTo(numbers(whole));
    assertThat(folder).isDirectoryContaining("glob:**checkpoint.pt");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  private static Map<String, List<Float>> numbers(Learner learner) {
    Map<String, List<Float>> numbers = new TreeMap<>();
    for (Map.Entry<String, Tensor> entry : learner.parameters().tensors().entrySet()) {
      List<Float> values = new ArrayList<>();
      for (float value : Torch.floats(entry.getValue())) {
        values.add(value);
      }
      numbers.put(entry.getKey(), values);
    }
    return numbers;
  }
}
