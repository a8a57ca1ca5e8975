package dev.sightline.audit.result;

import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The attention of every head over one text that is padded a little, to be looked at: rows are
 * queries, columns are keys.
 */
public final class AttentionPicture {
  private final String text;
  private final List<String> tokens;
  private final boolean[] padding;
  private final boolean causal;
  private final List<Layer> layers;

  /**
   * Copies the lists and the marks.
   *
   * @param text the text
   * @param tokens the tokens' spellings, padding included
   * @param padding which of the tokens are padding
   * @param causal whether a token must not see those after it
   * @param layers the attentions, in order of execution
   */
  public AttentionPicture(
      String text, List<String> tokens, boolean[] padding, boolean causal, List<Layer> layers) {
    this.text = text;
    this.tokens = List.copyOf(tokens);
    this.padding = padding.clone();
    this.causal = causal;
    this.layers = List.copyOf(layers);
  }

  /**
   * {@return a picture of probabilities that were read elsewhere}
   *
   * @param text the text
   * @param tokens the tokens' spellings, padding included
   * @param padding which of the tokens are padding
   * @param causal whether a token must not see those after it
   * @param layers {@code [1, H, L, L]} each, with L the number of tokens, numbered from 0
   */
  public static AttentionPicture of(
      String text,
      List<String> tokens,
      boolean[] padding,
      boolean causal,
      List<FloatTensor> layers) {
    List<Layer> numbered = new ArrayList<>();
    for (FloatTensor layer : layers) {
      numbered.add(new Layer(numbered.size(), layer));
    }
    return new AttentionPicture(text, tokens, padding, causal, numbered);
  }

  /** The heads of one attention, as {@code [H][Lq * Lk]} in row-major order. */
  public static final class Layer {
    private final int layer;
    private final int length;
    private final List<float[]> heads;

    /**
     * From probabilities {@code [1, H, L, L]}.
     *
     * @param layer in order of execution, from 0
     * @param probabilities {@code [1, H, L, L]}
     */
    public Layer(int layer, FloatTensor probabilities) {
      this.layer = layer;
      this.length = probabilities.shape().dim(2);
      this.heads = new ArrayList<>();
      int cells = length * length;
      for (int h = 0; h < probabilities.shape().dim(1); h++) {
        float[] head = new float[cells];
        System.arraycopy(probabilities.data(), h * cells, head, 0, cells);
        heads.add(head);
      }
    }

    /** {@return the number of the attention in order of execution, from 0} */
    public int layer() {
      return layer;
    }

    /** {@return how many heads the attention has} */
    public int heads() {
      return heads.size();
    }

    /**
     * {@return the share of attention that a query gives to a key, 0..1}
     *
     * @param head the head, from 0
     * @param query query, from 0
     * @param key key, from 0
     */
    public float probability(int head, int query, int key) {
      return heads.get(head)[query * length + key];
    }
  }

  /** {@return the text} */
  public String text() {
    return text;
  }

  /** {@return the tokens' spellings, padding included} */
  public List<String> tokens() {
    return tokens;
  }

  /**
   * {@return whether a token is padding}
   *
   * @param token the token, from 0
   */
  public boolean isPadding(int token) {
    return padding[token];
  }

  /** {@return whether a token must not see those after it} */
  public boolean isCausal() {
    return causal;
  }

  /**
   * {@return whether a real token must not look at this key: padding, or the future of a causal
   * model}
   *
   * @param query query, from 0
   * @param key key, from 0
   */
  public boolean isForbidden(int query, int key) {
    return !padding[query] && (padding[key] || (causal && key > query));
  }

  /** {@return the attentions whose probabilities could be read, in order of execution} */
  public List<Layer> layers() {
    return layers;
  }
}
