package dev.sightline.audit.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.zoo.InputKind;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionSnapshotTest {
  /** Of 1,024 tokens, what 16 heads give is 64 MB: more than one attention is too much at once. */
  @Test
  void longRows_areReadOneAttentionAtATime() throws ModelException {
    assertThat(atOnce(1024)).containsExactly(1, 1, 1, 1);
    assertThat(atOnce(64)).containsExactly(2);
  }

  private static List<Integer> atOnce(int tokens) throws ModelException {
    Model model = Model.parse(InputKind.NO_POSITIONS.bytes(false), "long");
    Sample sample =
        new Sample(
            1,
            "long",
            List.of(
                new RandomTokens(model, 0, 1).tokens(model.roles().streams().getFirst(), tokens)));
    List<Integer> counts = new ArrayList<>();
    try (ModelSession session =
        model.tappedSession(
            model.attention().found(),
            EnumSet.of(Tap.PROBABILITIES, Tap.HIDDEN, Tap.PADDING_MASS))) {
      Runs counting =
          (feed, outputs) -> {
            counts.add(
                (int)
                    model.attention().found().stream()
                        .filter(site -> outputs.contains(site.output(Tap.PROBABILITIES)))
                        .count());
            return session.run(feed, outputs);
          };
      AttentionSnapshot look =
          AttentionSnapshot.at(model, counting, Batch.of(model.roles(), List.of(sample), 0));
      List<FloatTensor> read = new ArrayList<>();
      look.forEach(look.sites(), (site, probabilities) -> read.add(probabilities));
      assertThat(read).hasSize(2);
      assertThat(read.getFirst().data()).isNotEqualTo(read.getLast().data());
    }
    return counts;
  }
}
