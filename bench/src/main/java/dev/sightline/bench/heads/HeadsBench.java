package dev.sightline.bench.heads;

import com.sun.management.OperatingSystemMXBean;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Padding;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.heads.HeadRun;
import dev.sightline.heads.internal.run.BatchSize;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.HeadSample;
import dev.sightline.heads.internal.run.SampleChunk;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.CatalogModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code sightline bench heads}: the cost of head statistics beside plain inference, and what
 * batches of similar lengths save. It measures the batches that a run makes.
 */
@Command(
    name = "heads",
    description = {
      "Measure head statistics beside plain inference of the same batches, in turns.",
      "Samples are random ids of mixed lengths. Run it on a quiet machine."
    },
    mixinStandardHelpOptions = true)
public final class HeadsBench implements Callable<Integer> {
  private static final int LONGEST = 128;
  private static final int NAIVE_ROWS = 32;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "MODEL",
      description = "Embedded models of the catalog or .onnx files. Default: ${DEFAULT-VALUE}.",
      defaultValue = "tiny-gpt minilm-int8 minilm",
      split = " ")
  private List<String> models;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "512",
      description = "How many samples. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each is run; medians are shown. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  public HeadsBench() {}

  @Override
  public Integer call() throws IOException {
    if (samples < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "--samples and --rounds must be at least 1, but are " + samples + " and " + rounds);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("ONNX Runtime " + ModelSession.runtimeVersion() + ", all metrics but the costly");
    out.printf(
        Locale.ROOT,
        "%-14s %7s %7s %9s %9s %9s %9s %9s %9s %9s%n",
        "model",
        "samples",
        "tokens",
        "plain/s",
        "kept/s",
        "heads/s",
        "of plain",
        "of kept",
        "by CPU",
        "fixed x");
    for (String model : models) {
      measure(load(model), out);
    }
    out.println(
        "plain: the model alone, same batches; kept: with the runtime's memory kept between");
    out.println(
        "batches, as a run of heads keeps it; by CPU: as of kept, but processor time, which a");
    out.println(
        "busy machine changes less; fixed x: samples a second of a run of heads over those of");
    out.printf(
        Locale.ROOT,
        "batches of %d in the order of the file, %d positions wide%n",
        NAIVE_ROWS,
        LONGEST);
    out.flush();
    return 0;
  }

  private static Model load(String name) throws ModelException {
    Optional<CatalogModel> listed = Catalog.load().find(name);
    return listed.isPresent()
        ? listed.get().load(new Embedded()).model()
        : Model.open(Path.of(name));
  }

  /** Only the models on the class path. */
  private static final class Embedded implements ArtifactSource {
    @Override
    public Optional<Path> cached(String groupId, String artifactId, String version) {
      return Optional.empty();
    }

    @Override
    public Path fetch(String groupId, String artifactId, String version) throws ModelException {
      throw new ModelException(artifactId + " is not on the class path of the bench");
    }
  }

  private void measure(Model model, PrintWriter out) throws IOException {
    Path file = Files.createTempFile("sightline-bench", ".jsonl");
    try {
      TokenStream stream = model.roles().streams().getFirst();
      long tokens = write(file, model.vocabulary(stream).orElse(1000));
      List<SampleChunk> chunks = chunks(model, file);
      Batch trial = batch(model, chunks.getFirst().samples().subList(0, 4));
      try (ModelSession plain = model.session();
          ModelSession kept = model.sessionKeepingMemory();
          HeadMeter meter = HeadMeter.open(model, HeadMetric.STANDARD, List.of(trial))) {
        List<String> output = smallest(model, plain, trial);
        List<List<HeadSample>> buckets = buckets(stream, chunks);
        List<List<HeadSample>> naive = naive(chunks);
        double[][] seconds = new double[4][rounds];
        double[][] cpu = new double[4][rounds];
        for (int round = -1; round < rounds; round++) { // one to warm up
          List<Took> took =
              List.of(
                  timed(() -> run(model, plain, output, buckets)),
                  timed(() -> run(model, kept, output, buckets)),
                  timed(() -> heads(model, meter, buckets, 0)),
                  timed(() -> heads(model, meter, naive, LONGEST)));
          for (int kind = 0; kind < took.size() && round >= 0; kind++) {
            seconds[kind][round] = took.get(kind).seconds();
            cpu[kind][round] = took.get(kind).cpuSeconds();
          }
        }
        out.printf(
            Locale.ROOT,
            "%-14s %7d %7d %9.0f %9.0f %9.0f %9.2f %9.2f %9.2f %9.2f%n",
            Path.of(model.name()).getFileName(),
            samples,
            tokens,
            samples / median(seconds[0]),
            samples / median(seconds[1]),
            samples / median(seconds[2]),
            ratio(seconds[0], seconds[2]),
            ratio(seconds[1], seconds[2]),
            ratio(cpu[1], cpu[2]),
            ratio(seconds[3], seconds[2]));
        out.flush();
      }
    } finally {
      Files.delete(file);
    }
  }

  /** Writes samples with lengths as texts have them: half below 20 tokens, a few of the maximum. */
  private long write(Path file, int vocabulary) throws IOException {
    Random random = new Random(7);
    long tokens = 0;
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      int length = (int) Math.clamp(Math.exp(3 + 0.8 * random.nextGaussian()), 3, LONGEST);
      long[] ids = random.longs(length, 1, vocabulary).toArray();
      long[] ones = new long[length];
      Arrays.fill(ones, 1);
      lines.add(
          "{\"input_ids\":"
              + Arrays.toString(ids)
              + ",\"attention_mask\":"
              + Arrays.toString(ones)
              + "}");
      tokens += length;
    }
    Files.write(file, lines);
    return tokens;
  }

  private static List<SampleChunk> chunks(Model model, Path file) throws IOException {
    List<SampleChunk> chunks = new ArrayList<>();
    try (SampleReader reader =
        new SampleReader(
            DataFile.open(file, DataFormat.JSONL),
            model,
            null,
            TokenAggregation.MEAN,
            OptionalInt.empty(),
            Shard.WHOLE)) {
      for (SampleChunk chunk = SampleChunk.read(reader, true);
          !chunk.isEmpty();
          chunk = SampleChunk.read(reader, true)) {
        chunks.add(chunk);
      }
    }
    return chunks;
  }

  private static List<List<HeadSample>> buckets(TokenStream stream, List<SampleChunk> chunks) {
    List<List<HeadSample>> buckets = new ArrayList<>();
    for (SampleChunk chunk : chunks) {
      chunk
          .batches(stream, BatchSize.DEFAULT)
          .forEach(indices -> buckets.add(indices.stream().map(chunk.samples()::get).toList()));
    }
    return buckets;
  }

  private static List<List<HeadSample>> naive(List<SampleChunk> chunks) {
    List<HeadSample> all = chunks.stream().flatMap(w -> w.samples().stream()).toList();
    List<List<HeadSample>> naive = new ArrayList<>();
    for (int from = 0; from < all.size(); from += NAIVE_ROWS) {
      naive.add(all.subList(from, Math.min(all.size(), from + NAIVE_ROWS)));
    }
    return naive;
  }

  private static Batch batch(Model model, List<HeadSample> samples) {
    return Batch.of(model.roles(), samples.stream().map(HeadSample::sample).toList(), 0);
  }

  /** The smallest output, so that plain inference does not pay for copying logits. */
  private static List<String> smallest(Model model, ModelSession session, Batch trial)
      throws ModelException {
    List<String> names = model.outputs().stream().map(output -> output.name()).toList();
    Map<String, FloatTensor> run = session.run(trial.feed(), names);
    return List.of(
        run.entrySet().stream()
            .min(Comparator.comparingInt(each -> each.getValue().data().length))
            .orElseThrow()
            .getKey());
  }

  private record Took(double seconds, double cpuSeconds) {}

  /** What is timed. */
  @FunctionalInterface
  private interface Work {
    void run() throws ModelException;
  }

  private static Took timed(Work work) throws ModelException {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    work.run();
    return new Took((System.nanoTime() - start) / 1e9, (system.getProcessCpuTime() - cpu) / 1e9);
  }

  private static void run(
      Model model, ModelSession session, List<String> output, List<List<HeadSample>> batches)
      throws ModelException {
    for (List<HeadSample> batch : batches) {
      session.run(batch(model, batch).feed(), output);
    }
  }

  private static void heads(Model model, HeadMeter meter, List<List<HeadSample>> batches, int width)
      throws ModelException {
    HeadStatistics statistics =
        new HeadStatistics(
            new Provenance(
                "bench",
                "0".repeat(64),
                "bench",
                TokenAggregation.MEAN,
                LONGEST,
                meter.metrics(),
                meter.headsPerLayer(),
                HeadRun.DEFAULT_SEED),
            Shard.WHOLE,
            "bench");
    List<SampleValues> values = new ArrayList<>();
    for (List<HeadSample> samples : batches) {
      Batch batch = batch(model, samples);
      values.addAll(
          meter.measure(width == 0 ? batch : batch.withPadding(0, Padding.RIGHT, width), samples));
    }
    statistics.addAll(values);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** The median of the rounds' ratios: slow seconds of the machine change both times alike. */
  private static double ratio(double[] seconds, double[] other) {
    double[] ratios = new double[seconds.length];
    Arrays.setAll(ratios, i -> seconds[i] / other[i]);
    return median(ratios);
  }
}
