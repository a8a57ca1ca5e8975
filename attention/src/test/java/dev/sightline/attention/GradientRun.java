package dev.sightline.attention;

import java.util.Arrays;

/** All arrays of one backward run. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GradientRun(float[] dq, float[] dk, float[] dv) {
  GradientRun(AttentionShape s) {
    this(new float[s.querySize()], new float[s.keySize()], new float[s.valueSize()]);
    for (float[] array : new float[][] {dq, dk, dv}) {
      // What was there before is overwritten.
      Arrays.fill(array, Float.NaN);
    }
  }

  static GradientRun of(Attention options, AttentionShape s, AttentionCall call, float[] g) {
    GradientRun run = new GradientRun(s);
    try (AttentionPlan plan = options.plan(s)) {
      run.fill(plan, call, g);
    }
    return run;
  }

  void fill(AttentionPlan plan, AttentionCall call, float[] g) {
    AttentionShape s = plan.shape();
    call = call.withLogSumExp(new float[s.batch() * s.queryHeads() * s.queries()]);
    plan.run(call);
    plan.gradients(call, g, dq, dk, dv);
  }
}
