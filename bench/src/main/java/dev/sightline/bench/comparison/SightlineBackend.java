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
  public List<TimedTask> tasks(Workload work, Inputs inputs, int threads) {
    List<TimedTask> tasks = new ArrayList<>();
    if (work.kind() == WorkloadKind.COMPILE) {
      tasks.add(new SightlineMaskCompilation(NAME, work));
      return tasks;
    }
    tasks.add(new SightlineAttention(NAME, work, inputs, threads));
    if (work.form() == Workload.Form.CELLS) {
      tasks.add(new SightlineAttention(DENSE, work.dense(), inputs, threads));
    }
    return tasks;
  }
}
