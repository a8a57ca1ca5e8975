package dev.sightline.cli;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.TileObserver;
import dev.sightline.attention.Workers;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Npy;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline attend}: attention over tensors in files. */
@Command(
    name = "attend",
    description = {
      "Compute softmax(scale * Q K^T + bias, masked) V over .npy, .npz or safetensors files.",
      "Tensors are [batch, heads, tokens, head size]; [heads, tokens, head size] and [tokens, head"
          + " size] are accepted too. FILE:NAME is one tensor of an archive."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class AttendCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--q",
      required = true,
      paramLabel = "FILE",
      description = "Queries, [B, Hq, Lq, D].")
  private String queries;

  @Option(
      names = "--k",
      required = true,
      paramLabel = "FILE",
      description = "Keys, [B, Hk, Lk, D].")
  private String keys;

  @Option(
      names = "--v",
      required = true,
      paramLabel = "FILE",
      description = "Values, [B, Hk, Lk, Dv].")
  private String values;

  @Option(
      names = "--mask",
      paramLabel = "EXPR|FILE",
      description =
          "A mask expression or a file that holds one; or a tensor whose axes are the last of [B,"
              + " Hq, Lq, Lk]: booleans (true = may attend), or numbers to add.")
  private @Nullable String mask;

  @Option(
      names = "--bias",
      paramLabel = "FILE",
      description = "Numbers to add to the scores. Minus infinity forbids the pair.")
  private @Nullable String bias;

  @Option(
      names = "--scale",
      paramLabel = "X",
      description = "Scale of the scores Q K^T. Default: 1 / sqrt(D).")
  private @Nullable Float scale;

  @Option(
      names = "--softcap",
      paramLabel = "X",
      description = "Bound scores to +-X by tanh, before bias and mask.")
  private @Nullable Float softcap;

  @Option(
      names = "--alibi",
      paramLabel = "SLOPE",
      split = ",",
      description = "ALiBi slopes, one for each query head.")
  private float @Nullable [] alibi;

  @Option(
      names = "--sinks",
      paramLabel = "LOGIT",
      split = ",",
      description = "Sink logits, one for each query head.")
  private float @Nullable [] sinks;

  @Mixin private KernelOptions kernel;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Write the output, [B, Hq, Lq, Dv], to this .npy file of float32.")
  private Path out;

  @Option(
      names = "--lse",
      paramLabel = "FILE",
      description = "Write the log-sum-exp of each query, [B, Hq, Lq], to this .npy file.")
  private @Nullable Path logSumExp;

  @Option(
      names = "--probabilities",
      paramLabel = "FILE",
      description = "Write all attention probabilities, [B, Hq, Lq, Lk], to this .npy file.")
  private @Nullable Path probabilities;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  AttendCommand() {}

  @Override
  public Integer call() throws IOException {
    checkOutputs();
    String kernelName = kernel.provider().description();
    AttendTensor q = AttendTensor.read(queries);
    AttendTensor k = AttendTensor.read(keys);
    AttendTensor v = AttendTensor.read(values);
    AttentionShape shape = shape(q, k, v);
    MaskShape pairs = shape.maskShape();
    AttendMask given = AttendMask.of(mask, bias, pairs);
    BoundMask bound = given.tensor().mask().over(pairs);

    float[] output = new float[q.like(q.batch(), q.heads(), q.tokens(), v.headSize()).size()];
    AttentionCall call = AttentionCall.of(q.tensor(), k.tensor(), v.tensor(), output);
    FloatTensor numbers = given.tensor().bias();
    call = numbers == null ? call : call.withBias(numbers);
    Shape rows = q.like(q.batch(), q.heads(), q.tokens());
    float[] sums = logSumExp == null ? null : new float[rows.size()];
    call = sums == null ? call : call.withLogSumExp(sums);
    Shape matrixShape =
        probabilities == null ? null : q.like(q.batch(), q.heads(), q.tokens(), k.tokens());
    float[] matrix = matrixShape == null ? null : new float[matrixShape.size()];
    call = matrix == null ? call : call.withProbabilities(into(matrix, shape));

    double milliseconds;
    int threads;
    try (Workers workers = kernel.workers();
        AttentionPlan plan = attention(given.tensor().mask(), workers).plan(shape)) {
      threads = workers.threads();
      long started = System.nanoTime();
      plan.run(call);
      milliseconds = (System.nanoTime() - started) / 1e6;
    }
    PrintWriter people = spec.commandLine().getOut();
    people.println(shape);
    people.println(given.describe(bound));
    if (q.isHalf() || k.isHalf() || v.isHalf()) {
      people.println("16-bit floats are read as they are stored, computed and written as float32");
    }
    people.println(
        String.format(
            Locale.ROOT,
            "kernel %s on %d %s: %.2f ms, the first run",
            kernelName,
            threads,
            threads == 1 ? "thread" : "threads",
            milliseconds));
    people.flush();
    write(out, q.like(q.batch(), q.heads(), q.tokens(), v.headSize()), output);
    if (logSumExp != null && sums != null) {
      write(logSumExp, rows, sums);
    }
    if (probabilities != null && matrixShape != null && matrix != null) {
      write(probabilities, matrixShape, matrix);
    }
    return Sightline.FINE;
  }

  /** Checks the output paths before the computation, which may take long. */
  private void checkOutputs() throws IOException {
    List<Path> inputs = new ArrayList<>(OutputFiles.existing(queries, keys, values, mask, bias));
    for (String tensor : new String[] {queries, keys, values}) {
      inputs.add(TensorArgument.parse(tensor).file());
    }
    OutputFiles.requireNoInput(inputs, out, logSumExp, probabilities);
    Set<Path> seen = new HashSet<>();
    for (Path file : new Path[] {out, logSumExp, probabilities}) {
      if (file == null) {
        continue;
      }
      Path parent = file.toAbsolutePath().getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new IOException("cannot write " + file + ": its folder does not exist");
      }
      if (Files.isDirectory(file)) {
        throw new IOException("cannot write " + file + ": it is a folder");
      }
      if (!seen.add(file.toAbsolutePath().normalize())) {
        throw new IllegalArgumentException("two outputs would go to " + file);
      }
    }
  }

  private static AttentionShape shape(AttendTensor q, AttendTensor k, AttendTensor v) {
    k.mustHave("batch", k.batch(), q, q.batch());
    v.mustHave("batch", v.batch(), q, q.batch());
    k.mustHave("head size", k.headSize(), q, q.headSize());
    v.mustHave("heads", v.heads(), k, k.heads());
    v.mustHave("length", v.tokens(), k, k.tokens());
    if (k.heads() > 0 && q.heads() % k.heads() != 0) {
      throw new IllegalArgumentException(
          "the query heads must be a multiple of the key heads, but "
              + q
              + " has "
              + q.heads()
              + " and "
              + k
              + " has "
              + k.heads());
    }
    return new AttentionShape(
        q.batch(), q.heads(), k.heads(), q.tokens(), k.tokens(), q.headSize(), v.headSize());
  }

  private Attention attention(Mask pairs, Workers workers) {
    Attention attention = kernel.under(pairs, workers);
    attention = scale == null ? attention : attention.scale(scale);
    attention = softcap == null ? attention : attention.softcap(softcap);
    attention = alibi == null ? attention : attention.alibi(finite("--alibi", alibi));
    return sinks == null ? attention : attention.sinks(finite("--sinks", sinks));
  }

  private static float[] finite(String option, float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new IllegalArgumentException(option + " holds " + number + "; expected numbers");
      }
    }
    return numbers;
  }

  /** Collects the probabilities. The kernel skips tiles that are masked; their pairs stay 0. */
  private static TileObserver into(float[] matrix, AttentionShape shape) {
    return (batch, head, firstQuery, rows, firstKey, columns, tile) -> {
      int first = (batch * shape.queryHeads() + head) * shape.queries() + firstQuery;
      for (int row = 0; row < rows; row++) {
        int at = (first + row) * shape.keys() + firstKey;
        System.arraycopy(tile, row * columns, matrix, at, columns);
      }
    };
  }

  private void write(Path file, Shape shape, float[] values) throws IOException {
    MaskOutput.binary(spec, file, "npy", to -> Npy.write(to, shape, values));
  }
}
