package dev.sightline.attention.internal.plan;

import dev.sightline.mask.Runs;
import java.util.ArrayList;
import java.util.List;

/**
 * The work of a plan of few queries, cut along the keys: an item is a stretch of the keys of one
 * key head. The length of a stretch depends on the numbers of keys and heads only, so that no
 * result depends on the number of threads or on the rest of the batch.
 */
final class RowSchedule {
  /**
   * The fewest keys of a stretch. 512 keys of 128 floats are 256 kB, half a cache, which the next
   * query head of a group reads again.
   */
  static final int STRETCH = 512;

  /** The most stretches of a row; beyond them stretches get longer, or merging would cost time. */
  private static final int MOST_STRETCHES = 64;

  /**
   * Enough stretches of all heads together where no query head reads a cache again, since long ones
   * are read faster.
   */
  private static final int STRETCHES_OF_ALL_HEADS = 128;

  private final List<Sequence> sequences;
  private final Problem problem;
  private final int[] itemSequence;
  private final int[] itemHead;
  private final int[] itemStretch;

  /** The runs of allowed keys: [sequence][head of the mask][row]. */
  private final Runs[][][] rows;

  private final int[] firstPartial;
  private final float[] partial;

  private RowSchedule(Problem problem, List<Sequence> sequences) {
    this.problem = problem;
    this.sequences = List.copyOf(sequences);
    this.rows = new Runs[sequences.size()][][];
    this.firstPartial = new int[sequences.size() + 1];
    List<int[]> items = new ArrayList<>();
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
      rows[s] = rows(sequence);
      int stretches = stretches(s);
      firstPartial[s + 1] =
          Math.addExact(
              firstPartial[s],
              Math.multiplyExact(
                  stretches * partialSize(), problem.queryHeads() * sequence.queries()));
      for (int head = 0; head < problem.keyHeads(); head++) {
        for (int part = 0; part < stretches; part++) {
          items.add(new int[] {s, head, part});
        }
      }
    }
    this.itemSequence = items.stream().mapToInt(i -> i[0]).toArray();
    this.itemHead = items.stream().mapToInt(i -> i[1]).toArray();
    this.itemStretch = items.stream().mapToInt(i -> i[2]).toArray();
    this.partial = new float[firstPartial[sequences.size()]];
  }

  static RowSchedule of(Problem problem, List<Sequence> sequences) {
    return new RowSchedule(problem, sequences);
  }

  private Runs[][] rows(Sequence sequence) {
    int heads = Math.min(sequence.mask().mask().heads(), problem.queryHeads());
    Runs[][] all = new Runs[heads][sequence.queries()];
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < sequence.queries(); row++) {
        all[head][row] = sequence.mask().row(sequence.maskBatch(), head, sequence.firstRow() + row);
      }
    }
    return all;
  }

  List<Sequence> sequences() {
    return sequences;
  }

  int items() {
    return itemSequence.length;
  }

  Sequence sequence(int item) {
    return sequences.get(itemSequence[item]);
  }

  int kvHead(int item) {
    return itemHead[item];
  }

  int firstKey(int item) {
    return itemStretch[item] * stretch(sequence(item));
  }

  int endKey(int item) {
    Sequence sequence = sequence(item);
    return (int) Math.min((long) firstKey(item) + stretch(sequence), sequence.keys());
  }

  int stretches(int sequence) {
    return Math.ceilDiv(sequences.get(sequence).keys(), stretch(sequences.get(sequence)));
  }

  private int stretch(Sequence sequence) {
    int most = MOST_STRETCHES;
    if (problem.group() == 1) {
      most = Math.clamp(STRETCHES_OF_ALL_HEADS / problem.keyHeads(), 8, MOST_STRETCHES);
    }
    int many = Math.ceilDiv(sequence.keys(), most);
    return Math.max(STRETCH, Math.ceilDiv(many, STRETCH) * STRETCH);
  }

  Runs row(int item, int head, int row) {
    Runs[][] all = rows[itemSequence[item]];
    return all[all.length == 1 ? 0 : head][row];
  }

  /**
   * The floats of a partial result: maximum, sum, and the output before the division by the sum.
   */
  int partialSize() {
    return 2 + problem.valueHeadSize();
  }

  int partialAt(int item, int head, int row) {
    return partialAt(itemSequence[item], itemStretch[item], head, row);
  }

  int partialAt(int sequence, int part, int head, int row) {
    int queries = sequences.get(sequence).queries();
    return firstPartial[sequence]
        + ((part * problem.queryHeads() + head) * queries + row) * partialSize();
  }

  @SuppressWarnings("ArrayReturn") // working memory, for the runners
  float[] partial() {
    return partial;
  }
}
