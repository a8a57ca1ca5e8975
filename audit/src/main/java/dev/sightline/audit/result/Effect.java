package dev.sightline.audit.result;

import java.util.OptionalInt;

/** How much a change of the outputs matters, in a number that people know. */
public sealed interface Effect {
  /**
   * The lowest cosine between the embedding of a text in the two runs. The embedding is the model's
   * pooled output, or its token vectors pooled as declared, else their mean over real tokens.
   *
   * @param value -1..1
   * @param text number of the text, from 1
   */
  record EmbeddingCosine(double value, long text) implements Effect {}

  /**
   * The lowest cosine between the vector of one token in the two runs, where not all tokens of a
   * text are compared.
   *
   * @param value -1..1
   * @param text number of the text, from 1
   * @param token index of the token in its text, from 0
   */
  record TokenCosine(double value, long text, int token) implements Effect {}

  /**
   * The largest change of the probability of a class: the softmax of the scores of several classes,
   * the sigmoid of a single score.
   *
   * @param label the class, from 0
   * @param before its probability in the first run, 0..1
   * @param after its probability in the second run, 0..1
   * @param text number of the text, from 1
   * @param token index of the token in its text, from 0; empty if the scores are of a whole text
   * @param changed how often another class had the highest score
   * @param compared how many vectors of scores were compared
   */
  record ClassProbability(
      int label,
      double before,
      double after,
      long text,
      OptionalInt token,
      long changed,
      long compared)
      implements Effect {}

  /**
   * How often the next token with the highest logit is another one.
   *
   * @param changed at how many positions
   * @param compared how many positions were compared
   * @param logitChange the largest change of a logit
   * @param gap the gap between the first two logits at that position
   * @param text number of the text of that position, from 1
   * @param token index of its token in the text, from 0; empty if the logits are of a whole text
   */
  record TopToken(
      long changed, long compared, double logitChange, double gap, long text, OptionalInt token)
      implements Effect {}

  /**
   * Values that are not finite.
   *
   * @param positions how many compared tokens, or whole texts, have NaN or infinite values
   * @param compared how many were compared
   */
  record NotFinite(long positions, long compared) implements Effect {}
}
