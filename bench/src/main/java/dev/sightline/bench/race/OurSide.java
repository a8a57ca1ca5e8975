package dev.sightline.bench.race;

import dev.sightline.attention.Kernels;
import java.util.ArrayList;
import java.util.List;

/** Sightline's own contestants. */
final class OurSide implements Side {
  static final String NAME = "sightline";

  /** Beside every masked work the same sizes without a mask: what the mask saves is measured. */
  static final String DENSE = "sightline-dense";

  @Override
  public String describe() {
    return "Sightline (" + Kernels.choice().kernel() + ")";
  }

  @Override
  public List<Contestant> enter(Work work, Inputs inputs, int threads) {
    List<Contestant> contestants = new ArrayList<>();
    if (work.group() == Group.COMPILE) {
      contestants.add(new MaskCompilation(work));
      return contestants;
    }
    contestants.add(new OurAttention(NAME, work, inputs, threads));
    if (work.form() == Work.Form.CELLS) {
      contestants.add(new OurAttention(DENSE, work.dense(), inputs, threads));
    }
    return contestants;
  }
}
