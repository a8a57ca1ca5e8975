package dev.sightline.data.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchedModelTest {
  @TempDir Path folder;

  @Test
  void minilm_isReadAsWhatItIs() throws IOException {
    Model model = Model.parse(minilm(), "minilm-int8");

    assertThat(model.inputs())
        .extracting(TensorSpec::name)
        .containsExactly("input_ids", "attention_mask", "token_type_ids");
    assertThat(model.inputs().getFirst())
        .hasToString("input_ids int64 [batch_size, sequence_length]");
    assertThat(model.attention().found())
        .hasSize(6)
        .allMatch(site -> site.masks().getFirst().route() == MaskRoute.VALUE)
        .allMatch(site -> site.source() == AttentionSite.Source.SELF)
        .extracting(AttentionSite::node)
        .startsWith("/encoder/layer.0/attention/self/Softmax");
    assertThat(model.quantizesDynamically()).isTrue();
    assertThat(model.vocabulary(model.roles().streams().getFirst())).hasValue(30522);
    assertThat(model.maxTokens(model.roles().streams().getFirst())).hasValue(512);
    assertThat(model.opset()).isEqualTo(11);
  }

  @Test
  void taps_leaveTheOutputAloneAndAddUpToWhatProbabilitiesSay() throws IOException {
    Model model = Model.parse(minilm(), "minilm-int8");
    List<AttentionSite> sites = model.attention().found();
    AttentionSite last = sites.getLast();
    Batch batch = batch(model, 6, 9);
    List<String> output = List.of("last_hidden_state");

    FloatTensor plain;
    try (ModelSession session = model.session()) {
      plain = Objects.requireNonNull(session.run(batch.feed(), output).get("last_hidden_state"));
    }
    FloatTensor probabilities;
    FloatTensor unmasked;
    try (ModelSession session = model.tappedSession(sites, Set.of(Tap.PROBABILITIES))) {
      String name = last.output(Tap.PROBABILITIES);
      probabilities = Objects.requireNonNull(session.run(batch.feed(), List.of(name)).get(name));
      // Under a mask of ones there is attention on padding to be summed.
      unmasked =
          Objects.requireNonNull(
              session.run(batch.withMaskOfOnes(0).feed(), List.of(name)).get(name));
    }
    FloatTensor mass;
    try (ModelSession session = model.tappedSession(sites, Set.of(Tap.PADDING_MASS))) {
      RawTensor padding = padding(batch);
      Map<String, RawTensor> feed = new HashMap<>(batch.withMaskOfOnes(0).feed());
      sites.forEach(site -> feed.put(site.paddingInput(), padding));
      String name = last.output(Tap.PADDING_MASS);
      mass = Objects.requireNonNull(session.run(feed, List.of(name)).get(name));
      feed.putAll(batch.feed());
      assertThat(Objects.requireNonNull(session.run(feed, output).get("last_hidden_state")).data())
          .isEqualTo(plain.data());
    }

    assertThat(probabilities.shape()).isEqualTo(Shape.of(2, 12, 9, 9));
    assertThat(mass.shape()).isEqualTo(Shape.of(2, 12, 9));
    for (int row = 0; row < 2; row++) {
      for (int head = 0; head < 12; head++) {
        double sum = 0;
        for (int key = 0; key < 9; key++) {
          if (!batch.isReal(0, row, key)) {
            sum += unmasked.data()[unmasked.offset(row, head, 2, key)];
            assertThat(probabilities.data()[probabilities.offset(row, head, 2, key)]).isZero();
          }
        }
        assertThat((double) mass.data()[mass.offset(row, head, 2)])
            .isCloseTo(sum, org.assertj.core.data.Offset.offset(1e-6))
            .isPositive();
      }
    }
  }

  @Test
  void siteOfAnotherModel_isRefused() throws IOException {
    Model model = Model.parse(minilm(), "minilm-int8");
    AttentionSite other =
        new AttentionSite(
            0,
            "n",
            "Softmax",
            AttentionSite.Source.SELF,
            List.of(),
            Set.of(),
            "no reason",
            null,
            "none");

    assertThatThrownBy(() -> model.tappedSession(List.of(other), Set.of(Tap.HIDDEN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no attention of 'minilm-int8'");
  }

  @Test
  void modelThatNeverFinishes_isStopped() throws IOException {
    byte[] endless = endlessLoop();
    Model model = Model.parse(endless, "it");

    ParsedModel parsed = ParsedModel.of(model);
    try (RuntimeSession session =
        RuntimeSession.start(parsed, parsed.proto(), Use.PLAIN, Duration.ofMillis(300))) {
      assertThatThrownBy(() -> session.run(batch(model, 4, 4).feed(), List.of("y")))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("input_ids [2, 4]")
          .hasMessageContaining("terminate");
    }
  }

  /** Counts to 2^62, one node at a time. */
  private static byte[] endlessLoop() {
    GraphBuilder graph = new GraphBuilder("endless");
    GraphBuilder body = graph.body("body");
    body.scalarInput("i", ElementType.INT64);
    body.scalarInput("go", ElementType.BOOL);
    body.scalarInput("flag", ElementType.BOOL);
    body.output("on", "go", ElementType.BOOL);
    body.output("flipped", body.node("Not", "flag"), ElementType.BOOL);
    String ids = graph.input("input_ids", ElementType.INT64, "b", "s");
    String yes = graph.boolScalar(true);
    graph.op("Loop", graph.longScalar(1L << 62), yes, yes).with("body", body);
    graph.output("y", graph.cast(ids, ElementType.FLOAT32), ElementType.FLOAT32, "b", "s");
    return graph.model(17, "sightline-test");
  }

  @Test
  void truncatedModels_areRefusedInOneSentence() throws IOException {
    byte[] whole = minilm();
    for (int part : new int[] {1, 2, 100, 10_000, 1_000_000}) {
      assertThatThrownBy(() -> open(Arrays.copyOf(whole, part)))
          .as("the first %d bytes", part)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("it")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void randomBytes_areRefused() {
    for (int seed = 0; seed < 200; seed++) {
      byte[] bytes = new byte[1 + seed * 17];
      new Random(seed).nextBytes(bytes);
      assertThatThrownBy(() -> open(bytes)).as("seed %d", seed).isInstanceOf(ModelException.class);
    }
  }

  @Test
  void emptyFile_isNoModel() {
    assertThatThrownBy(() -> open(new byte[0]))
        .hasMessage("'it' is not an ONNX model: it is empty");
  }

  @Test
  void aFolder_isOpenedByItsOnlyOnnxFile() throws IOException {
    Path models = Files.createDirectory(folder.resolve("only"));
    assertThatThrownBy(() -> Model.open(models))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has no .onnx file, nor has a folder 'onnx' in it");
    Path file = withExternalData(models, "weights.bin");
    Files.write(models.resolve("weights.bin"), new byte[16]);
    assertThat(Model.open(models).inputs()).isEqualTo(Model.open(file).inputs()).isNotEmpty();
    Files.copy(file, models.resolve("second.onnx"));
    Files.move(file, models.resolve("first.onnx"));
    assertThatThrownBy(() -> Model.open(models))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has 2 .onnx files; name one of");
  }

  @Test
  void missingFile_isQuoted() {
    assertThatThrownBy(() -> Model.open(folder.resolve("nowhere.onnx")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("nowhere.onnx");
  }

  @Test
  void externalData_outsideTheFolder_isRefusedBeforeTheRuntimeSeesIt() throws IOException {
    Files.writeString(folder.resolve("secret"), "not for models");
    Path models = Files.createDirectory(folder.resolve("models"));
    for (String location :
        List.of("../secret", "/etc/hostname", "a/../../secret", "", "weights\0.bin")) {
      assertThatThrownBy(() -> Model.open(withExternalData(models, location)))
          .as("location '%s'", location)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("keeps the weight 'w' in");
    }
  }

  @Test
  void externalData_throughALink_isRefused() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "not for models");
    Path models = Files.createDirectory(folder.resolve("models"));
    Files.createSymbolicLink(models.resolve("weights.bin"), secret);

    assertThatThrownBy(() -> Model.open(withExternalData(models, "weights.bin")))
        .hasMessageContaining("a link that leads out");
  }

  @Test
  void externalData_insideTheFolder_isTaken() throws IOException {
    ByteBuffer weights = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    weights.asFloatBuffer().put(new float[] {1, 20, 300, 4000});
    Files.write(folder.resolve("weights.bin"), weights.array());

    Model model = Model.open(withExternalData(folder, "weights.bin"));

    try (ModelSession session = model.session()) {
      FloatTensor run =
          Objects.requireNonNull(session.run(batch(model, 4, 4).feed(), List.of("y")).get("y"));
      assertThat(run.data()).startsWith(2001, 2057, 2374, 6111);
    }
  }

  @Test
  void externalData_thatIsMissing_isSaid() {
    assertThatThrownBy(() -> Model.open(withExternalData(folder, "weights.bin")))
        .hasMessageEndingWith("which does not exist");
  }

  /** y = float(ids) + w. */
  private Path withExternalData(Path where, String location) throws IOException {
    GraphBuilder graph = new GraphBuilder("sum");
    String ids = graph.input("input_ids", ElementType.INT64, "b", "s");
    String weight =
        graph.constant(
            TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(4)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    StringStringEntryProto.newBuilder().setKey("location").setValue(location))
                .build());
    String sum = graph.node("Add", graph.cast(ids, ElementType.FLOAT32), weight);
    graph.output("y", sum, ElementType.FLOAT32, "b", "s");
    return Files.write(where.resolve("model.onnx"), graph.model(17, "sightline-test"));
  }

  private static void open(byte[] bytes) throws ModelException {
    Model.parse(bytes, "it").session().close();
  }

  private static Batch batch(Model model, int length, int width) {
    long[] ids = new long[length];
    Arrays.setAll(ids, i -> 2000 + 37L * i);
    TokenizedText text = TokenizedText.ofIds(ids);
    TokenizedText shorter = TokenizedText.ofIds(Arrays.copyOf(ids, 4));
    return Batch.of(
            model.roles(),
            List.of(new Sample(1, "long", List.of(text)), new Sample(2, "short", List.of(shorter))),
            0)
        .withPadding(0, Padding.RIGHT, width);
  }

  @Test
  void segmentIdsOfAFile_moveWithTheirTokens() throws IOException {
    Model model = Model.parse(minilm(), "minilm-int8");
    Map<String, RawTensor> tensors =
        Map.of(
            "input_ids", longs(101, 7592, 102, 2088, 101, 2000, 0, 0),
            "attention_mask", longs(1, 1, 1, 1, 1, 1, 0, 0),
            "token_type_ids", longs(0, 0, 1, 1, 0, 1, 1, 1));

    List<Sample> samples = SampleFile.of(model, tensors, new RandomTokens(model, 0, 1)).samples();
    Batch batch = Batch.of(model.roles(), samples, 0);

    assertThat(types(batch)).containsExactly(0, 0, 1, 1, 0, 1, 0, 0);
    assertThat(types(batch.withPadding(0, Padding.LEFT, 5)))
        .containsExactly(0, 0, 0, 1, 1, 0, 0, 0, 0, 1);
  }

  private static long[] types(Batch batch) {
    return Objects.requireNonNull(batch.feed().get("token_type_ids")).toLongs();
  }

  /** Two rows of four. */
  private static RawTensor longs(long... values) {
    return RawTensor.of(ElementType.INT64, Shape.of(2, 4), TensorBytes.of(values));
  }

  private static RawTensor padding(Batch batch) {
    float[] padding = new float[batch.rows() * batch.width(0)];
    for (int i = 0; i < padding.length; i++) {
      padding[i] = batch.isReal(0, i / batch.width(0), i % batch.width(0)) ? 0 : 1;
    }
    return RawTensor.of(
        ElementType.FLOAT32, Shape.of(batch.rows(), batch.width(0)), TensorBytes.of(padding));
  }

  private static byte[] minilm() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            BatchedModelTest.class.getResourceAsStream("/all-minilm-l6-v2-q.onnx"))) {
      return in.readAllBytes();
    }
  }
}
