package dev.sightline.bench.comparison;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.util.ArrayList;
import java.util.List;

/** The workloads of the backward pass. */
final class BackwardWorkloads {
  private static final int MASKED_LENGTH = 2048;

  private BackwardWorkloads() {}

  /**
   * The workloads, in the order of the table.
   *
   * @param quick few of them
   */
  static List<Workload> all(boolean quick) {
    List<Workload> workloads = new ArrayList<>();
    for (int headSize : new int[] {64, 128}) {
      for (int length : quick ? new int[] {1024} : new int[] {512, 1024, 1920}) {
        workloads.add(
            workload(WorkloadKind.BACKWARD, "dense", length, headSize, Form.NONE, Mask.full()));
      }
    }
    for (int headSize : new int[] {64, 128}) {
      workloads.add(causal(WorkloadKind.BACKWARD, headSize));
    }
    Mask documents = Mask.documentIds(Workloads.documents(MASKED_LENGTH));
    workloads.add(masked("window(255,0)", Mask.window(255, 0).and(Mask.causal())));
    workloads.add(masked("documents", documents));
    if (!quick) {
      workloads.add(masked("documents&causal", documents.and(Mask.causal())));
      workloads.add(grouped());
    }
    workloads.add(sentences());
    workloads.add(
        workload(WorkloadKind.FORWARD_AND_BACKWARD, "dense", 1024, 64, Form.NONE, Mask.full()));
    if (!quick) {
      workloads.add(
          workload(WorkloadKind.FORWARD_AND_BACKWARD, "dense", 1024, 128, Form.NONE, Mask.full()));
      workloads.add(causal(WorkloadKind.FORWARD_AND_BACKWARD, 64));
    }
    return workloads;
  }

  /** Four query heads share a key head. */
  private static Workload grouped() {
    return new Workload(
        WorkloadKind.BACKWARD,
        "backward grouped 8:2 D64 L1024",
        1,
        Workloads.HEADS,
        2,
        1024,
        1024,
        64,
        Form.NONE,
        Mask.full(),
        0,
        List.of(),
        false);
  }

  private static Workload sentences() {
    return new Workload(
        WorkloadKind.BACKWARD,
        "backward short B32 H12 D64 L128",
        32,
        12,
        12,
        128,
        128,
        64,
        Form.NONE,
        Mask.full(),
        0,
        List.of(),
        false);
  }

  private static Workload causal(WorkloadKind kind, int headSize) {
    return workload(kind, "causal", MASKED_LENGTH, headSize, Form.CAUSAL_FLAG, Mask.causal());
  }

  private static Workload masked(String name, Mask mask) {
    return workload(WorkloadKind.BACKWARD, name, MASKED_LENGTH, 64, Form.CELLS, mask);
  }

  private static Workload workload(
      WorkloadKind kind, String name, int length, int headSize, Form form, Mask mask) {
    String pass = kind == WorkloadKind.BACKWARD ? "backward " : "fwd+bwd ";
    return new Workload(
        kind,
        pass + name + " D" + headSize + " L" + length,
        1,
        Workloads.HEADS,
        Workloads.HEADS,
        length,
        length,
        headSize,
        form,
        mask,
        0,
        List.of(),
        false);
  }
}
