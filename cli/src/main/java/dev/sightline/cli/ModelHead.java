package dev.sightline.cli;

import dev.sightline.attention.Walkthrough;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads queries, keys, values and probabilities of one head while a model runs over a text. */
final class ModelHead {
  private static final Set<Tap> NEEDED =
      EnumSet.of(Tap.PROBABILITIES, Tap.VALUES, Tap.QUERIES, Tap.KEYS);

  /** What 8 bits of a quantised model may change a score by, and more. */
  private static final double LARGEST_ERROR = 0.05;

  /** Below it a probability may be a masked pair, whose score says nothing. */
  private static final double LEAST_PROBABILITY = 1e-4;

  private ModelHead() {}

  /** The tokens of a text, padding included, and the vectors of a head. */
  record Read(List<String> tokens, Walkthrough.Head head) {}

  /**
   * Reads a head.
   *
   * @param words the text; tokens of padding at its end are the model's own
   * @throws IllegalArgumentException if there is no such layer or head, or its scores are more than
   *     queries times keys
   */
  static Read read(LoadedModel loaded, List<String> words, long padId, int layer, int head)
      throws ModelException {
    Model model = loaded.model();
    AttentionSite site = site(model, layer);
    List<String> text = words.stream().filter(word -> !word.equals(Walkthrough.PAD)).toList();
    int padding = words.size() - text.size();
    if (!words.subList(0, text.size()).equals(text)) {
      throw new IllegalArgumentException(
          "with a model, padding is at the end of the text; give it with --pad N");
    }
    SampleEncoder encoder = SampleEncoder.of(model, loaded.requireTokenizer());
    TokenizedText encoded = encoder.encode(String.join(" ", text));
    Sample sample = encoder.sample(1, "the text", encoded);
    Batch batch = new SampleBatches(model, List.of(sample), padId).part(0).batch();
    if (padding > 0) {
      batch = batch.withPadding(0, Padding.RIGHT, encoded.length() + padding);
    }
    List<String> tokens = new ArrayList<>(encoded.tokens());
    for (int i = 0; i < batch.width(0) - encoded.length(); i++) {
      tokens.add(Walkthrough.PAD);
    }
    List<String> outputs = NEEDED.stream().map(site::output).toList();
    Map<String, FloatTensor> run;
    try (ModelSession session = model.tappedSession(List.of(site), NEEDED)) {
      run = session.run(batch.feed(), outputs);
    }
    FloatTensor probabilities = matrix(run, site, Tap.PROBABILITIES, head);
    if (!probabilities.shape().equals(Shape.of(tokens.size(), tokens.size()))) {
      throw new IllegalArgumentException(
          "layer "
              + layer
              + " of "
              + model
              + " is no self-attention of the text's "
              + tokens.size()
              + " tokens: its probabilities are "
              + probabilities.shape());
    }
    FloatTensor queries = matrix(run, site, Tap.QUERIES, head);
    FloatTensor keys = matrix(run, site, Tap.KEYS, head);
    return new Read(
        tokens,
        new Walkthrough.Head(
            model.name() + ", layer " + layer + ", head " + head,
            queries,
            keys,
            matrix(run, site, Tap.VALUES, head),
            scale(queries, keys, probabilities, layer, model),
            probabilities));
  }

  private static AttentionSite site(Model model, int layer) {
    List<AttentionSite> sites = model.attention().found();
    if (layer < 0 || layer >= sites.size()) {
      throw new IllegalArgumentException(
          model
              + (sites.isEmpty()
                  ? " has no attention that is found"
                  : " has layers 0 to " + (sites.size() - 1) + ", but --layer is " + layer));
    }
    AttentionSite site = sites.get(layer);
    if (!site.taps().containsAll(NEEDED)) {
      throw new IllegalArgumentException(
          "the queries, keys and values of layer %d of %s cannot be read%s; 'sightline audit --out DIR' draws the weights of its heads"
              .formatted(
                  layer,
                  model,
                  site.whyNotReadable().isEmpty()
                      ? " (" + site.operator() + " at " + site.node() + ")"
                      : ": " + site.whyNotReadable()));
    }
    return site;
  }

  /** One head of {@code [B, H, ...]}; of fewer heads of keys and values, the one that it shares. */
  private static FloatTensor matrix(
      Map<String, FloatTensor> run, AttentionSite site, Tap tap, int head) {
    FloatTensor all = Objects.requireNonNull(run.get(site.output(tap)), "asked for");
    int queryHeads =
        Objects.requireNonNull(run.get(site.output(Tap.PROBABILITIES)), "asked for").shape().dim(1);
    if (head < 0 || head >= queryHeads) {
      throw new IllegalArgumentException(
          "layer "
              + site.layer()
              + " has heads 0 to "
              + (queryHeads - 1)
              + ", but --head is "
              + head);
    }
    int own = head / (queryHeads / all.shape().dim(1));
    int from = all.offset(0, own);
    int rows = all.shape().dim(2);
    int columns = all.shape().dim(3);
    return FloatTensor.of(
        Shape.of(rows, columns), Arrays.copyOfRange(all.data(), from, from + rows * columns));
  }

  /**
   * The factor between queries x keys and the logarithms of the probabilities, whose differences
   * within a row are those of the scores: least squares over the pairs that are not masked.
   */
  private static float scale(
      FloatTensor queries, FloatTensor keys, FloatTensor probabilities, int layer, Model model) {
    int tokens = probabilities.shape().dim(0);
    int size = queries.shape().dim(1);
    double usual = 1 / Math.sqrt(size);
    double above = 0;
    double below = 0;
    double[][] products = new double[tokens][tokens];
    int[] largest = new int[tokens];
    for (int q = 0; q < tokens; q++) {
      for (int k = 0; k < tokens; k++) {
        for (int d = 0; d < size; d++) {
          products[q][k] += (double) queries.data()[q * size + d] * keys.data()[k * size + d];
        }
        if (at(probabilities, q, k) > at(probabilities, q, largest[q])) {
          largest[q] = k;
        }
      }
      for (int k = 0; k < tokens; k++) {
        if (at(probabilities, q, k) > LEAST_PROBABILITY) {
          double product = products[q][k] - products[q][largest[q]];
          above += product * difference(probabilities, q, k, largest[q]);
          below += product * product;
        }
      }
    }
    double fitted = below > 0 ? above / below : usual;
    double scale = Math.abs(fitted / usual - 1) < 0.01 ? usual : fitted;
    double error = 0;
    for (int q = 0; q < tokens; q++) {
      for (int k = 0; k < tokens; k++) {
        if (at(probabilities, q, k) > LEAST_PROBABILITY) {
          double product = products[q][k] - products[q][largest[q]];
          error =
              Math.max(
                  error, Math.abs(scale * product - difference(probabilities, q, k, largest[q])));
        }
      }
    }
    if (!(error < LARGEST_ERROR)) {
      throw new IllegalArgumentException(
          "the scores of layer "
              + layer
              + " of "
              + model
              + " are more than queries x keys (a position bias or a softcap, perhaps), which a"
              + " walkthrough does not show; 'sightline audit --out DIR' draws the weights of its"
              + " heads");
    }
    return (float) scale;
  }

  private static double difference(FloatTensor probabilities, int query, int key, int other) {
    return Math.log(at(probabilities, query, key)) - Math.log(at(probabilities, query, other));
  }

  private static float at(FloatTensor matrix, int row, int column) {
    return matrix.data()[matrix.offset(row, column)];
  }
}
