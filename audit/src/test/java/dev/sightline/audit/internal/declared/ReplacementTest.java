package dev.sightline.audit.internal.declared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.TinyEncoder;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.RawTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReplacementTest {
  private static final List<Sample> SAMPLES =
      List.of(
          new Sample(1, "one", List.of(TokenizedText.ofIds(2, 9, 4))),
          new Sample(2, "two", List.of(TokenizedText.ofIds(3, 8, 5))));

  @Test
  void replacedIds_areOfTheRangeThatWasAskedFor_andOthersThanBefore() throws ModelException {
    Model model = Model.parse(TinyEncoder.correct(), "tiny");
    SampleBatches batches = new SampleBatches(model, SAMPLES, 0);
    Batch batch = batches.part(0).batch();
    for (int seed = 0; seed < 50; seed++) {
      RandomTokens random = new RandomTokens(model, 0, 7, OptionalLong.of(10), seed);

      Map<String, RawTensor> feed = new Replacement(batches, random).feed(batch, 1);

      RawTensor tensor = Objects.requireNonNull(feed.get("input_ids"));
      long[] ids = tensor.toLongs();
      assertThat(ids[1]).isIn(7L, 8L);
      assertThat(ids[4]).isIn(7L, 9L);
      assertThat(new long[] {ids[0], ids[2], ids[3], ids[5]}).containsExactly(2, 4, 3, 5);
    }
  }

  @Test
  void rangeOfOneId_cannotReplaceAnything() throws ModelException {
    Model model = Model.parse(TinyEncoder.correct(), "tiny");
    SampleBatches batches = new SampleBatches(model, SAMPLES, 0);
    RandomTokens random = new RandomTokens(model, 0, 7, OptionalLong.of(8), 1);

    assertThatThrownBy(() -> new Replacement(batches, random).feed(batches.part(0).batch(), 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has no two ids: from 7 to before 8");
  }
}
