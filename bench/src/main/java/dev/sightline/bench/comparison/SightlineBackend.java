package dev.sightline.bench.comparison;

import dev.sightline.attention.internal.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/** Sightline's own contestants. */
final class SightlineBackend implements Backend {
  static final String NAME = "sightline";

  /** Beside every masked work the same sizes without a mask: what the mask saves is measured. */
  static final String DENSE = "sightline-dense";

  @Override
  public String describe() {
    return "Sightline (" + Kernels.choice().kernel() + ")";
  }

  @Override
  public List<TimedTask> enter(Workload work, Inputs inputs, int threads) {
    List<TimedTask> contestants = new ArrayList<>();
    if (work.group() == WorkloadKind.COMPILE) {
      contestants.add(new SightlineMaskCompilation(work));
      return contestants;
    }
    contestants.add(new SightlineAttention(NAME, work, inputs, threads));
    if (work.form() == Workload.Form.CELLS) {
      contestants.add(new SightlineAttention(DENSE, work.dense(), inputs, threads));
    }
    return contestants;
  }
}
