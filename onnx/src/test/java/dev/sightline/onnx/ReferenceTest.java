package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Small exported models, with numbers of each head that PyTorch's eager attention gave for the
 * model before it was exported; see {@code attention/*.json}.
 */
class ReferenceTest {
  /** The torch numbers have six digits, and the two runtimes round differently. */
  private static final double TOLERANCE = 2e-5;

  @ParameterizedTest
  @ValueSource(strings = {"t5-ts", "llama-dynamo-attention-op", "bert-legacy-ts.ort-offline"})
  void taps_areWhatTheModelWasBeforeItsExport(String name) throws IOException {
    Model model = model(name);
    JsonNode reference = reference(name);
    List<AttentionSite> sites = model.attention().found();
    Map<String, RawTensor> feed = new HashMap<>();
    reference.get("feed").properties().forEach(e -> feed.put(e.getKey(), matrix(e.getValue())));
    assertThat(sites).hasSameSizeAs(reference.get("attention"));

    List<String> outputs = new ArrayList<>();
    for (AttentionSite site : sites) {
      assertThat(site.taps()).containsExactlyInAnyOrder(Tap.values());
      site.taps().forEach(tap -> outputs.add(site.output(tap)));
      feed.put(site.paddingInput(), padding(keyLengths(reference, site), shape(reference, site)));
    }
    Map<String, FloatTensor> run;
    try (ModelSession session = model.tappedSession(sites, Set.of(Tap.values()))) {
      run = session.run(feed, outputs);
    }

    for (AttentionSite site : sites) {
      JsonNode expected = reference.get("attention").get(site.layer());
      int[] shape = shape(reference, site);
      FloatTensor probabilities = tensor(run, site.output(Tap.PROBABILITIES));
      FloatTensor mass = tensor(run, site.output(Tap.PADDING_MASS));
      FloatTensor context = tensor(run, site.output(Tap.CONTEXT));
      assertThat(probabilities.shape()).isEqualTo(Shape.of(shape));
      assertThat(mass.shape()).isEqualTo(Shape.of(shape[0], shape[1], shape[2]));
      assertThat(context.shape()).isEqualTo(Shape.of(shape[0], shape[1], shape[2], 8));
      assertThat(tensor(run, site.output(Tap.HIDDEN)).shape())
          .isEqualTo(Shape.of(shape[0], shape[2], 32));
      assertThat(site.source() == Source.CROSS)
          .isEqualTo(expected.get("type").asString().equals("cross"));
      for (int head = 0; head < shape[1]; head++) {
        JsonNode numbers = expected.get("heads").get(head);
        compare(
            site.node() + " head " + head,
            numbers,
            probabilities,
            mass,
            head,
            queryLengths(reference, site));
      }
    }
  }

  private static void compare(
      String what,
      JsonNode expected,
      FloatTensor probabilities,
      FloatTensor mass,
      int head,
      int[] queries) {
    double entropy = 0;
    double largest = 0;
    double first = 0;
    double onPadding = 0;
    int rows = 0;
    int keys = probabilities.shape().dim(3);
    for (int b = 0; b < queries.length; b++) {
      for (int q = 0; q < queries[b]; q++) {
        double most = 0;
        for (int k = 0; k < keys; k++) {
          double p = probabilities.data()[probabilities.offset(b, head, q, k)];
          entropy -= p > 0 ? p * Math.log(p) : 0;
          most = Math.max(most, p);
        }
        largest += most;
        first += probabilities.data()[probabilities.offset(b, head, q, 0)];
        onPadding = Math.max(onPadding, mass.data()[mass.offset(b, head, q)]);
        rows++;
      }
    }
    assertThat(entropy / rows)
        .as(what)
        .isCloseTo(expected.get("entropy").asDouble(), within(TOLERANCE));
    assertThat(largest / rows)
        .as(what)
        .isCloseTo(expected.get("max_prob").asDouble(), within(TOLERANCE));
    assertThat(first / rows)
        .as(what)
        .isCloseTo(expected.get("first_token").asDouble(), within(TOLERANCE));
    assertThat(onPadding)
        .as(what)
        .isCloseTo(expected.get("pad_mass").asDouble(), within(TOLERANCE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-ts", "llama-dynamo-attention-op", "bert-legacy-ts.ort-offline"})
  void looking_doesNotChangeWhatTheModelSays(String name) throws IOException {
    Model model = model(name);
    Map<String, RawTensor> feed = new HashMap<>();
    reference(name)
        .get("feed")
        .properties()
        .forEach(e -> feed.put(e.getKey(), matrix(e.getValue())));
    String output = model.outputs().getFirst().name();

    float[] plain;
    try (ModelSession session = model.session()) {
      plain = tensor(session.run(feed, List.of(output)), output).data();
    }
    try (ModelSession session =
        model.tappedSession(
            model.attention().found(), Set.of(Tap.PROBABILITIES, Tap.CONTEXT, Tap.HIDDEN))) {
      assertThat(tensor(session.run(feed, List.of(output)), output).data())
          .containsExactly(plain, within(1e-5f));
    }
  }

  @Test
  void masksOfTwoStreams_areToldApart() throws IOException {
    assertThat(model("t5-ts").attention().found())
        .extracting(site -> site.masks().getFirst().route(), site -> site.masks().getLast().route())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(MaskRoute.VALUE, MaskRoute.NONE),
            org.assertj.core.groups.Tuple.tuple(MaskRoute.VALUE, MaskRoute.NONE),
            org.assertj.core.groups.Tuple.tuple(MaskRoute.NONE, MaskRoute.VALUE),
            org.assertj.core.groups.Tuple.tuple(MaskRoute.VALUE, MaskRoute.SHAPE_ONLY),
            org.assertj.core.groups.Tuple.tuple(MaskRoute.NONE, MaskRoute.VALUE),
            org.assertj.core.groups.Tuple.tuple(MaskRoute.VALUE, MaskRoute.SHAPE_ONLY));
  }

  private static FloatTensor tensor(Map<String, FloatTensor> run, String name) {
    return Objects.requireNonNull(run.get(name), name);
  }

  private static int[] shape(JsonNode reference, AttentionSite site) {
    return ints(reference.get("attention").get(site.layer()).get("shape"));
  }

  private static int[] queryLengths(JsonNode reference, AttentionSite site) {
    boolean decoder =
        !reference.get("attention").get(site.layer()).get("type").asString().equals("self");
    return ints(reference.get(decoder && reference.has("decoder_lens") ? "decoder_lens" : "lens"));
  }

  private static int[] keyLengths(JsonNode reference, AttentionSite site) {
    boolean decoder =
        reference.get("attention").get(site.layer()).get("type").asString().equals("decoder-self");
    return ints(reference.get(decoder && reference.has("decoder_lens") ? "decoder_lens" : "lens"));
  }

  private static RawTensor padding(int[] lengths, int[] shape) {
    float[] padding = new float[shape[0] * shape[3]];
    for (int i = 0; i < padding.length; i++) {
      padding[i] = i % shape[3] < lengths[i / shape[3]] ? 0 : 1;
    }
    return RawTensor.of(ElementType.FLOAT32, Shape.of(shape[0], shape[3]), TensorBytes.of(padding));
  }

  private static RawTensor matrix(JsonNode rows) {
    int width = rows.get(0).size();
    long[] values = new long[rows.size() * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.get(i / width).get(i % width).asLong();
    }
    return RawTensor.of(ElementType.INT64, Shape.of(rows.size(), width), TensorBytes.of(values));
  }

  private static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.get(i).asInt();
    }
    return ints;
  }

  private static Model model(String name) throws IOException {
    return Model.parse(resource(name + ".onnx"), name);
  }

  private static JsonNode reference(String name) throws IOException {
    return new ObjectMapper().readTree(resource(name + ".json"));
  }

  private static byte[] resource(String file) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ReferenceTest.class.getResourceAsStream("/attention/" + file))) {
      return in.readAllBytes();
    }
  }
}
