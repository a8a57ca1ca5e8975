package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention of one head over a few tokens, with every number in between: for people who want
 * to see what a mask does. All numbers come from the kernels of this module.
 *
 * <pre>{@code
 * Walkthrough walkthrough = Walkthrough.of(Walkthrough.words("The cat sat"), Mask.causal());
 * walkthrough.under(0).weights(); // softmax without a mask, [L, L]
 * }</pre>
 *
 * @param tokens the L tokens
 * @param head their queries, keys and values
 * @param products queries x keys, {@code [L, L]}
 * @param scores the products times the scale, {@code [L, L]}
 * @param masks the rest of the way under each mask: none, causal, padding where a token is {@value
 *     #PAD}, and the caller's own
 * @param wrong a causal mask as it is often misprinted: each token sees two tokens of the future
 * @param fills what large negative numbers do in the place of "never"
 */
public record Walkthrough(
    List<String> tokens,
    Head head,
    FloatTensor products,
    FloatTensor scores,
    List<UnderMask> masks,
    UnderMask wrong,
    List<FillTrial> fills) {
  /** A token that is padding. */
  public static final String PAD = "[PAD]";

  /** The most tokens whose numbers are shown. */
  public static final int MOST_TOKENS = 32;

  private static final Mask MISPRINTED = Mask.parse("causal(offset=2)");

  /** Copies the lists. */
  public Walkthrough {
    tokens = List.copyOf(tokens);
    masks = List.copyOf(masks);
    fills = List.copyOf(fills);
  }

  /**
   * The vectors of a head.
   *
   * @param origin what they are, such as "minilm-int8, layer 2, head 3"
   * @param queries {@code [L, D]}
   * @param keys {@code [L, D]}
   * @param values {@code [L, Dv]}
   * @param scale the factor of the products, {@code 1 / sqrt(D)} in most models
   * @param observed the probabilities that the model itself has, {@code [L, L]}; null for an
   *     example
   */
  public record Head(
      String origin,
      FloatTensor queries,
      FloatTensor keys,
      FloatTensor values,
      float scale,
      @Nullable FloatTensor observed) {
    /**
     * Checks the shapes.
     *
     * @throws IllegalArgumentException if they do not fit each other
     */
    public Head {
      int tokens = queries.shape().dim(0);
      if (queries.shape().rank() != 2
          || !keys.shape().equals(queries.shape())
          || values.shape().rank() != 2
          || values.shape().dim(0) != tokens
          || (observed != null && !observed.shape().equals(Shape.of(tokens, tokens)))) {
        throw new IllegalArgumentException(
            "a head has queries and keys [L, D], values [L, Dv] and probabilities [L, L], but"
                + " queries are "
                + queries.shape()
                + ", keys "
                + keys.shape()
                + ", values "
                + values.shape()
                + (observed == null ? "" : ", probabilities " + observed.shape()));
      }
    }

    /** {@return D, the numbers in a query and in a key} */
    public int size() {
      return queries.shape().dim(1);
    }
  }

  /**
   * The way from scores to output under one mask.
   *
   * @param name "none", "causal", "padding", or the mask as the caller wrote it
   * @param mask over the tokens
   * @param masked the scores, minus infinity where the mask forbids the pair, {@code [L, L]}
   * @param weights softmax of the masked scores; 0 where forbidden, {@code [L, L]}
   * @param sums of the weights of each query, {@code [L]}; 1, or 0 where it may attend to nothing
   * @param output the sums of the values, weighted, {@code [L, Dv]}
   */
  public record UnderMask(
      String name,
      BoundMask mask,
      FloatTensor masked,
      FloatTensor weights,
      FloatTensor sums,
      FloatTensor output) {
    /**
     * {@return whether a query may attend to a key}
     *
     * @param query from 0
     * @param key from 0
     */
    public boolean allowed(int query, int key) {
      return mask.allowed(0, 0, query, key);
    }
  }

  /**
   * The weights of the first token where a large negative number is added to forbidden scores.
   *
   * @param name what is added to a forbidden score
   * @param type the type of the scores
   * @param held the number as that type holds it; NaN where nothing is added
   * @param oneKey the weights where the token may attend to itself alone, {@code [L]}
   * @param noKey the weights where it may attend to nothing, {@code [L]}
   */
  public record FillTrial(
      String name, String type, float held, FloatTensor oneKey, FloatTensor noKey) {}

  /**
   * Returns the words of a text, which serve as its tokens.
   *
   * @param text words between blanks; {@value #PAD} is padding
   * @param padding how many tokens of padding are appended
   * @return the tokens
   * @throws IllegalArgumentException if there are none, or more than {@value #MOST_TOKENS}
   */
  public static List<String> words(String text, int padding) {
    if (padding < 0) {
      throw new IllegalArgumentException("padding must be 0 or more tokens, but is " + padding);
    }
    List<String> words = new ArrayList<>();
    Arrays.stream(text.strip().split("\\s+", -1))
        .filter(word -> !word.isEmpty())
        .forEach(words::add);
    for (int i = 0; i < Math.min(padding, MOST_TOKENS + 1); i++) {
      words.add(PAD);
    }
    check(words);
    return words;
  }

  /**
   * Walks through attention over made-up vectors, the same for the same tokens: 4 numbers each, in
   * steps of a half, so that every step can be checked by hand.
   *
   * @param tokens the tokens
   * @param own masks to show after none, causal and padding
   * @return every number of it
   * @throws IllegalArgumentException if there are no tokens, or too many, or a mask does not fit
   *     them
   */
  public static Walkthrough of(List<String> tokens, Mask... own) {
    check(tokens);
    return of(tokens, ExampleVectors.of(tokens), own);
  }

  /**
   * Walks through attention over the vectors of a head.
   *
   * @param tokens the tokens
   * @param head their vectors
   * @param own masks to show after none, causal and padding
   * @return every number of it
   * @throws IllegalArgumentException if there are no tokens, or too many, or a mask or the vectors
   *     do not fit them
   */
  public static Walkthrough of(List<String> tokens, Head head, Mask... own) {
    check(tokens);
    if (head.queries().shape().dim(0) != tokens.size()) {
      throw new IllegalArgumentException(
          "there are " + tokens.size() + " tokens, but queries of shape " + head.queries().shape());
    }
    SingleHeadRun run = new SingleHeadRun(head, tokens.size());
    List<UnderMask> masks = new ArrayList<>();
    named(tokens, own).forEach((name, mask) -> masks.add(run.under(name, mask)));
    return new Walkthrough(
        tokens,
        head,
        run.products(),
        run.scores(),
        masks,
        run.under("causal(offset=2)", MISPRINTED),
        FillTrials.of(run));
  }

  /**
   * {@return the rest of the way under a mask}
   *
   * @param mask an index in {@link #masks}
   */
  public UnderMask under(int mask) {
    return masks.get(mask);
  }

  private static Map<String, Mask> named(List<String> tokens, Mask... own) {
    Map<String, Mask> named = new LinkedHashMap<>();
    named.put("none", Mask.full());
    named.put("causal", Mask.causal());
    boolean[] real = new boolean[tokens.size()];
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < real.length; i++) {
      real[i] = !tokens.get(i).equals(PAD);
      bits.append(real[i] ? '1' : '0');
    }
    if (bits.indexOf("0") >= 0) {
      named.put("padding", Mask.parse("key-padding(bits=" + bits + ")"));
    }
    MaskShape shape = MaskShape.square(tokens.size());
    for (Mask mask : own) {
      Mask bound =
          mask.needsSample() ? mask.forSample(MaskSample.self(tokens.size()).realKeys(real)) : mask;
      boolean known =
          named.values().stream()
              .anyMatch(m -> m.over(shape).equivalentTo(requireOne(bound, shape)));
      if (!known) {
        String name = bound.toString();
        // The mask "none" allows nothing, while the first one shown is no mask.
        named.put(named.containsKey(name) ? "(" + name + ")" : name, bound);
      }
    }
    return named;
  }

  private static BoundMask requireOne(Mask mask, MaskShape shape) {
    if (mask.batchRows() > 1 || mask.heads() > 1) {
      throw new IllegalArgumentException(
          mask
              + " tells batch rows or heads apart; a walkthrough shows one head over one text, so"
              + " give the mask of one");
    }
    return mask.over(shape);
  }

  private static void check(List<String> tokens) {
    if (tokens.isEmpty() || tokens.size() > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a walkthrough shows every number of 1 to "
              + MOST_TOKENS
              + " tokens, but there are "
              + (tokens.isEmpty() ? "none" : tokens.size() + " or more"));
    }
  }
}
