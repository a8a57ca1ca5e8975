package dev.sightline.bench.comparison;

import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;

/** LibTorch's scaled_dot_product_attention, through JavaCPP. */
final class LibTorchBackend implements Backend {
  /** Set for the calling thread: nothing is kept for gradients. */
  private final InferenceMode inference;

  private final String version;

  /**
   * Loads LibTorch.
   *
   * @throws LinkageError if its natives are not there or not for this platform
   * @throws IOException if its version cannot be read
   */
  LibTorchBackend() throws IOException {
    Loader.load(torch.class);
    this.version = Loader.getVersion("org.bytedeco", "pytorch");
    this.inference = new InferenceMode(true);
  }

  @Override
  public String describe() {
    return "LibTorch "
        + version
        + " (OPENBLAS_NUM_THREADS="
        + System.getenv("OPENBLAS_NUM_THREADS")
        + ")";
  }

  @Override
  public List<TimedTask> tasks(Workload workload, Inputs inputs, int threads) {
    return workload.kind() == WorkloadKind.COMPILE
        ? List.of()
        : List.of(new LibTorchAttention(workload, inputs, threads));
  }

  @Override
  public void close() {
    inference.close();
  }
}
