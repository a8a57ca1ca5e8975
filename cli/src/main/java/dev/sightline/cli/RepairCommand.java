package dev.sightline.cli;

import dev.sightline.audit.SampleSource;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.repair.Repair;
import dev.sightline.repair.RepairResult;
import dev.sightline.repair.RepairText;
import dev.sightline.report.RepairReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline repair}: the right mask in the model, and the proof of it. */
@Command(
    name = "repair",
    description = {
      "Put the right mask into a model, and prove it.",
      "Without --mask it repairs what the audit finds. The new model is written only if without"
          + " padding its outputs are those of the old one, and if its audit fails nothing."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RepairCommand implements Callable<Integer> {
  /** A repair audits its samples twice or more; the kinds of padding matter, not their number. */
  private static final int MOST_SAMPLES = 16;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A .onnx file, a folder with one, or a model of the catalog.")
  private String model;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "FILE",
      description = "The new model; not a file of the old one.")
  private Path file;

  @Option(
      names = "--mask",
      paramLabel = "MASK",
      description =
          "Put in this mask: an expression ('sightline mask' knows them), one for each attention"
              + " ('0,2: A; 1,3: B'), or a file with either.")
  private @Nullable String mask;

  @Option(
      names = "--only",
      paramLabel = "LAYERS",
      split = ",",
      description = "Repair these attentions alone, counted from 0, such as 2,5.")
  private List<Integer> only = new ArrayList<>();

  @Option(
      names = "--add-input",
      paramLabel = "NAME",
      description =
          "Give a model that takes no mask an input for one, int64 with 1 at real tokens, such as"
              + " attention_mask.")
  private @Nullable String addInput;

  @Option(
      names = "--positions",
      paramLabel = "SOURCE",
      description =
          "from-mask: number tokens by cumsum(mask) - 1 where the model takes the numbers of their"
              + " slots, so that padding may be on the left.")
  private @Nullable String positions;

  @Option(
      names = "--pooling",
      paramLabel = "WAY",
      description =
          "Let the model pool real tokens alone: mean, cls, last, max or weighted-mean, in the"
              + " place of its own pooling, else as a new output of length 1.")
  private @Nullable String pooling;

  @Option(
      names = "--fill",
      paramLabel = "VALUE",
      description =
          "The score of a forbidden key, below 0. Default: the lowest number of the scores' type.")
  private @Nullable Double fill;

  @Option(
      names = "--force",
      description =
          "Write the new model even if the proof does not hold; exit code 1 all the same.")
  private boolean force;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write repair.html and repair.json there, and the report pages of both audits.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the result as JSON, the words on standard error.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Name the nodes that were added, removed and rewired.")
  private boolean verbose;

  @Mixin private AuditSamples samples;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  RepairCommand() {}

  @Override
  public Integer call() throws IOException {
    samples.check();
    Expectation expectation = mask == null ? null : Expectation.read(mask);
    if (positions != null && !positions.equals("from-mask")) {
      throw new IllegalArgumentException(
          "'" + positions + "' is no source of positions; expected --positions from-mask");
    }
    Optional<Pooling> way = Optional.ofNullable(pooling).map(Pooling::parse);
    OutputFiles.requireNoInput(
        inputs(), file, out == null ? null : out.resolve(RepairReport.JSON_FILE));
    if (out != null) {
      OutputFolder.create(out); // before the work, not after it
    }
    RepairResult result;
    try (Watchdog _ = limits.watch();
        LoadedModel loaded =
            new ModelSource().load(model, samples.tokenizer(), samples.polarity());
        Progress progress = Progress.texts("repairing")) {
      AuditSamples.Options options = samples.options(loaded, way);
      List<Sample> chosen = new ArrayList<>();
      try (SampleSource open = samples.open(loaded, options, note -> {})) {
        Iterator<Sample> each = open.samples().iterator();
        while (each.hasNext() && chosen.size() < MOST_SAMPLES) {
          chosen.add(each.next());
        }
        result =
            repair(loaded, expectation, way)
                .padId(options.padId())
                .samples(chosen)
                .audit(audit ->
                    options
                        .of(audit)
                        .origin(open.origin())
                        .onProgress(done -> progress.of(done, chosen.size())))
                .writeTo(file);
      }
    }
    print(result);
    return switch (result.outcome()) {
      case REPAIRED, WAS_RIGHT -> Sightline.FINE;
      case NOT_PROVED, NO_CURE -> Sightline.CHECK_FAILED;
    };
  }

  /** Of a folder the model alone: the new one may go beside it. */
  private List<Path> inputs() throws IOException {
    boolean isFolder = Files.isDirectory(Path.of(model));
    return samples.files(isFolder ? Path.of(model, "model.onnx").toString() : model, mask);
  }

  private Repair repair(
      LoadedModel loaded, @Nullable Expectation expectation, Optional<Pooling> way) {
    Repair repair = Repair.of(loaded.model()).only(Set.copyOf(only));
    if (expectation != null) {
      repair = repair.mask(expectation);
    }
    if (addInput != null) {
      repair = repair.addInput(addInput);
    }
    if (fill != null) {
      repair = repair.fill(fill);
    }
    if (positions != null) {
      repair = repair.positionsFromMask();
    }
    if (way.isPresent()) {
      repair = repair.pooling(way.get());
    }
    return force ? repair.force() : repair;
  }

  private void print(RepairResult result) throws IOException {
    PrintWriter people = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    RepairText.lines(result).forEach(people::println);
    if (verbose) {
      RepairText.nodes(result).forEach(people::println);
    }
    RepairReport report = RepairReport.of(result, command(), Sightline.version());
    if (json) {
      spec.commandLine().getOut().println(report.json());
      spec.commandLine().getOut().flush();
    }
    if (out != null) {
      people.println("  report    " + report.writeTo(out));
    }
    people.flush();
  }

  /** What was typed, without what only says where results go, and with the seed. */
  private String command() {
    String layers = only.stream().map(String::valueOf).collect(Collectors.joining(","));
    return new CommandWords("sightline", "repair", model)
        .addAll(samples.words())
        .add("--mask", mask)
        .add("--only", only.isEmpty() ? null : layers)
        .add("--add-input", addInput)
        .add("--positions", positions)
        .add("--pooling", pooling)
        .add("--fill", fill)
        .addAll(force ? List.of("--force") : List.of())
        .add("--seed", samples.seed())
        .add("-o", file)
        .line();
  }
}
