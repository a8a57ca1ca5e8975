package dev.sightline.audit.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model implements exactly the masks that are declared for it, proved twice: from inside,
 * by what every head attends to, and from outside, by what every output depends on. A model can
 * pass the first proof and fail the second, when tokens that a mask hides were mixed into others
 * before.
 *
 * @param samples how many batch rows it was fed
 * @param tokens the names of all tokens: a cache's, then those of every stream, padding included
 * @param attentions one for each attention of the model, in order of execution
 * @param reach what depends on what, through the whole model
 * @param inside the verdict on what is attended to
 * @param outside the verdict on what depends on what
 * @param notes what was left out or assumed, for a person
 */
public record Conformance(
    int samples,
    List<String> tokens,
    List<Attention> attentions,
    Reach reach,
    Verdict inside,
    Verdict outside,
    List<String> notes) {
  /** The most tokens of a batch row, all streams together: every pair of them is looked at. */
  public static final int MOST_TOKENS = 512;

  /** How many offences are kept for each attention, the worst first; all are counted. */
  public static final int MOST_OFFENCES = 20;

  /** Copies the lists. */
  public Conformance {
    tokens = List.copyOf(tokens);
    attentions = List.copyOf(attentions);
    notes = List.copyOf(notes);
  }

  /** What is known about an attention. */
  public enum State {
    /** Forbidden keys have a probability of exactly 0. */
    CONFORMS,
    /** Some forbidden key has another probability. */
    OFFENDS,
    /** Some pair that is declared to be allowed is forbidden in the model. */
    NARROWER,
    /** No head uses any allowed key, so that nothing was seen. */
    UNUSED,
    /** No mask is declared for it. */
    NOT_DECLARED,
    /** Its probabilities cannot be judged. */
    NOT_READABLE
  }

  /**
   * One attention.
   *
   * @param attention its number in order of execution, from 0
   * @param node the name of its node in the graph
   * @param declared the mask declared for it, as text; empty if none is
   * @param state what is known about it
   * @param reason why it could not be judged; empty if it was
   * @param cells how many pairs of a real query and a key were judged, all heads and rows together
   * @param forbidden how many of them the mask forbids
   * @param offences how many forbidden ones are attended to
   * @param unused how many pairs of query and key are allowed in some row and never attended to; no
   *     fault
   * @param skippedQueries real queries to which the mask leaves no key, of which nothing is judged
   * @param largestAllowed the largest probability seen on an allowed key
   * @param worst the offences of largest probability, at most {@link #MOST_OFFENCES}
   * @param picture the batch row with most offences; null if nothing was judged
   * @param narrower how many pairs of real tokens are declared to be allowed and forbidden in the
   *     model, by its scores and not by what a head chooses, all heads and rows together
   */
  public record Attention(
      int attention,
      String node,
      String declared,
      State state,
      String reason,
      long cells,
      long forbidden,
      long offences,
      long unused,
      long skippedQueries,
      double largestAllowed,
      List<Offence> worst,
      @Nullable CellPicture picture,
      long narrower) {
    /** Copies the list. */
    public Attention {
      worst = List.copyOf(worst);
    }

    /**
     * {@return the same, forbidding pairs that are declared to be allowed}
     *
     * @param state what is known about it
     * @param narrower how many pairs of real tokens are declared to be allowed and forbidden in the
     *     model
     */
    public Attention narrower(State state, long narrower) {
      return new Attention(
          attention,
          node,
          declared,
          state,
          reason,
          cells,
          forbidden,
          offences,
          unused,
          skippedQueries,
          largestAllowed,
          worst,
          picture,
          narrower);
    }
  }

  /**
   * A query that attends to a key though the mask forbids it.
   *
   * @param attention in order of execution, from 0
   * @param row the batch row over all samples, from 0
   * @param head from 0
   * @param query the query's place on its axis
   * @param key the key's place on its axis
   * @param queryName what the query is called
   * @param keyName what the key is called
   * @param probability more than 0, or NaN
   */
  public record Offence(
      int attention,
      int row,
      int head,
      int query,
      int key,
      String queryName,
      String keyName,
      float probability) {}

  /**
   * What outputs depend on.
   *
   * @param compared how many pairs of an output token and an input token were judged
   * @param unreachable how many of them the declared masks give no path
   * @param leaks how many of those change
   * @param unmoved how many have a path and do not change; no fault
   * @param replaced how many input tokens were replaced by others, one after the other
   * @param rows how many batch rows were judged
   * @param outputs the outputs that were compared
   * @param worst the leaks of largest change, at most {@link #MOST_OFFENCES}
   * @param picture the batch row with most leaks; null if nothing was judged
   */
  public record Reach(
      long compared,
      long unreachable,
      long leaks,
      long unmoved,
      int replaced,
      int rows,
      List<String> outputs,
      List<Leak> worst,
      @Nullable CellPicture picture) {
    public static final Reach NOTHING = new Reach(0, 0, 0, 0, 0, 0, List.of(), List.of(), null);

    /** Copies the list. */
    public Reach {
      outputs = List.copyOf(outputs);
      worst = List.copyOf(worst);
    }
  }

  /**
   * An output token that depends on an input token without a path.
   *
   * @param row the batch row over all samples, from 0
   * @param output what the output token is called
   * @param input what the input token is called
   * @param change the largest change of a value of the output token, or NaN
   */
  public record Leak(int row, String output, String input, float change) {}
}
