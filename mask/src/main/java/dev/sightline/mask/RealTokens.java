package dev.sightline.mask;

import java.util.OptionalInt;

/**
 * The real tokens of a batch row, and what follows from them. A token is real when some query of
 * some head may attend to it, which is what a padding mask takes away from the others.
 *
 * @param tokens the number of tokens, padding counted
 * @param real the real ones
 */
public record RealTokens(int tokens, Runs real) {
  /**
   * {@return the position of every token, {@code [L]}: {@code cumsum(real) - 1}, as the policies
   * count} A padded token has the position of the real token before it, -1 where there is none.
   */
  public int[] positions() {
    int[] positions = new int[tokens];
    int next = 0;
    for (int at = 0, run = 0; at < tokens; at++) {
      run += run < real.count() && real.end(run) <= at ? 1 : 0;
      next += run < real.count() && real.start(run) <= at ? 1 : 0;
      positions[at] = next - 1;
    }
    return positions;
  }

  /** {@return the number of real tokens} */
  public int count() {
    return (int) real.positions();
  }

  /** {@return the first real token; empty where there is none} */
  public OptionalInt first() {
    return real.isEmpty() ? OptionalInt.empty() : OptionalInt.of(real.start(0));
  }

  /**
   * {@return the last real token, which is where the vector of a text is taken from a causal model;
   * empty where there is none} Under left padding it is L - 1, which {@code sum(mask) - 1} misses.
   */
  public OptionalInt last() {
    return real.isEmpty() ? OptionalInt.empty() : OptionalInt.of(real.end(real.count() - 1) - 1);
  }

  /**
   * {@return the token whose vector is taken for the text: the last real one of a causal model, the
   * first real one of a model with a [CLS] token; empty where there is none}
   *
   * @param causal whether the model is causal
   */
  public OptionalInt poolingIndex(boolean causal) {
    return causal ? last() : first();
  }
}
