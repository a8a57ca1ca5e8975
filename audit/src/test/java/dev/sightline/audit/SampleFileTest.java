package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.internal.declared.ConformanceCheck;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Vectors;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFileTest {
  private static Model groot;

  @BeforeAll
  static void read() throws IOException {
    groot = Model.open(Policies.file("groot-dit-masked.onnx"));
  }

  private static RawTensor floats(int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return RawTensor.ofFloats(FloatTensor.of(Shape.of(dims), values), ElementType.FLOAT32);
  }

  private static RawTensor longs(Shape shape, long... values) {
    return RawTensor.of(ElementType.INT64, shape, TensorBytes.of(values));
  }

  private static SampleFile of(Map<String, RawTensor> tensors) throws IOException {
    return SampleFile.of(groot, tensors, new RandomTokens(groot, 0, 1));
  }

  @Test
  void tensors_becomeSamples_withTokensWhereTheMaskHasThem() throws IOException {
    Path file = Policies.file("groot-dit.feed.npz");

    SampleFile read = SampleFile.read(groot, file, new RandomTokens(groot, 0, 1));

    assertThat(read.madeUp()).isEmpty();
    assertThat(read.samples()).hasSize(3);
    Sample third = read.samples().get(2);
    assertThat(third.length(0)).isEqualTo(41);
    assertThat(third.placements().get(1).orElseThrow().positions())
        .containsExactly(2, 3, 4, 5, 7, 8, 9);
    RawTensor timestep = requireNonNull(third.others().get("timestep"));
    assertThat(timestep.toLongs()).containsExactly(740);
    assertThat(timestep.shape().rank()).isZero();
  }

  @Test
  void vectors_areTakenFromTheirPositions() throws IOException {
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    tensors.put("vl_features", floats(2, 3, 64));
    tensors.put("vl_attention_mask", longs(Shape.of(2, 3), 1, 1, 1, 0, 1, 0));

    SampleFile read = of(tensors);

    // Row 1, position 1 begins at element (3 + 1) * 64 of a tensor that counts its elements.
    assertThat(((Vectors) read.samples().get(1).streams().get(1)).magnitude())
        .isEqualTo((3 + 1) * 64 + 63);
    assertThat(read.madeUp()).containsExactly("state_action_embeddings", "timestep");
    assertThat(read.samples().get(1).length(0)).isEqualTo(41);
  }

  @Test
  void whatDoesNotFit_isQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of("vl_feature", floats(2, 3, 64))))
        .withMessageContaining("'vl_feature'")
        .withMessageContaining("vl_features float32 [batch, vl_sequence, 64]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of("vl_features", floats(3, 64))))
        .withMessageContaining("'vl_features' is [3, 64]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of("vl_features", floats(2, 3, 65))))
        .withMessageContaining("another length on axis 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of()))
        .withMessageContaining("no sample");
  }

  @Test
  void batchSizesAndWidthsThatDisagree_areBothNamed() {
    Map<String, RawTensor> sizes = new LinkedHashMap<>();
    sizes.put("vl_features", floats(2, 3, 64));
    sizes.put("timestep", longs(Shape.of(3), 1, 2, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(sizes))
        .withMessage("'vl_features' has 2 samples, but 'timestep' has 3");

    Map<String, RawTensor> widths = new LinkedHashMap<>();
    widths.put("vl_features", floats(1, 3, 64));
    widths.put("vl_attention_mask", longs(Shape.of(1, 2), 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(widths))
        .withMessageContaining("'vl_features' has 3 tokens, but its mask 2");
  }

  @Test
  void safetensors_areReadToo_andOtherFilesRefused(@TempDir Path folder) throws IOException {
    String header = "{\"timestep\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}";
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[8 + text.length + 16];
    bytes[0] = (byte) text.length;
    System.arraycopy(text, 0, bytes, 8, text.length);
    Path file = Files.write(folder.resolve("inputs.safetensors"), bytes);

    assertThat(SampleFile.read(groot, file, new RandomTokens(groot, 0, 1)).samples()).hasSize(2);
    assertThatThrownBy(
            () -> SampleFile.read(groot, folder.resolve("none.npz"), new RandomTokens(groot, 0, 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.npz");
  }

  @Test
  void madeUpSamples_haveDistinctWidths_andPaddingWhereThereIsAMask() throws IOException {
    List<Sample> samples = new RandomTokens(groot, 0, 5).samples(3);
    List<Sample> again = new RandomTokens(groot, 0, 5).samples(3);

    assertThat(samples).extracting(s -> s.length(0)).containsExactly(41, 41, 41);
    assertThat(samples).extracting(s -> s.length(1)).containsExactly(14, 9, 7);
    assertThat(((Vectors) samples.getFirst().streams().getFirst()).magnitude())
        .isEqualTo(((Vectors) again.getFirst().streams().getFirst()).magnitude())
        .isBetween(1f, 1.75f);
  }

  @Test
  void tooManyTokens_areRefused_withBothNumbers() throws IOException {
    List<Sample> samples = of(Map.of("vl_features", floats(1, 500, 64))).samples();

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ConformanceCheck.run(
                groot,
                samples,
                0,
                Expectation.parse("full"),
                Segments.none(),
                new RandomTokens(groot, 0, 1),
                layer -> "implemented " + layer))
        .withMessageContaining("512")
        .withMessageContaining("541 (state_action_embeddings 41 + vl_features 500)");
  }
}
