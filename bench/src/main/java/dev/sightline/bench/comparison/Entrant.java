package dev.sightline.bench.comparison;

import ai.onnxruntime.OrtEnvironment;
import dev.sightline.attention.Provider;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/** What is measured: a library's form of attention, or a probe of the machine. */
enum Entrant {
  SIGHTLINE("sightline"),
  /** The same sizes without a mask, beside every masked workload: the time that the mask saves. */
  SIGHTLINE_DENSE("sightline-dense"),
  /** {@code scaled_dot_product_attention}. */
  LIBTORCH("libtorch"),
  /** {@code MultiHeadAttention} of com.microsoft; a mask is its attention_bias. */
  ORT_MULTI_HEAD("ort-mha"),
  /** The standard's {@code Attention}; a mask is its attn_mask. */
  ORT_ATTENTION("ort-attention"),
  /** {@code GroupQueryAttention} of com.microsoft, which knows windows by their size. */
  ORT_GROUP_QUERY("ort-gqa"),
  /** The peak of fused multiply-adds. */
  FMA("fma"),
  /** The read bandwidth. */
  READ("read");

  private final String title;

  Entrant(String title) {
    this.title = title;
  }

  /** The name in tables and JSON. */
  String title() {
    return title;
  }

  static Entrant named(String title) {
    return Arrays.stream(values()).filter(e -> e.title.equals(title)).findFirst().orElseThrow();
  }

  boolean isPeer() {
    return this == LIBTORCH || isOnnxRuntime();
  }

  boolean isOnnxRuntime() {
    return this == ORT_MULTI_HEAD || this == ORT_ATTENTION || this == ORT_GROUP_QUERY;
  }

  boolean isProbe() {
    return this == FMA || this == READ;
  }

  /** Whether it is measured at a workload. */
  boolean enters(Workload workload) {
    boolean backward = workload.kind().isBackward();
    boolean attention = workload.kind() != WorkloadKind.COMPILE && !backward;
    return switch (this) {
      case SIGHTLINE, FMA -> true;
      case SIGHTLINE_DENSE -> workload.kind() == WorkloadKind.MASKED;
      case LIBTORCH -> attention || backward;
      case ORT_ATTENTION -> attention;
      // It shares no key heads.
      case ORT_MULTI_HEAD -> attention && workload.queryHeads() == workload.keyHeads();
      case ORT_GROUP_QUERY ->
          attention && (workload.form() == Workload.Form.CAUSAL_FLAG || workload.window() > 0);
      case READ -> workload.kind() == WorkloadKind.DECODE;
    };
  }

  /**
   * Opens it; the caller closes it.
   *
   * @throws LinkageError if a library's natives are not there or not for this platform
   * @throws IOException if they cannot be loaded
   */
  TimedTask open(Workload workload, Inputs inputs, int threads) throws IOException {
    return switch (this) {
      case SIGHTLINE ->
          switch (workload.kind()) {
            case COMPILE -> new SightlineMaskCompilation(workload);
            case BACKWARD, FORWARD_AND_BACKWARD ->
                new SightlineGradients(workload, inputs, threads);
            default -> SightlineAttention.of(workload, inputs, threads);
          };
      case SIGHTLINE_DENSE -> SightlineAttention.of(workload.dense(), inputs, threads);
      case LIBTORCH ->
          workload.kind().isBackward()
              ? new LibTorchGradients(workload, inputs, threads)
              : new LibTorchAttention(workload, inputs, threads);
      case ORT_MULTI_HEAD, ORT_ATTENTION, ORT_GROUP_QUERY ->
          OnnxRuntimeAttention.of(this, workload, inputs, threads);
      case FMA -> new FmaProbe(threads);
      case READ -> new ReadProbe(threads);
    };
  }

  /** The libraries and their versions, without loading natives. */
  static List<String> libraries() throws IOException {
    return List.of(
        "Sightline (" + Provider.preferred().description() + ")",
        "LibTorch "
            + Loader.getVersion("org.bytedeco", "pytorch")
            + " (OPENBLAS_NUM_THREADS="
            + System.getenv("OPENBLAS_NUM_THREADS")
            + ")",
        "ONNX Runtime " + OrtEnvironment.class.getPackage().getImplementationVersion());
  }
}
