package dev.sightline.bench.comparison;

import ai.onnxruntime.OrtEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** ONNX Runtime's two attention operators on the CPU. */
final class OnnxRuntimeBackend implements Backend {
  private final OrtEnvironment environment = environment();

  /**
   * Version 1.29 overflows the native stack at its start when the command line is long, unless the
   * stack is large; see CONTRIBUTING.md.
   */
  private static OrtEnvironment environment() {
    FutureTask<OrtEnvironment> made = new FutureTask<>(OrtEnvironment::getEnvironment);
    new Thread(null, made, "onnxruntime-environment", 64L << 20).start();
    try {
      return made.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("ONNX Runtime does not start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ONNX Runtime was starting", e);
    }
  }

  @Override
  public String describe() {
    return "ONNX Runtime " + environment.getVersion();
  }

  @Override
  public List<TimedTask> tasks(Workload workload, Inputs inputs, int threads) {
    List<TimedTask> tasks = new ArrayList<>();
    if (workload.kind() == WorkloadKind.COMPILE) {
      return tasks;
    }
    // MultiHeadAttention has no masks but causal and padding, and no shared key heads.
    if (workload.form() != Workload.Form.CELLS && workload.queryHeads() == workload.keyHeads()) {
      tasks.add(OnnxRuntimeAttention.multiHead(environment, workload, inputs, threads));
    }
    tasks.add(OnnxRuntimeAttention.standard(environment, workload, inputs, threads));
    return tasks;
  }
}
