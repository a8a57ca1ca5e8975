package dev.sightline.bench.comparison;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;

/** {@link Attention} of {@code [B, H, L, D]}, under one plan. */
final class SightlineAttention implements TimedTask {
  private final String name;
  private final AttentionPlan plan;
  private final AttentionCall call;
  private final float[] output;

  SightlineAttention(String name, Workload workload, Inputs inputs, int threads) {
    this.name = name;
    AttentionShape shape =
        new AttentionShape(
            workload.batch(),
            workload.queryHeads(),
            workload.keyHeads(),
            workload.queries(),
            workload.keys(),
            workload.headSize(),
            workload.headSize());
    this.plan = Attention.under(workload.mask()).threads(threads).plan(shape);
    this.output = new float[inputs.query.length];
    this.call = AttentionCall.of(inputs.query, inputs.key, inputs.value, output);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    plan.run(call);
  }

  @Override
  public float[] output() {
    return output;
  }

  @Override
  public void close() {
    plan.close();
  }
}
