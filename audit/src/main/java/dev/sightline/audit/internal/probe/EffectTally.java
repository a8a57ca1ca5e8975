package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Effect.ClassProbability;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Effect.NotFinite;
import dev.sightline.audit.result.Effect.TokenCosine;
import dev.sightline.audit.result.Effect.TopToken;
import dev.sightline.data.Sample;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How much the changes of all outputs matter, each measured by its kind. It keeps the worst of each
 * kind, so its size does not depend on how much was compared.
 */
final class EffectTally {
  private @Nullable TopToken topToken;
  private @Nullable ClassProbability probability;
  private @Nullable EmbeddingCosine pooled;
  private @Nullable EmbeddingCosine ofTokens;
  private @Nullable TokenCosine tokenCosine;
  private long compared;
  private long notFinite;

  /**
   * Counts the values at one token, or of a whole text, in both runs.
   *
   * @param token index of the token; empty for a whole text
   */
  void add(Output output, Sample sample, OptionalInt token, double[] a, double[] b) {
    compared++;
    for (int i = 0; i < a.length; i++) {
      if (!Double.isFinite(a[i]) || !Double.isFinite(b[i])) {
        notFinite++;
        return;
      }
    }
    switch (output.kind()) {
      case TOKEN_LOGITS -> addLogits(sample.number(), token, a, b);
      case CLASS_SCORES -> addScores(sample.number(), token, a, b);
      case EMBEDDING -> {
        if (token.isPresent()) {
          addToken(sample.number(), token.getAsInt(), cosine(a, b));
        }
      }
    }
  }

  /** Counts the embedding of a whole text, in both runs. */
  void addEmbedding(Output output, Sample sample, double[] a, double[] b) {
    double cosine = cosine(a, b);
    if (output.kind() != OutputKind.EMBEDDING || Double.isNaN(cosine)) {
      return;
    }
    if (!output.isPerToken()) {
      pooled = lower(pooled, cosine, sample.number());
    } else {
      ofTokens = lower(ofTokens, cosine, sample.number());
    }
  }

  private static EmbeddingCosine lower(@Nullable EmbeddingCosine lowest, double cosine, long text) {
    return lowest == null || cosine < lowest.value() ? new EmbeddingCosine(cosine, text) : lowest;
  }

  private void addToken(long text, int token, double cosine) {
    if (!Double.isNaN(cosine) && (tokenCosine == null || cosine < tokenCosine.value())) {
      tokenCosine = new TokenCosine(cosine, text, token);
    }
  }

  private void addLogits(long text, OptionalInt token, double[] a, double[] b) {
    int first = largest(a, -1);
    double gap = a[first] - a[largest(a, first)];
    double change = 0;
    for (int i = 0; i < a.length; i++) {
      change = Math.max(change, Math.abs(a[i] - b[i]));
    }
    boolean changed = b[first] < b[largest(b, -1)];
    TopToken last = topToken;
    if (last == null) {
      topToken = new TopToken(changed ? 1 : 0, 1, change, gap, text, token);
      return;
    }
    long now = last.changed() + (changed ? 1 : 0);
    boolean larger = change > last.logitChange();
    topToken =
        larger
            ? new TopToken(now, last.compared() + 1, change, gap, text, token)
            : new TopToken(
                now,
                last.compared() + 1,
                last.logitChange(),
                last.gap(),
                last.text(),
                last.token());
  }

  private void addScores(long text, OptionalInt token, double[] a, double[] b) {
    double[] before = probabilities(a);
    double[] after = probabilities(b);
    int worst = 0;
    for (int i = 1; i < a.length; i++) {
      if (Math.abs(after[i] - before[i]) > Math.abs(after[worst] - before[worst])) {
        worst = i;
      }
    }
    boolean changed =
        a.length == 1 ? before[0] > 0.5 != after[0] > 0.5 : b[largest(a, -1)] < b[largest(b, -1)];
    ClassProbability last = probability;
    long now = (last == null ? 0 : last.changed()) + (changed ? 1 : 0);
    long count = (last == null ? 0 : last.compared()) + 1;
    boolean larger =
        last == null
            || Math.abs(after[worst] - before[worst]) > Math.abs(last.after() - last.before());
    probability =
        last == null || larger
            ? new ClassProbability(worst, before[worst], after[worst], text, token, now, count)
            : new ClassProbability(
                last.label(), last.before(), last.after(), last.text(), last.token(), now, count);
  }

  /** The index of the largest value, but for one. */
  private static int largest(double[] values, int except) {
    int largest = except == 0 && values.length > 1 ? 1 : 0;
    for (int i = 1; i < values.length; i++) {
      if (i != except && values[i] > values[largest]) {
        largest = i;
      }
    }
    return largest;
  }

  /** Softmax, or sigmoid of one; scores that are probabilities already stay as they are. */
  private static double[] probabilities(double[] scores) {
    double[] p = new double[scores.length];
    if (scores.length == 1) {
      p[0] = 1 / (1 + Math.exp(-scores[0]));
      return p;
    }
    double sum = 0;
    double smallest = 0;
    for (double score : scores) {
      sum += score;
      smallest = Math.min(smallest, score);
    }
    if (smallest >= 0 && Math.abs(sum - 1) < 1e-3) {
      return scores.clone();
    }
    double top = scores[largest(scores, -1)];
    double total = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(scores[i] - top);
      total += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= total;
    }
    return p;
  }

  /** NaN if the vectors have a single value, or one is zero or not finite. */
  static double cosine(double[] a, double[] b) {
    if (a.length < 2) {
      return Double.NaN;
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    double cosine = ab / Math.sqrt(aa * bb);
    return Double.isFinite(cosine) ? Math.min(cosine, 1) : Double.NaN;
  }

  /** What a reader uses of this model: what it gives away last. Null if nothing was compared. */
  @Nullable Effect effect() {
    if (notFinite > 0) {
      return new NotFinite(notFinite, compared);
    }
    if (topToken != null) {
      return topToken;
    }
    if (probability != null) {
      return probability;
    }
    return pooled != null ? pooled : ofTokens != null ? ofTokens : tokenCosine;
  }
}
