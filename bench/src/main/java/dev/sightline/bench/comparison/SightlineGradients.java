package dev.sightline.bench.comparison;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;

/**
 * {@link AttentionPlan#gradients} under one plan. For gradients alone the forward pass is run once;
 * all runs go on from its output and log-sum-exp.
 */
final class SightlineGradients implements TimedTask {
  private final boolean both;
  private final AttentionPlan plan;
  private final AttentionCall call;
  private final float[] outputGradient;
  private final float[] queries;
  private final float[] keys;
  private final float[] values;

  SightlineGradients(Workload workload, Inputs inputs, int threads) {
    this.both = workload.kind() == WorkloadKind.FORWARD_AND_BACKWARD;
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
    float[] output = new float[inputs.query.length];
    float[] sums = new float[workload.batch() * workload.queryHeads() * workload.queries()];
    this.call =
        AttentionCall.of(inputs.query, inputs.key, inputs.value, output).withLogSumExp(sums);
    this.outputGradient = Inputs.outputGradient(workload);
    this.queries = new float[inputs.query.length];
    this.keys = new float[inputs.key.length];
    this.values = new float[inputs.value.length];
    plan.run(call);
  }

  @Override
  public void run() {
    if (both) {
      plan.run(call);
    }
    plan.gradients(call, outputGradient, queries, keys, values);
  }

  @Override
  public float[] output() {
    float[] all = new float[queries.length + keys.length + values.length];
    System.arraycopy(queries, 0, all, 0, queries.length);
    System.arraycopy(keys, 0, all, queries.length, keys.length);
    System.arraycopy(values, 0, all, queries.length + keys.length, values.length);
    return all;
  }

  @Override
  public void close() {
    plan.close();
  }
}
