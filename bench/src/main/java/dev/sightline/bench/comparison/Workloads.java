package dev.sightline.bench.comparison;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The workloads that are measured. */
final class Workloads {
  static final int HEADS = 8;
  private static final int SENTENCES = 32;

  /** Beside the other libraries in one process only these are measured. */
  private static final Set<String> TOGETHER =
      Set.of(
          "dense D64 L512",
          "dense D64 L1920",
          "dense D128 L1920",
          "causal D64 L2048",
          "short B32 H12 D32 L64",
          "ragged B32 H12 D32 L4-128");

  private Workloads() {}

  /**
   * The workloads, in the order of the table.
   *
   * @param quick few of them, so that all take a few minutes
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
    workloads.add(decode());
    addSentences(workloads, quick);
    workloads.add(compile(1 << 18));
    workloads.add(compile(1 << 20));
    if (threads > 1) {
      workloads.add(square(WorkloadKind.SCALING, "scaling", 1920, 64, Form.NONE, false));
      if (!quick) {
        workloads.add(square(WorkloadKind.SCALING, "scaling", 1920, 128, Form.NONE, false));
        workloads.add(
            square(WorkloadKind.SCALING, "scaling causal", 2048, 64, Form.CAUSAL_FLAG, false));
      }
    }
    return workloads;
  }

  /** One of all workloads, those of the backward pass among them. */
  static Workload named(String name) {
    return IntStream.of(0, 1)
        .mapToObj(
            i -> Stream.concat(all(i == 0, 2).stream(), BackwardWorkloads.all(i == 0).stream()))
        .flatMap(workloads -> workloads)
        .filter(workload -> workload.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Whether it is measured a second time, with all libraries in one process. */
  static boolean together(Workload workload) {
    return TOGETHER.contains(workload.name());
  }

  private static void addMasked(List<Workload> workloads, boolean quick) {
    int length = quick ? 2048 : 4096;
    Mask documents = Mask.documentIds(documents(length));
    workloads.add(masked("window(255,0)", length, Mask.window(255, 0).and(Mask.causal()), 256));
    workloads.add(masked("documents", length, documents, 0));
    if (!quick) {
      workloads.add(masked("documents&causal", length, documents.and(Mask.causal()), 0));
      workloads.add(masked("prefix(1024)", length, Mask.prefix(1024), 0));
      workloads.add(masked("islands", length, Mask.islands(islands(length)), 0));
    }
  }

  private static Workload masked(String name, int length, Mask mask, int window) {
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
        window,
        List.of(),
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
        0,
        List.of(),
        chart);
  }

  private static Workload decode() {
    return new Workload(
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
        0,
        List.of(),
        false);
  }

  private static void addSentences(List<Workload> workloads, boolean quick) {
    for (int length : quick ? new int[] {16, 64} : new int[] {8, 16, 32, 64, 128}) {
      workloads.add(sentences(length, 32));
    }
    for (int length : quick ? new int[] {128} : new int[] {16, 64, 128}) {
      workloads.add(sentences(length, 64));
    }
    workloads.add(ragged(32));
    workloads.add(ragged(64));
  }

  private static Workload sentences(int length, int headSize) {
    return new Workload(
        WorkloadKind.SHORT,
        "short B32 H12 D" + headSize + " L" + length,
        SENTENCES,
        12,
        12,
        length,
        length,
        headSize,
        Form.NONE,
        Mask.full(),
        0,
        List.of(),
        length == 64 && headSize == 32);
  }

  /** Lengths from 4 to 128, evenly spread, in no order. */
  private static Workload ragged(int headSize) {
    List<Integer> lengths =
        new ArrayList<>(
            IntStream.range(0, SENTENCES).mapToObj(i -> 4 + i * 124 / (SENTENCES - 1)).toList());
    Collections.shuffle(lengths, java.util.Random.from(Inputs.random(9)));
    return new Workload(
        WorkloadKind.RAGGED,
        "ragged B32 H12 D" + headSize + " L4-128",
        SENTENCES,
        12,
        12,
        128,
        128,
        headSize,
        Form.KEYS,
        Mask.full(),
        0,
        List.copyOf(lengths),
        headSize == 32);
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
        0,
        List.of(),
        false);
  }

  /** Documents as they come: of 32 to 1055 tokens, and so no multiples of a tile. */
  static int[] documents(int length) {
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
