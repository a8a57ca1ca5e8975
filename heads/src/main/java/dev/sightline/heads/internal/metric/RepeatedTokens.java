package dev.sightline.heads.internal.metric;

import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;

/** Which tokens occurred before, and what followed them then. */
public final class RepeatedTokens {
  private RepeatedTokens() {}

  /**
   * Whether a key follows an earlier occurrence of a query's token. Both are numbers of real
   * tokens, from 0; a key below 1 follows nothing.
   */
  static boolean follows(Tokens tokens, int key, int query) {
    return key >= 1
        && key <= query
        && tokens instanceof TokenizedText text
        && query < text.length()
        && text.id(key - 1) == text.id(query);
  }

  /** The number of queries from one to another, excluded, whose token occurred before. */
  public static int count(Tokens tokens, int from, int to) {
    int count = 0;
    for (int query = from; query < to; query++) {
      boolean repeated = false;
      for (int key = 1; key <= query && !repeated; key++) {
        repeated = follows(tokens, key, query);
      }
      count += repeated ? 1 : 0;
    }
    return count;
  }
}
