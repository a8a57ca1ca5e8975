package dev.sightline.lab.internal.policy;

import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A BERT-like sentence encoder in an ONNX file, such as the embedded MiniLM. */
public final class SentenceEncoder implements Language {
  private static final String STATES = "last_hidden_state";

  private final LoadedModel loaded;
  private final ModelSession session;
  private final int width;

  /**
   * Opens the encoder.
   *
   * @param loaded with a tokenizer; closed with this
   * @throws ModelException if the model cannot be run
   */
  public SentenceEncoder(LoadedModel loaded) throws ModelException {
    this.loaded = loaded;
    this.session = loaded.model().session();
    this.width = states(List.of(tokens("one", 8)), 8).shape().dim(2);
  }

  private TokenizedText tokens(String text, int longest) {
    return loaded.requireTokenizer().encode(text, longest);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public List<Encoded> encode(List<String> texts, int tokens) throws ModelException {
    List<TokenizedText> rows = texts.stream().map(text -> tokens(text, tokens)).toList();
    float[] states = states(rows, tokens).data();
    List<Encoded> all = new ArrayList<>();
    int size = tokens * width;
    for (int row = 0; row < rows.size(); row++) {
      all.add(
          new Encoded(
              Arrays.copyOfRange(states, row * size, (row + 1) * size), rows.get(row).length()));
    }
    return all;
  }

  private FloatTensor states(List<TokenizedText> rows, int tokens) throws ModelException {
    long[] ids = new long[rows.size() * tokens];
    Arrays.fill(ids, loaded.padId());
    long[] mask = new long[ids.length];
    for (int row = 0; row < rows.size(); row++) {
      TokenizedText text = rows.get(row);
      System.arraycopy(text.ids(), 0, ids, row * tokens, text.length());
      Arrays.fill(mask, row * tokens, row * tokens + text.length(), 1);
    }
    Shape shape = Shape.of(rows.size(), tokens);
    Map<String, FloatTensor> outputs =
        session.run(
            Map.of(
                "input_ids", RawTensor.of(ElementType.INT64, shape, TensorBytes.of(ids)),
                "attention_mask", RawTensor.of(ElementType.INT64, shape, TensorBytes.of(mask)),
                "token_type_ids",
                    RawTensor.of(ElementType.INT64, shape, TensorBytes.of(new long[ids.length]))),
            List.of(STATES));
    return Objects.requireNonNull(outputs.get(STATES));
  }

  @Override
  public void close() {
    session.close();
    loaded.close();
  }
}
