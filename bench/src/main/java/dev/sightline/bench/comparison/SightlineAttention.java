package dev.sightline.bench.comparison;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import java.util.Arrays;

/**
 * {@link Attention} of {@code [B, H, L, D]} under one plan. Texts of various lengths are packed,
 * {@code [1, H, sum of lengths, D]}, as their server would send them.
 */
final class SightlineAttention implements TimedTask {
  private final Workload workload;
  private final AttentionPlan plan;
  private final AttentionCall call;
  private final float[] output;

  private SightlineAttention(
      Workload workload, AttentionPlan plan, float[] query, float[] key, float[] value) {
    this.workload = workload;
    this.plan = plan;
    this.output = new float[query.length];
    this.call = AttentionCall.of(query, key, value, output);
  }

  static SightlineAttention of(Workload workload, Inputs inputs, int threads) {
    Attention attention = Attention.under(workload.mask()).threads(threads);
    if (workload.lengths().isEmpty()) {
      AttentionPlan plan =
          attention.plan(shape(workload, workload.batch(), workload.queries(), workload.keys()));
      return new SightlineAttention(workload, plan, inputs.query, inputs.key, inputs.value);
    }
    int[] lengths = workload.lengths().stream().mapToInt(n -> n).toArray();
    int tokens = Arrays.stream(lengths).sum();
    return new SightlineAttention(
        workload,
        attention.packed(shape(workload, 1, tokens, tokens), lengths, lengths),
        packed(inputs.query, workload),
        packed(inputs.key, workload),
        packed(inputs.value, workload));
  }

  private static AttentionShape shape(Workload workload, int batch, int queries, int keys) {
    return new AttentionShape(
        batch,
        workload.queryHeads(),
        workload.keyHeads(),
        queries,
        keys,
        workload.headSize(),
        workload.headSize());
  }

  /** Visits the real tokens: the offset in the padded tensor, and in the packed one. */
  private interface Rows {
    void row(int padded, int packed);
  }

  private static void rows(Workload workload, Rows rows) {
    int size = workload.headSize();
    int tokens = workload.lengths().stream().mapToInt(n -> n).sum();
    for (int head = 0; head < workload.queryHeads(); head++) {
      int at = head * tokens;
      for (int b = 0; b < workload.batch(); b++) {
        int from = (b * workload.queryHeads() + head) * workload.queries();
        for (int token = 0; token < workload.lengths().get(b); token++) {
          rows.row((from + token) * size, at * size);
          at++;
        }
      }
    }
  }

  private static float[] packed(float[] padded, Workload workload) {
    int size = workload.headSize();
    int tokens = workload.lengths().stream().mapToInt(n -> n).sum();
    float[] packed = new float[workload.queryHeads() * tokens * size];
    rows(workload, (from, to) -> System.arraycopy(padded, from, packed, to, size));
    return packed;
  }

  @Override
  public void run() {
    plan.run(call);
  }

  @Override
  public float[] output() {
    if (workload.lengths().isEmpty()) {
      return output;
    }
    int size = workload.headSize();
    float[] padded =
        new float[workload.batch() * workload.queryHeads() * workload.queries() * size];
    rows(workload, (to, from) -> System.arraycopy(output, from, padded, to, size));
    return padded;
  }

  @Override
  public void close() {
    plan.close();
  }
}
