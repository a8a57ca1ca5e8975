package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.SampleSource;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.data.Pooling;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.report.AuditReport;
import dev.sightline.report.FailOn;
import dev.sightline.report.text.AuditAnswer;
import dev.sightline.report.text.AuditTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline audit}: does this model obey its attention mask? */
@Command(
    name = "audit",
    description = "Prove that a model obeys its attention mask, or show where it does not.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      defaultValue = "minilm-int8",
      description =
          "A model of the catalog (see 'sightline models') or a .onnx file; with a tokenizer.json"
              + " beside it texts can be given, without one ids are random. Default:"
              + " ${DEFAULT-VALUE}, which needs no download.")
  private String model;

  @Mixin private AuditSamples samples;

  @Option(
      names = "--expect",
      paramLabel = "MASK",
      description =
          "Prove that attention is exactly this mask: an expression ('sightline mask' knows them),"
              + " one for each attention ('0,2: A; 1,3: B'), or a file with either.")
  private @Nullable String expect;

  @Option(
      names = "--segments",
      paramLabel = "NAMES",
      description = "What the tokens are called, such as image=6,language=5,action=5.")
  private @Nullable String segments;

  @Option(
      names = "--pooling",
      paramLabel = "WAY",
      description =
          "How the output for a whole text is made: mean, cls, first, last, max or weighted-mean of"
              + " real tokens. Default: found out.")
  private @Nullable String pooling;

  @Option(
      names = "--ab",
      paramLabel = "WHAT",
      description =
          "Also compare: 'mask' runs the samples under their mask and under one of all ones.")
  private @Nullable String ab;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write report.html and report.json there.")
  private @Nullable Path out;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Write the verdicts there as JUnit XML, for CI.")
  private @Nullable Path junit;

  @Option(
      names = "--sarif",
      paramLabel = "FILE",
      description = "Write the faults there as SARIF 2.1.0, for code scanning.")
  private @Nullable Path sarif;

  @Option(
      names = "--source",
      paramLabel = "FILE[:LINE]",
      description =
          "What makes the model, such as its export script or a pom.xml: SARIF points there."
              + " Default: the model.")
  private @Nullable String source;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the answer there as Markdown, for the summary of a CI job.")
  private @Nullable Path markdown;

  @Option(names = "--json", description = "Print the result as JSON, the table on standard error.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print every probe with its numbers, not the answer alone.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the verdict alone, in one line.")
  private boolean quiet;

  @Option(
      names = "--fail-on",
      paramLabel = "WHAT",
      defaultValue = "fail",
      description =
          "What gives exit code 1: fail, inconclusive, rounding, pad-side, or several with commas."
              + " A FAIL always does. Default: ${DEFAULT-VALUE}.")
  private String failOn;

  @Mixin private SparkOptions spark;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  AuditCommand() {}

  @Override
  public Integer call() throws IOException {
    samples.check();
    if (ab != null && !ab.equals("mask")) {
      throw new IllegalArgumentException("'" + ab + "' cannot be compared; expected --ab mask");
    }
    if (verbose && quiet) {
      throw new IllegalArgumentException("give one of -v and -q");
    }
    SparkRun onSpark = spark.run();
    if (onSpark != null && (ab != null || pooling != null)) {
      throw new IllegalArgumentException("--ab and --pooling do not go with --spark");
    }
    if (onSpark != null) {
      samples.requireData();
    }
    Set<FailOn> failures = FailOn.parse(failOn);
    Expectation expectation = expect == null ? null : Expectation.read(expect);
    Pooling declared = pooling == null ? null : Pooling.parse(pooling);
    Segments names = segments == null ? Segments.none() : Segments.parse(segments);
    List<Path> inputs = samples.files(model, expect);
    SourceLine place = SourceLine.of(source, model);
    OutputFiles.requireNoInput(inputs, junit, sarif, markdown);
    if (source != null && sarif == null) {
      throw new IllegalArgumentException("--source says where SARIF points; give --sarif FILE too");
    }
    if (out != null) {
      OutputFiles.requireNoInput(
          inputs,
          out.resolve(AuditReport.JSON_FILE),
          out.resolve(AuditReport.PAGE_FILE),
          out.resolve(AuditOnSpark.ROWS_FILE));
      OutputFolder.create(out); // before the work, not after it
    }
    if (onSpark != null) {
      Optional<AuditResult> found = audit(onSpark, names, expectation);
      if (found.isEmpty()) {
        return Sightline.CANNOT_RUN; // the other process said why
      }
      print(found.get(), place);
      return exitCode(found.get(), failures);
    }
    AuditResult result;
    Optional<String> stopped;
    try (Watchdog watchdog = limits.watch();
        LoadedModel loaded =
            new ModelSource().load(model, samples.tokenizer(), samples.polarity());
        Progress progress = Progress.texts("auditing")) {
      AuditSamples.Options options = samples.options(loaded, Optional.ofNullable(declared));
      List<String> notes = new ArrayList<>();
      Audit audit = options.of(loaded.model()).segments(names).notes(notes);
      if (expectation != null) {
        audit = audit.expect(expectation);
      }
      try (SampleSource open = samples.open(loaded, options, notes::add)) {
        long total = open.count(Progress.isShown()).orElse(-1);
        TimedSamples timed = new TimedSamples(open.samples(), watchdog::isLate);
        LongConsumer onProgress =
            done -> {
              timed.done(done);
              progress.of(done, total);
            };
        result = open.over(audit).samples(timed).onProgress(onProgress).run();
        stopped = timed.stopped();
      }
      if (ab != null && stopped.isEmpty()) {
        try (SampleSource open = samples.open(loaded, options, note -> {})) {
          result = result.with(audit.samples(open.samples()).compareMasks(result));
        }
      }
    }
    print(result, place);
    if (stopped.isPresent()) {
      throw new IOException(stopped.get());
    }
    return exitCode(result, failures);
  }

  /** Audits with rows that are compared on Spark; returns nothing if that process said why not. */
  private Optional<AuditResult> audit(
      SparkRun onSpark, Segments names, @Nullable Expectation expectation) throws IOException {
    long started = System.nanoTime();
    try (LoadedModel loaded =
        new ModelSource().load(model, samples.tokenizer(), samples.polarity())) {
      AuditSamples.Options options = samples.options(loaded, Optional.empty());
      List<String> notes = new ArrayList<>();
      Audit audit = options.of(loaded.model()).segments(names).notes(notes);
      Audit asked = expectation == null ? audit : audit.expect(expectation);
      return onSpark.run(
          "SparkAudit",
          loaded,
          folder -> {
            List<String> words = new ArrayList<>(samples.sparkWords(options));
            words.addAll(spark.words());
            words.addAll(List.of("--again", folder.toString()));
            words.addAll(List.of("--out", folder.resolve(AuditOnSpark.ROWS_FILE).toString()));
            return words;
          },
          folder -> {
            AuditOnSpark rows = new AuditOnSpark(samples.requireData(), folder);
            AuditResult result = rows.run(loaded, asked, notes, started);
            rows.keepRows(out);
            return result;
          },
          spec.commandLine().getErr());
    }
  }

  private void print(AuditResult result, SourceLine place) throws IOException {
    PrintWriter people = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    printAnswer(people, result);
    AuditReport report = AuditReport.of(result, repeatingCommand(), Sightline.version());
    if (json) {
      PrintWriter programs = spec.commandLine().getOut();
      programs.println(report.json());
      programs.flush();
    }
    if (junit != null) {
      report.writeJunit(junit);
    }
    if (sarif != null) {
      report.writeSarif(sarif, place.file(), place.line());
    }
    if (markdown != null) {
      report.writeMarkdown(markdown);
    }
    if (out != null) {
      Path page = report.writeTo(out);
      if (!quiet) {
        people.println("  report: " + page);
        people.flush();
      }
    }
  }

  private void printAnswer(PrintWriter people, AuditResult result) {
    ColorScheme colors = spec.commandLine().getColorScheme();
    if (quiet) {
      new AuditAnswer(people, colors).printVerdict(result);
    } else if (verbose) {
      new AuditTable(people, colors).print(result);
    } else {
      new AuditAnswer(people, colors).print(result, out == null ? "--out DIR for the report" : "");
    }
  }

  /** What was typed, without what only says where results go, and with the seed. */
  private String repeatingCommand() {
    return new CommandWords("sightline", "audit", model)
        .addAll(samples.words())
        .add("--expect", expect)
        .add("--segments", segments)
        .add("--pooling", pooling)
        .add("--ab", ab)
        .add("--spark", spark.master())
        .add("--seed", samples.seed())
        .line();
  }

  private static int exitCode(AuditResult result, Set<FailOn> failures) {
    if (FailOn.isFailure(failures, result)) {
      return Sightline.CHECK_FAILED;
    }
    return switch (result.conclusion().outcome()) {
      case PASS, ROUNDING, PAD_RIGHT_ONLY, PAD_LEFT_ONLY, BY_DESIGN, INCONCLUSIVE, NOT_APPLICABLE ->
          Sightline.FINE;
      case FAIL -> Sightline.CHECK_FAILED;
      case NO_DATA -> Sightline.CANNOT_RUN;
    };
  }
}
