package dev.sightline.audit.internal.probe;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention to later tokens: for each head of each attention of a stream with itself, the largest
 * share that a token gives to any later token, over texts without padding. A mask that forbids the
 * future makes it exactly 0; a head that merely prefers the past does not.
 */
public final class FutureAttention {
  /** A head and the largest share that a token of it gives to a later one. */
  public record Head(int layer, int head, double ahead, int farthestAhead, int farthestBack) {
    boolean attendsAhead() {
      return ahead != 0;
    }
  }

  private final List<Head> heads = new ArrayList<>();
  private final int stream;
  private int longest;
  private int prefix = -1;

  public FutureAttention(int stream) {
    this.stream = stream;
  }

  /**
   * Adds a look.
   *
   * @throws ModelException if the model refuses to run again
   */
  public void add(AttentionSnapshot look) throws ModelException {
    Batch batch = look.batch();
    List<Site> own =
        look.sites().stream()
            .filter(site -> site.queries().isStream(stream) && site.keys().isStream(stream))
            .toList();
    look.forEach(
        own,
        (site, p) -> {
          for (int h = 0; h < p.shape().dim(1); h++) {
            add(site.layer(), h, p, batch);
          }
        });
    for (Sample sample : batch.samples()) {
      longest = Math.max(longest, sample.length(stream));
    }
  }

  private void add(int layer, int head, FloatTensor p, Batch batch) {
    double most = 0;
    int ahead = 0;
    int back = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int length = batch.samples().get(row).length(stream);
      for (int i = 0; i < length; i++) {
        int from = p.offset(row, head, batch.position(stream, row, i));
        for (int j = 0; j < length; j++) {
          double share = p.data()[from + batch.position(stream, row, j)];
          if (share == 0) {
            continue;
          }
          if (j > i) {
            most = Math.max(most, share);
            ahead = Math.max(ahead, j - i);
            prefix = Math.max(prefix, j);
          } else {
            back = Math.max(back, i - j);
          }
        }
      }
    }
    merge(new Head(layer, head, most, ahead, back));
  }

  private void merge(Head head) {
    for (int i = 0; i < heads.size(); i++) {
      Head known = heads.get(i);
      if (known.layer == head.layer && known.head == head.head) {
        heads.set(
            i,
            new Head(
                head.layer,
                head.head,
                Math.max(known.ahead, head.ahead),
                Math.max(known.farthestAhead, head.farthestAhead),
                Math.max(known.farthestBack, head.farthestBack)));
        return;
      }
    }
    heads.add(head);
  }

  public boolean hasData() {
    return !heads.isEmpty() && longest > 2;
  }

  public int count() {
    return heads.size();
  }

  /** Heads that give something to a later token. */
  public List<Head> attendingAhead() {
    return heads.stream().filter(Head::attendsAhead).toList();
  }

  /** The first head that attends to a later token; null if none does. */
  public @Nullable Head first() {
    return heads.stream().filter(Head::attendsAhead).findFirst().orElse(null);
  }

  public int farthestAhead() {
    return heads.stream().mapToInt(Head::farthestAhead).max().orElse(0);
  }

  public int farthestBack() {
    return heads.stream().mapToInt(Head::farthestBack).max().orElse(0);
  }

  /** Tokens of the longest text. */
  public int longest() {
    return longest;
  }

  /** One past the last token that an earlier one attends to. */
  public int prefix() {
    return prefix + 1;
  }
}
