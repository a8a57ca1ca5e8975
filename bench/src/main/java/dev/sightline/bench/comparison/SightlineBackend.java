package dev.sightline.bench.comparison;

import dev.sightline.attention.Provider;
import java.util.ArrayList;
import java.util.List;

/** Sightline itself. */
final class SightlineBackend implements Backend {
  static final String NAME = "sightline";

  /** The same sizes without a mask, beside every masked workload: the time that the mask saves. */
  static final String DENSE = "sightline-dense";

  @Override
  public String describe() {
    return "Sightline (" + Provider.preferred().description() + ")";
  }

  @Override
  public List<TimedTask> tasks(Workload workload, Inputs inputs, int threads) {
    List<TimedTask> tasks = new ArrayList<>();
    if (workload.kind() == WorkloadKind.COMPILE) {
      tasks.add(new SightlineMaskCompilation(NAME, workload));
      return tasks;
    }
    tasks.add(new SightlineAttention(NAME, workload, inputs, threads));
    if (workload.form() == Workload.Form.CELLS) {
      tasks.add(new SightlineAttention(DENSE, workload.dense(), inputs, threads));
    }
    return tasks;
  }
}
