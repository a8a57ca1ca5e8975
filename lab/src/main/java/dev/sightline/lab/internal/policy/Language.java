package dev.sightline.lab.internal.policy;

import dev.sightline.onnx.inventory.ModelException;
import java.util.List;

/** A frozen language encoder. */
public interface Language extends AutoCloseable {
  /** {@return the width of a hidden state} */
  int width();

  /**
   * {@return a text's hidden states, in the order of the texts}
   *
   * @param texts instructions
   * @param tokens to which each text is padded on the right
   */
  List<Encoded> encode(List<String> texts, int tokens) throws ModelException;

  @Override
  default void close() {}

  /**
   * The hidden states of one text and of its padding.
   *
   * @param states {@code [tokens, width]}, as the encoder gives them at padding too
   * @param real how many tokens are the text's
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Encoded(float[] states, int real) {}
}
