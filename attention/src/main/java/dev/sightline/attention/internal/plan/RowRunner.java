package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.RowKernel;
import dev.sightline.attention.internal.kernel.ScalarMath;
import dev.sightline.mask.Runs;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;

/**
 * Attention of few queries over many keys, as when a text is generated: one query at a time, lanes
 * along the head. Every key and value is read once and takes part in few operations, so this is
 * bound by memory; all query heads of a key head read a stretch of keys while it is in the cache.
 *
 * <p>An item is a stretch of the keys of one key head (Flash-Decoding, Dao et al. 2023). Its
 * maximum, sum and unnormalised output are a partial result, in {@link RowSchedule#partial}. The
 * stretches depend on the number of keys alone, and partial results are merged in the order of
 * keys, so the result is the same on any number of threads.
 */
final class RowRunner {
  /** The number of keys of 16-bit elements that are converted to float32 at a time. */
  private static final int WIDE_KEYS = 64;

  private final RowKernel kernel;
  private final Problem problem;

  /**
   * The number of keys whose values are read after them. Fewer cost 4 % where no other head reads
   * them again.
   */
  private final int portion;

  private final float[] scores;
  private final float[] wide;
  private final float[] query;

  RowRunner(RowKernel kernel, Problem problem) {
    this.kernel = kernel;
    this.problem = problem;
    this.portion = problem.group() == 1 ? 4 * RowSchedule.STRETCH : RowSchedule.STRETCH;
    this.scores = new float[portion];
    this.wide = new float[WIDE_KEYS * Math.max(problem.headSize(), problem.valueHeadSize())];
    this.query = new float[problem.headSize()];
  }

  /** One item: all queries of all heads that share a key head, over keys [first, end). */
  void run(Call call, RowSchedule schedule, int item) {
    Sequence sequence = schedule.sequence(item);
    int kvHead = schedule.kvHead(item);
    for (int g = 0; g < problem.group(); g++) {
      int head = kvHead * problem.group() + g;
      for (int row = 0; row < sequence.queries(); row++) {
        row(call, schedule, item, sequence, kvHead, head, row);
      }
    }
  }

  private void row(
      Call call, RowSchedule schedule, int item, Sequence sequence, int kvHead, int head, int row) {
    int firstKey = schedule.firstKey(item);
    int endKey = schedule.endKey(item);
    int partialAt = schedule.partialAt(item, head, row);
    float[] partial = schedule.partial();
    Arrays.fill(partial, partialAt, partialAt + schedule.partialSize(), 0f);
    float max = Float.NEGATIVE_INFINITY;
    float sum = 0f;
    int output = partialAt + 2;
    Runs runs = schedule.row(item, head, row);
    for (int run = 0; run < runs.count(); run++) {
      int from = Math.max(runs.start(run), firstKey);
      int until = Math.min(runs.end(run), endKey);
      for (int at = from; at < until; at += portion) {
        int count = Math.min(portion, until - at);
        scores(call, sequence, kvHead, head, row, at, count);
        float before = max;
        max = Math.max(max, kernel.max(scores, 0, count));
        float reference = ScalarMath.finite(max);
        float rescale = ScalarMath.exp2(before - reference);
        if (rescale != 1f) {
          sum *= rescale;
          for (int d = output; d < output + problem.valueHeadSize(); d++) {
            partial[d] *= rescale;
          }
        }
        sum += kernel.weights(scores, 0, count, reference);
        values(call, sequence, kvHead, at, count, partial, output);
      }
    }
    partial[partialAt] = max;
    partial[partialAt + 1] = sum;
  }

  private void scores(
      Call call, Sequence sequence, int kvHead, int head, int row, int at, int count) {
    float factor = problem.scale() * ScalarMath.LOG2_E;
    int size = problem.headSize();
    Strides q = problem.query();
    int queryAt = sequence.query() + head * q.head() + row * q.token();
    float[] x = query;
    if (call.queries() instanceof Elements.Float32Elements singles) {
      x = singles.data();
    } else {
      call.queries().widen(queryAt, query, 0, size);
      queryAt = 0;
    }
    Strides k = problem.key();
    int keyAt = sequence.key() + kvHead * k.head() + at * k.token();
    if (call.keys() instanceof Elements.Float32Elements singles) {
      kernel.scores(x, queryAt, size, factor, singles.data(), keyAt, k.token(), count, scores, 0);
    } else {
      for (int done = 0; done < count; done += WIDE_KEYS) {
        int some = Math.min(WIDE_KEYS, count - done);
        call.keys().widenRows(keyAt + done * k.token(), k.token(), some, size, wide, size);
        kernel.scores(x, queryAt, size, factor, wide, 0, size, some, scores, done);
      }
    }
    adjust(call, sequence, head, row, at, count);
  }

  private void adjust(Call call, Sequence sequence, int head, int row, int at, int count) {
    if (problem.softcap() != 0f) {
      float cap = problem.softcap() * ScalarMath.LOG2_E;
      for (int key = 0; key < count; key++) {
        scores[key] = cap * (float) Math.tanh(scores[key] / cap);
      }
    }
    if (problem.alibi() != null) {
      float slope = problem.alibi()[head] * ScalarMath.LOG2_E;
      int position = sequence.keys() - sequence.queries() + row - at;
      for (int key = 0; key < count; key++) {
        scores[key] -= slope * Math.abs(position - key);
      }
    }
    FloatTensor bias = call.bias();
    if (bias != null) {
      int from =
          bias.offset(
                  bias.shape().dim(0) == 1 ? 0 : sequence.maskBatch(),
                  bias.shape().dim(1) == 1 ? 0 : head,
                  bias.shape().dim(2) == 1 ? 0 : row)
              + at;
      for (int key = 0; key < count; key++) {
        float added = ScalarMath.inLog2(bias.data()[from + key]);
        // A masked key may be anything, and NaN minus infinity is NaN.
        scores[key] = added == Float.NEGATIVE_INFINITY ? added : scores[key] + added;
      }
    }
  }

  private void values(
      Call call, Sequence sequence, int kvHead, int at, int count, float[] output, int outputAt) {
    int size = problem.valueHeadSize();
    Strides v = problem.value();
    int from = sequence.value() + kvHead * v.head() + at * v.token();
    if (call.bias() != null) {
      // A bias of -infinity masks, and a masked value may be anything: weights of 0 are left out.
      for (int key = 0; key < count; key++) {
        if (scores[key] != 0f) {
          call.values().widen(from + key * v.token(), wide, 0, size);
          ScalarMath.addRow(scores[key], wide, 0, size, output, outputAt);
        }
      }
      return;
    }
    int part = count / RowKernel.STREAMS;
    int distance = part * v.token();
    if (call.values() instanceof Elements.Float32Elements singles) {
      kernel.accumulate(
          scores, 0, part, part, singles.data(), from, distance, v.token(), size, output, outputAt);
    } else {
      int most = WIDE_KEYS / RowKernel.STREAMS;
      for (int done = 0; done < part; done += most) {
        int some = Math.min(most, part - done);
        for (int stream = 0; stream < RowKernel.STREAMS; stream++) {
          int first = from + stream * distance + done * v.token();
          for (int k = 0; k < some; k++) {
            call.values().widen(first + k * v.token(), wide, (stream * some + k) * size, size);
          }
        }
        kernel.accumulate(
            scores, done, part, some, wide, 0, some * size, size, size, output, outputAt);
      }
    }
    for (int key = RowKernel.STREAMS * part; key < count; key++) {
      call.values().widen(from + key * v.token(), wide, 0, size);
      ScalarMath.addRow(scores[key], wide, 0, size, output, outputAt);
    }
  }

  /** Merges the partial results of one query of one head, and writes its output. */
  void merge(Call call, RowSchedule schedule, int sequenceIndex, int head, int row) {
    Sequence sequence = schedule.sequences().get(sequenceIndex);
    float[] partial = schedule.partial();
    int stretches = schedule.stretches(sequenceIndex);
    float max = Float.NEGATIVE_INFINITY;
    for (int s = 0; s < stretches; s++) {
      max = Math.max(max, partial[schedule.partialAt(sequenceIndex, s, head, row)]);
    }
    float sum = 0f;
    if (problem.sinks() != null) {
      float sink = problem.sinks()[head] * ScalarMath.LOG2_E;
      max = Math.max(max, sink);
      sum = ScalarMath.exp2(sink - ScalarMath.finite(max));
    }
    float reference = ScalarMath.finite(max);
    Strides strides = problem.output();
    int to = sequence.output() + head * strides.head() + row * strides.token();
    int size = problem.valueHeadSize();
    Arrays.fill(call.output(), to, to + size, 0f);
    for (int s = 0; s < stretches; s++) {
      int partialAt = schedule.partialAt(sequenceIndex, s, head, row);
      float share = ScalarMath.exp2(partial[partialAt] - reference);
      if (partial[partialAt + 1] != 0f) {
        sum += partial[partialAt + 1] * share;
        ScalarMath.addRow(share, partial, partialAt + 2, size, call.output(), to);
      }
    }
    float factor = sum == 0f ? 0f : 1f / sum;
    for (int d = to; d < to + size; d++) {
      call.output()[d] *= factor;
    }
    if (call.logSumExp() != null) {
      call.logSumExp()[sequence.row() + head * problem.rowHeadStride() + row] =
          sum == 0f
              ? Float.NEGATIVE_INFINITY
              : (float) (max * (double) ScalarMath.LN_2 + Math.log(sum));
    }
  }
}
