package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolingAgreementTest {
  @ParameterizedTest
  @EnumSource(Padding.class)
  void arraysUnderAMask_poolAsTheRowsOfABatch(Padding side) throws ModelException {
    Model model = Model.parse(TinyEncoder.correct(), "tiny");
    List<Sample> samples =
        List.of(
            new Sample(1, "one", List.of(TokenizedText.ofIds(2, 9, 4))),
            new Sample(2, "two", List.of(TokenizedText.ofIds(3))));
    Batch batch = Batch.of(model.roles(), samples, 0).withPadding(0, side, 5);
    Random random = new Random(1);
    float[] flat = new float[2 * 5 * 4];
    float[][][] hidden = new float[2][5][4];
    long[][] mask = new long[2][5];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = random.nextFloat() - 0.5f;
      hidden[i / 20][i / 4 % 5][i % 4] = flat[i];
      mask[i / 20][i / 4 % 5] = batch.mask(0)[i / 4];
    }
    FloatTensor tensor = FloatTensor.of(Shape.of(2, 5, 4), flat);

    for (Pooling way : Pooling.values()) {
      float[][] pooled = way.pool(hidden, mask);
      for (int row = 0; row < 2; row++) {
        double[] expected = way.pool(tensor, row, batch.tokens(0, row));
        for (int d = 0; d < 4; d++) {
          assertThat(pooled[row][d]).as("%s", way).isEqualTo((float) expected[d]);
        }
      }
    }
  }
}
