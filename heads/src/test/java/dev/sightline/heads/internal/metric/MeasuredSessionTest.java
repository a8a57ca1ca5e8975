package dev.sightline.heads.internal.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.data.internal.batch.TokenAxis.Past;
import dev.sightline.heads.internal.metric.MeasuredSession.Reading;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What the graph reduces, against the same written down slowly from what the taps give. */
class MeasuredSessionTest {
  private static final Set<Tap> TAPS =
      EnumSet.of(Tap.PROBABILITIES, Tap.VALUES, Tap.CONTEXT, Tap.ATTENTION_OUTPUT);

  @ParameterizedTest
  @CsvSource({
    "/tiny-gpt.onnx, RIGHT",
    "/tiny-gpt.onnx, LEFT",
    "/tiny-gpt.onnx, INTERIOR",
    "/attention/llama-dynamo-attention-op.onnx, RIGHT",
    "/attention/llama-dynamo-attention-op.onnx, LEFT",
    "/attention/llama-dynamo-attention-op.onnx, INTERIOR",
    "/attention/llama-dynamo-eager.onnx, RIGHT",
    "/attention/llama-dynamo-eager.onnx, LEFT",
    "/attention/llama-dynamo-eager.onnx, INTERIOR",
    "/attention/bert-legacy-ts.ort-offline.onnx, RIGHT",
    "/attention/bert-legacy-ts.ort-offline.onnx, INTERIOR",
    "/attention/t5-ts.onnx, RIGHT",
    "/attention/t5-ts.onnx, LEFT",
    "/all-minilm-l6-v2-q.onnx, RIGHT",
    "/all-minilm-l6-v2-q.onnx, INTERIOR",
  })
  void everyMetric_isWhatItsDefinitionGives(String resource, Padding side) throws IOException {
    Model model = model(resource);
    compareAll(model, batch(model, side));
  }

  private static void compareAll(Model model, Batch batch) throws ModelException {
    List<AttentionSite> sites = model.attention().found();
    Map<String, FloatTensor> tapped;
    List<String> outputs = new ArrayList<>();
    for (AttentionSite site : sites) {
      TAPS.stream().filter(site.taps()::contains).forEach(tap -> outputs.add(site.output(tap)));
    }
    try (ModelSession session = model.tappedSession(sites, TAPS)) {
      tapped = session.run(batch.feed(), outputs);
    }
    Map<AttentionSite, Map<HeadMetric, Reading>> readings;
    try (MeasuredSession session =
        MeasuredSession.open(model, sites, EnumSet.allOf(HeadMetric.class), batch)) {
      readings = session.run(batch);
    }

    assertThat(readings.keySet()).containsExactlyElementsOf(sites);
    int compared = 0;
    for (AttentionSite site : sites) {
      SlowMetrics slow = SlowMetrics.of(model, site, tapped);
      int keyStream = streamOf(slow.probabilities().shape().dim(3), batch);
      int queryStream = streamOf(slow.probabilities().shape().dim(2), batch);
      for (HeadMetric metric : HeadMetric.values()) {
        Reading reading = Objects.requireNonNull(readings.get(site)).get(metric);
        if (!(reading instanceof Reading.Values values)) {
          assertThat(isExpectedMissing(model, site, metric)).as("%s %s", metric, reading).isTrue();
          continue;
        }
        assertThat(isExpectedMissing(model, site, metric)).as("%s", metric).isFalse();
        FloatTensor tensor = values.tensor();
        for (int row = 0; row < batch.rows(); row++) {
          boolean[] keys = positions(batch, keyStream, row, batch::isReal);
          boolean[] special = positions(batch, keyStream, row, batch::isSpecial);
          long[] ids = ids(batch, keyStream, row);
          for (int head = 0; head < tensor.shape().dim(1); head++) {
            for (int query = 0; query < tensor.shape().dim(2); query++) {
              if (batch.isReal(queryStream, row, query)) {
                double expected = slow.of(metric, row, head, query, keys, special, ids);
                assertThat((double) tensor.data()[tensor.offset(row, head, query)])
                    .as("%s of %s, row %d head %d query %d", metric, site.node(), row, head, query)
                    .isCloseTo(expected, within(2e-5 * Math.max(1, Math.abs(expected))));
                compared++;
              }
            }
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static long[] ids(Batch batch, int stream, int row) {
    long[] ids = new long[batch.width(stream)];
    Arrays.fill(ids, -1);
    if (batch.samples().get(row).streams().get(stream) instanceof TokenizedText text) {
      for (int token = 0; token < text.length(); token++) {
        ids[batch.position(stream, row, token)] = text.id(token);
      }
    }
    return ids;
  }

  /** Quantised weights rebuild nothing, and a decoder's keys in the encoder are not its queries. */
  private static boolean isExpectedMissing(Model model, AttentionSite site, HeadMetric metric) {
    boolean between =
        metric == HeadMetric.DISTANCE
            || metric == HeadMetric.SELF
            || metric == HeadMetric.PREVIOUS
            || metric == HeadMetric.INDUCTION;
    return (metric.needsProjection() && model.quantizesDynamically())
        || (between && site.source() == Source.CROSS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-ts", "llama-dynamo-attention-op"})
  void means_areThoseOfTheModelBeforeItsExport(String name) throws IOException {
    Model model = model("/attention/" + name + ".onnx");
    JsonNode reference = new ObjectMapper().readTree(bytes("/attention/" + name + ".json"));
    Batch batch = batch(model, reference);
    List<AttentionSite> sites = model.attention().found();
    Map<AttentionSite, Map<HeadMetric, Reading>> readings;
    try (MeasuredSession session = MeasuredSession.open(model, sites, HeadMetric.STANDARD, batch)) {
      readings = session.run(batch);
    }

    for (AttentionSite site : sites) {
      JsonNode attention = reference.get("attention").get(site.layer());
      for (HeadMetric metric : HeadMetric.values()) {
        String key = metric.id().replace('-', '_');
        JsonNode heads = attention.get("heads");
        if (!heads.get(0).has(key) || heads.get(0).get(key).isNull()) {
          continue;
        }
        Reading reading = Objects.requireNonNull(readings.get(site)).get(metric);
        if (!(reading instanceof Reading.Values values)) {
          assertThat(site.source()).isEqualTo(Source.CROSS);
          continue;
        }
        int stream = streamOf(values.tensor().shape().dim(2), batch);
        for (int head = 0; head < heads.size(); head++) {
          assertThat(mean(values.tensor(), batch, stream, head))
              .as("%s of head %d of %s", metric, head, site.node())
              .isCloseTo(heads.get(head).get(key).asDouble(), within(3e-5));
        }
      }
    }
  }

  /** What follows the last attention is not run, and no number may show it. */
  @Test
  void metricsWithoutTheModelsOutputs_areTheSameToTheBit() throws IOException {
    Model model = model("/tiny-gpt.onnx");
    Batch batch = batch(model, Padding.LEFT);
    List<AttentionSite> sites = model.attention().found();
    String output = model.outputs().getFirst().name();
    try (MeasuredSession part =
            MeasuredSession.open(model, sites, EnumSet.allOf(HeadMetric.class), batch);
        MeasuredSession whole =
            MeasuredSession.open(
                model, sites, EnumSet.allOf(HeadMetric.class), List.of(batch), List.of(output))) {
      var expected = whole.measure(batch);
      var readings = part.run(batch);
      assertThat(expected.outputs()).containsOnlyKeys(output);
      for (AttentionSite site : sites) {
        for (HeadMetric metric : HeadMetric.values()) {
          assertThat(values(readings, site, metric).data())
              .as("%s of layer %d", metric, site.layer())
              .containsExactly(values(expected.readings(), site, metric).data());
        }
      }
    }
  }

  /** One logarithm at a time costs 5 ns, four times as much as a second Softmax. */
  @Test
  void entropyAfterACastToTheSameType_takesNoLogarithmOfProbabilities() throws IOException {
    Model model = model("/tiny-gpt.onnx");
    MetricPlan plan =
        MetricPlan.of(
            model,
            model.attention().found(),
            Set.of(HeadMetric.ENTROPY),
            List.of(batch(model, Padding.RIGHT)));
    assertThat(plan.graph().getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .contains("Cast", "LogSoftmax")
        .doesNotContain("Log");
  }

  @Test
  void outputsOfTheModel_comeAlong_andSharesSumToOne() throws IOException {
    Model model = model("/tiny-gpt.onnx");
    Batch batch = batch(model, Padding.RIGHT);
    List<AttentionSite> sites = model.attention().found();
    String output = model.outputs().getFirst().name();

    try (ModelSession plain = model.session();
        MeasuredSession session =
            MeasuredSession.open(
                model, sites, Set.of(HeadMetric.SIGNED_SHARE), List.of(batch), List.of(output))) {
      MeasuredSession.Measured measured = session.measure(batch);
      float[] expected =
          Objects.requireNonNull(plain.run(batch.feed(), List.of(output)).get(output)).data();
      assertThat(Objects.requireNonNull(measured.outputs().get(output)).data())
          .containsExactly(expected, within(2e-4f));
      FloatTensor shares = values(measured.readings(), sites.getLast(), HeadMetric.SIGNED_SHARE);
      assertThat(shares.shape()).isEqualTo(Shape.of(3, 4, 9));
      double sum = 0;
      for (int head = 0; head < 4; head++) {
        sum += shares.data()[shares.offset(0, head, 5)];
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
      assertThat(session.projections())
          .hasSize(4)
          .allMatch(ProjectionCheck::isAccepted)
          .allMatch(check -> check.relativeError() < 1e-5);
    }
  }

  @Test
  void attentionOnPadding_isSeen_whereTheMaskIsTakenAway() throws IOException {
    Model gpt = model("/tiny-gpt.onnx");
    compareAll(gpt, batch(gpt, Padding.LEFT).withMaskOfOnes(0));
    Model model = model("/all-minilm-l6-v2-q.onnx");
    Batch batch = batch(model, Padding.RIGHT);
    AttentionSite site = model.attention().found().getFirst();

    try (MeasuredSession session =
        MeasuredSession.open(model, List.of(site), Set.of(HeadMetric.PADDING), batch)) {
      int at = 2 * 12 * 9 + 1; // the shortest text, its second token
      float[] masked = values(session.run(batch), site, HeadMetric.PADDING).data();
      float[] unmasked =
          values(session.run(batch.withMaskOfOnes(0)), site, HeadMetric.PADDING).data();
      assertThat(masked[at]).isZero();
      assertThat(unmasked[at]).isBetween(0.05f, 1f);
    }
  }

  @Test
  void specialTokens_areThoseOfTheTextAlone() throws IOException {
    Batch batch = batch(model("/tiny-gpt.onnx"), Padding.LEFT);
    RandomTokens.Draw draw =
        new RandomTokens.Draw() {
          @Override
          public long id() {
            return 7;
          }

          @Override
          public float value() {
            return 0;
          }
        };

    assertThat(positions(batch, 0, 1, batch::isSpecial)) // 3 of padding, 6 of text
        .containsExactly(false, false, false, false, true, false, false, false, true);
    Batch drawn = batch.withDrawn(0, (row, position) -> position == 4, draw);
    assertThat(positions(drawn, 0, 1, drawn::isSpecial))
        .containsExactly(false, false, false, false, false, false, false, false, true);
  }

  @Test
  void quantisedProjection_saysHowFarItIsOff() throws IOException {
    Model model = model("/all-minilm-l6-v2-q.onnx");
    List<AttentionSite> sites = model.attention().found();
    assertThat(sites).allMatch(site -> site.projection() != null);

    try (MeasuredSession session =
        MeasuredSession.open(
            model, sites, Set.of(HeadMetric.CONTRIBUTION_NORM), batch(model, Padding.RIGHT))) {
      assertThat(session.projections())
          .hasSize(6)
          .noneMatch(ProjectionCheck::isAccepted)
          .allMatch(check -> check.relativeError() > 1e-3 && check.relativeError() < 0.1);
      Reading reading =
          Objects.requireNonNull(session.run(batch(model, Padding.RIGHT)).get(sites.getFirst()))
              .get(HeadMetric.CONTRIBUTION_NORM);
      assertThat(reading)
          .isInstanceOfSatisfying(
              Reading.NoData.class,
              none ->
                  assertThat(none.reason()).contains("not identified", "within 1e-04, relative"));
    }
  }

  /** Heads laid side by side without turning their axes first: the rows are no head's own. */
  @Test
  void headsThatAreMixedUp_areNotRebuilt() throws IOException {
    Model right = model("/tiny-gpt.onnx");
    AttentionSite site = right.attention().found().getFirst();
    String context =
        Objects.requireNonNull(ParsedModel.of(right).tapPoint(site).context(), "laid out").tensor();
    ModelProto.Builder altered = ModelProto.parseFrom(bytes("/tiny-gpt.onnx")).toBuilder();
    for (NodeProto.Builder node : altered.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOpType().equals("Transpose") && node.getInput(0).equals(context)) {
        node.setOpType("Reshape").clearAttribute().addInput("mixed");
      }
    }
    GraphBuilder shape = GraphBuilder.addition("");
    shape.longs("mixed", -1, 9, 4, 32);
    altered.getGraphBuilder().mergeFrom(shape.graph());
    Model wrong = Model.parse(altered.build().toByteArray(), "wrong");

    try (MeasuredSession session =
        MeasuredSession.open(
            wrong,
            wrong.attention().found(),
            Set.of(HeadMetric.CONTRIBUTION_NORM),
            batch(wrong, Padding.RIGHT))) {
      assertThat(session.projections())
          .extracting(ProjectionCheck::isAccepted)
          .containsExactly(false, true, true, true);
    }
  }

  /** The exporter repeats keys and values for the heads that share them; the operator need not. */
  @Test
  void headsThatShareKeysAndValues_areMeasuredAlike() throws IOException {
    Model repeated = model("/attention/llama-dynamo-attention-op.onnx");
    ModelProto.Builder altered =
        ModelProto.parseFrom(bytes("/attention/llama-dynamo-attention-op.onnx")).toBuilder();
    for (NodeProto.Builder node : altered.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOpType().equals("Attention")) {
        node.setInput(1, beforeRepeating(repeated, node.getInput(1)));
        node.setInput(2, beforeRepeating(repeated, node.getInput(2)));
      }
    }
    Model shared = Model.parse(altered.build().toByteArray(), "shared");
    Batch batch = batch(shared, Padding.LEFT);
    AttentionSite site = shared.attention().found().getFirst();
    try (ModelSession session = shared.tappedSession(List.of(site), Set.of(Tap.VALUES))) {
      assertThat(session.run(batch.feed(), List.of(site.output(Tap.VALUES))).values())
          .extracting(FloatTensor::shape)
          .containsExactly(Shape.of(3, 2, 9, 8));
    }

    compareAll(shared, batch);
  }

  private static String beforeRepeating(Model model, String tensor) {
    String before = tensor;
    for (String operator : List.of("Reshape", "Expand", "Unsqueeze")) {
      NodeProto node =
          Objects.requireNonNull(ParsedModel.of(model).graph().producer(before), before);
      assertThat(node.getOpType()).isEqualTo(operator);
      before = node.getInput(0);
    }
    return before;
  }

  @Test
  void queriesAndHeads_areThoseOfTheTrial() throws IOException {
    Model gpt = model("/tiny-gpt.onnx");
    List<AttentionSite> sites = gpt.attention().found();
    try (MeasuredSession session =
        MeasuredSession.open(gpt, sites, Set.of(HeadMetric.ENTROPY), batch(gpt, Padding.LEFT))) {
      assertThat(sites).allMatch(site -> session.queryStreams(site).equals(List.of(0)));
      assertThat(sites).allMatch(site -> session.heads(site).equals(OptionalInt.of(4)));
    }
    Model t5 = model("/attention/t5-ts.onnx");
    try (MeasuredSession session =
        MeasuredSession.open(
            t5, t5.attention().found(), Set.of(HeadMetric.OUTPUT_NORM), batch(t5, Padding.RIGHT))) {
      assertThat(t5.attention().found())
          .extracting(session::queryStreams) // 2 + 2 x (self, cross)
          .containsExactly(List.of(0), List.of(0), List.of(1), List.of(1), List.of(1), List.of(1));
      assertThat(t5.attention().found())
          .allMatch(site -> session.heads(site).equals(OptionalInt.of(4)));
    }
  }

  /** As in a robot's policy: queries and keys are the tokens of one stream and then of the next. */
  @Test
  void queriesOfSeveralStreams_areAllOfThem() throws IOException {
    Model t5 = model("/attention/t5-ts.onnx");
    Batch batch = batch(t5, Padding.RIGHT); // 9 and 11 positions

    assertThat(TokenAxis.readings(batch.joint(), 20, Past.NONE))
        .extracting(TokenAxis::streams)
        .containsExactly(List.of(0, 1));
    assertThat(TokenAxis.readings(batch.joint(), 12, Past.NONE)).isEmpty();
  }

  @Test
  void nothingAskedFor_isRefused() throws IOException {
    Model model = model("/tiny-gpt.onnx");

    assertThatThrownBy(() ->
            MeasuredSession.open(
                model, model.attention().found(), Set.of(), batch(model, Padding.RIGHT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("4 attentions and 0 metrics; expected at least one of each");
  }

  private static FloatTensor values(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings,
      AttentionSite site,
      HeadMetric metric) {
    Reading reading = Objects.requireNonNull(readings.get(site)).get(metric);
    assertThat(reading).isInstanceOf(Reading.Values.class);
    return ((Reading.Values) Objects.requireNonNull(reading)).tensor();
  }

  private static double mean(FloatTensor values, Batch batch, int stream, int head) {
    double sum = 0;
    int count = 0;
    for (int row = 0; row < batch.rows(); row++) {
      for (int position = 0; position < batch.width(stream); position++) {
        if (batch.isReal(stream, row, position)) {
          sum += values.data()[values.offset(row, head, position)];
          count++;
        }
      }
    }
    return sum / count;
  }

  private static int streamOf(int length, Batch batch) {
    return batch.width(0) == length ? 0 : 1;
  }

  /** Of a position of a stream. */
  private interface Flag {
    boolean of(int stream, int row, int position);
  }

  private static boolean[] positions(Batch batch, int stream, int row, Flag flag) {
    boolean[] positions = new boolean[batch.width(stream)];
    for (int position = 0; position < positions.length; position++) {
      positions[position] = flag.of(stream, row, position);
    }
    return positions;
  }

  /**
   * Three texts of random ids, the second and last of them special; a second stream is two tokens
   * longer.
   */
  private static Batch batch(Model model, Padding side) {
    Random random = new Random(11);
    List<Sample> samples = new ArrayList<>();
    for (int length : new int[] {9, 6, 3}) {
      List<Tokens> streams = new ArrayList<>();
      for (int s = 0; s < model.roles().streams().size(); s++) {
        long[] ids = random.longs(length + 2L * s, 2, 60).toArray();
        Set<Long> special = Set.copyOf(List.of(ids[1], ids[ids.length - 1]));
        streams.add(TokenizedText.ofIds(ids).withSpecial(special));
      }
      samples.add(new Sample(samples.size() + 1, "text", streams));
    }
    Batch batch = Batch.of(model.roles(), samples, 0);
    for (int s = 0; s < model.roles().streams().size(); s++) {
      batch = batch.withPadding(s, side, batch.width(s));
    }
    return batch;
  }

  /** The texts that the reference was computed on. */
  private static Batch batch(Model model, JsonNode reference) {
    List<Sample> samples = new ArrayList<>();
    for (int row = 0; row < reference.get("lens").size(); row++) {
      List<Tokens> streams = new ArrayList<>();
      for (TokenStream stream : model.roles().streams()) {
        String lengths = stream.name().startsWith("decoder") ? "decoder_lens" : "lens";
        long[] ids = new long[reference.get(lengths).get(row).asInt()];
        for (int t = 0; t < ids.length; t++) {
          ids[t] = reference.get("feed").get(stream.name()).get(row).get(t).asLong();
        }
        streams.add(TokenizedText.ofIds(ids));
      }
      samples.add(new Sample(row + 1L, "text", streams));
    }
    return Batch.of(model.roles(), samples, 0);
  }

  private static Model model(String resource) throws IOException {
    return Model.parse(bytes(resource), resource);
  }

  private static byte[] bytes(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(MeasuredSessionTest.class.getResourceAsStream(resource))) {
      return in.readAllBytes();
    }
  }
}
