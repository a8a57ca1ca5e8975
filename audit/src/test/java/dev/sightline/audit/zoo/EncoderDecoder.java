package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT64;
import static java.util.Objects.requireNonNull;

/**
 * An encoder over {@code input_ids}, and a causal decoder over {@code decoder_input_ids} whose
 * every layer looks at the encoder. Tokens know their place by a bias of their distance.
 */
final class EncoderDecoder {
  /** Of the encoder, and again of the decoder. */
  static final int LAYERS = 2;

  private EncoderDecoder() {}

  static byte[] build(Bug bug) {
    ZooGraph g = new ZooGraph(FLOAT32);
    String ids = g.input("input_ids", INT64, "batch", "encoder_sequence");
    String mask = g.input("attention_mask", INT64, "batch", "encoder_sequence");
    String decoderIds = g.input("decoder_input_ids", INT64, "batch", "decoder_sequence");
    Masks masks = new Masks(g, Architecture.ENCODER_DECODER, bug, mask);

    String positions = g.range(g.size(ids, 1));
    String distances = Masks.byDistance(g, "encoder", positions, positions);
    String read = g.node("Gather", TokenModel.embeddings(g), ids);
    for (int layer = 0; layer < LAYERS; layer++) {
      if (bug == Bug.LEAK_OUTSIDE && bug.in(layer)) {
        read = g.node("Add", read, g.node("ReduceMean", read, g.longs(1)));
      }
      String padding = masks.padding(layer);
      String bias = padding == null ? distances : g.node("Add", distances, padding);
      read = Products.layer(g, "encoder" + layer, read, read, bias);
    }

    String steps = g.range(g.size(decoderIds, 1));
    String stepDistances = Masks.byDistance(g, "decoder", steps, steps);
    String x = g.node("Gather", TokenModel.embeddings(g), decoderIds);
    for (int layer = 0; layer < LAYERS; layer++) {
      String causal = masks.causal(layer, steps, steps, null);
      String bias = causal == null ? stepDistances : g.node("Add", stepDistances, causal);
      x = Products.layer(g, "decoder" + layer, x, x, requireNonNull(bias));
      x = Products.layer(g, "cross" + layer, x, read, masks.cross(layer));
    }
    String words = g.weight("words", Products.WIDTH, TokenModel.VOCABULARY);
    String logits = g.node("MatMul", x, words);
    g.output("logits", logits, FLOAT32, "batch", "decoder_sequence", "64");
    return g.model(18);
  }
}
