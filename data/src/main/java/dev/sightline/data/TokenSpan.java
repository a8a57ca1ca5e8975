package dev.sightline.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The tokens on an axis of an attention: those of one stream, or of several one after the other.
 *
 * @param first the first stream
 * @param last the last one
 */
public record TokenSpan(int first, int last) {
  /**
   * The streams that are together so long.
   *
   * @param wanted the stream to begin with if that is possible; -1 for none
   * @param unwanted the stream not to begin with if another will do; -1 for none
   */
  public static Optional<TokenSpan> of(
      int length, Batch batch, int streams, int wanted, int unwanted) {
    TokenSpan best = null;
    for (int first = 0; first < streams; first++) {
      int sum = 0;
      for (int last = first; last < streams; last++) {
        sum += batch.width(last);
        boolean better =
            best == null || first == wanted || (best.first == unwanted && best.first != wanted);
        if (sum == length && better) {
          best = new TokenSpan(first, last);
        }
      }
    }
    return Optional.ofNullable(best);
  }

  public List<Integer> streams() {
    return IntStream.rangeClosed(first, last).boxed().toList();
  }

  public int length(Batch batch) {
    int length = 0;
    for (int stream = first; stream <= last; stream++) {
      length += batch.width(stream);
    }
    return length;
  }

  /** For each slot of a row its number among the real tokens, counted from 0; -1 for padding. */
  public int[] places(Batch batch, int row) {
    int[] places = new int[length(batch)];
    int slot = 0;
    int next = 0;
    for (int stream = first; stream <= last; stream++) {
      for (int s = 0; s < batch.width(stream); s++) {
        places[slot++] = batch.isReal(stream, row, s) ? next++ : -1;
      }
    }
    return places;
  }

  /** For each slot of a row whether it holds a special token. */
  public boolean[] special(Batch batch, int row) {
    boolean[] special = new boolean[length(batch)];
    int slot = 0;
    for (int stream = first; stream <= last; stream++) {
      for (int s = 0; s < batch.width(stream); s++) {
        special[slot++] = batch.isSpecial(stream, row, s);
      }
    }
    return special;
  }
}
