package dev.sightline.bench.comparison;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The workloads that are measured. */
final class Workloads {
  private static final int HEADS = 8;

  private Workloads() {}

  /**
   * The workloads, in the order of the table.
   *
   * @param quick few of them, so that all take less than two minutes
   */
  static List<Workload> all(boolean quick, int threads) {
    List<Workload> workloads = new ArrayList<>();
    int[] dense = quick ? new int[] {512, 1920} : new int[] {512, 1024, 1920, 2048, 4096};
    int[] causal = quick ? new int[] {2048} : new int[] {1024, 2048, 4096};
    for (int headSize : new int[] {64, 128}) {
      for (int length : dense) {
        workloads.add(
            square(WorkloadKind.DENSE, "dense", length, headSize, Form.NONE, length == 1920));
      }
    }
    for (int headSize : new int[] {64, 128}) {
      for (int length : causal) {
        workloads.add(
            square(
                WorkloadKind.CAUSAL, "causal", length, headSize, Form.CAUSAL_FLAG, length == 2048));
      }
    }
    addMasked(workloads, quick);
    workloads.add(
        new Workload(
            WorkloadKind.DECODE,
            "decode D128 Lk16384",
            1,
            HEADS,
            HEADS,
            1,
            16_384,
            128,
            Form.NONE,
            Mask.full(),
            false));
    int[] sentences = quick ? new int[] {16, 64} : new int[] {8, 16, 32, 64};
    for (int length : sentences) {
      workloads.add(sentences(length, 32));
    }
    workloads.add(sentences(128, 64));
    workloads.add(compile(1 << 18));
    workloads.add(compile(1 << 20));
    if (threads > 1) {
      workloads.add(square(WorkloadKind.SCALING, "dense", 1920, 64, Form.NONE, false));
      if (!quick) {
        workloads.add(square(WorkloadKind.SCALING, "dense", 1920, 128, Form.NONE, false));
        workloads.add(square(WorkloadKind.SCALING, "causal", 2048, 64, Form.CAUSAL_FLAG, false));
      }
    }
    return workloads;
  }

  private static void addMasked(List<Workload> workloads, boolean quick) {
    int length = quick ? 2048 : 4096;
    Mask documents = Mask.documentIds(documents(length));
    workloads.add(masked("window(255,0)", length, Mask.window(255, 0).and(Mask.causal())));
    workloads.add(masked("documents", length, documents));
    if (!quick) {
      workloads.add(masked("documents&causal", length, documents.and(Mask.causal())));
      workloads.add(masked("prefix(1024)", length, Mask.prefix(1024)));
      workloads.add(masked("islands", length, Mask.islands(islands(length))));
    }
  }

  private static Workload masked(String name, int length, Mask mask) {
    return new Workload(
        WorkloadKind.MASKED,
        name + " D64 L" + length,
        1,
        HEADS,
        HEADS,
        length,
        length,
        64,
        Form.CELLS,
        mask,
        true);
  }

  private static Workload square(
      WorkloadKind kind, String name, int length, int headSize, Form form, boolean chart) {
    return new Workload(
        kind,
        name + " D" + headSize + " L" + length,
        1,
        HEADS,
        HEADS,
        length,
        length,
        headSize,
        form,
        form == Form.NONE ? Mask.full() : Mask.causal(),
        chart);
  }

  private static Workload sentences(int length, int headSize) {
    return new Workload(
        WorkloadKind.SHORT,
        "short B32 H12 D" + headSize + " L" + length,
        32,
        12,
        12,
        length,
        length,
        headSize,
        Form.NONE,
        Mask.full(),
        length >= 64);
  }

  /** As MaskTilesBenchmark has it. */
  private static Workload compile(int length) {
    int[] documents = new int[length / 8192];
    Arrays.fill(documents, 8192);
    return new Workload(
        WorkloadKind.COMPILE,
        "compile a mask, L" + length,
        1,
        1,
        1,
        length,
        length,
        1,
        Form.CELLS,
        Mask.causal().and(Mask.window(4095, 0)).and(Mask.documents(documents)),
        false);
  }

  /** Documents as they come: of 32 to 1055 tokens, and so no multiples of a tile. */
  private static int[] documents(int length) {
    RandomGenerator random = Inputs.random(7);
    int[] ids = new int[length];
    int id = 0;
    for (int from = 0; from < length; id++) {
      int to = Math.min(length, from + 32 + random.nextInt(1024));
      Arrays.fill(ids, from, to, id);
      from = to;
    }
    return ids;
  }

  /** Eight islands, each of many pieces of 16 to 271 tokens. */
  private static int[] islands(int length) {
    RandomGenerator random = Inputs.random(8);
    int[] ids = new int[length];
    for (int from = 0; from < length; ) {
      int to = Math.min(length, from + 16 + random.nextInt(256));
      Arrays.fill(ids, from, to, 1 + random.nextInt(8));
      from = to;
    }
    return ids;
  }
}
