package dev.sightline.maven.worker;

import dev.sightline.audit.Audit;
import dev.sightline.audit.SampleSource;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.repair.Repair;
import dev.sightline.repair.RepairResult;
import dev.sightline.repair.RepairText;
import dev.sightline.report.AuditReport;
import dev.sightline.report.FailOn;
import dev.sightline.report.text.AuditAnswer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Does what a goal asks: audits or repairs a model, writes reports, and prints the answer. Exit
 * code 0 if all is well, 3 if a check failed, 2 if nothing could be asked.
 */
public final class Main {
  private static final int FINE = 0;
  private static final int FAILED = 3;
  private static final int CANNOT_RUN = 2;

  private static final int LARGEST_BASELINE = 1 << 20;

  /** A repair audits each of them twice. */
  private static final int MOST_SAMPLES = 32;

  private final Properties request;
  private final PrintStream out;

  private Main(Properties request, PrintStream out) {
    this.request = request;
    this.out = out;
  }

  /**
   * Runs a request.
   *
   * @param args the file of the request
   * @throws IOException if it cannot be read
   */
  public static void main(String[] args) throws IOException {
    Properties request = new Properties();
    try (InputStream in = Files.newInputStream(Path.of(args[0]))) {
      request.load(in);
    }
    int code;
    try (PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
      code = run(request, out);
    }
    System.exit(code); // the runtime's threads would go on
  }

  static int run(Properties request, PrintStream out) {
    return new Main(request, out).run();
  }

  private int run() {
    try {
      if (required("goal").equals("audit")) {
        FailOn.parse(required("failOn")); // before minutes of work
        baseline(request.getProperty("baseline"));
      }
      return open();
    } catch (FileSystemException e) {
      // Its message is a name, and a reason if there is one.
      out.println("cannot read or write " + e.getMessage());
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      out.println(e.getMessage());
    }
    return CANNOT_RUN;
  }

  private int open() throws IOException {
    try (LoadedModel loaded =
        LoadedModel.open(
            Path.of(required("model")),
            Optional.ofNullable(request.getProperty("tokenizer")).map(Path::of))) {
      Files.createDirectories(Path.of(required("output")));
      writeFiles(loaded);
      return required("goal").equals("repair") ? repair(loaded) : audit(loaded);
    }
  }

  private String required(String key) {
    String value = request.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("the request has no '" + key + "'");
    }
    return value;
  }

  /** For the cache of results. */
  private void writeFiles(LoadedModel loaded) throws IOException {
    Path file = Path.of(required("files"));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(
        file,
        loaded.model().files().stream()
            .map(each -> each.toAbsolutePath().normalize().toString())
            .toList());
  }

  private SampleSource samples(LoadedModel loaded) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; request.getProperty("text." + i) != null; i++) {
      texts.add(request.getProperty("text." + i));
    }
    String data = request.getProperty("data");
    if (!texts.isEmpty() && data != null) {
      throw new IllegalArgumentException("give one of texts and data");
    }
    if (data != null) {
      return SampleSource.file(loaded, Path.of(data), note -> {});
    }
    RandomTokens tokens = new RandomTokens(loaded.model(), loaded.padId(), Audit.DEFAULT_SEED);
    return texts.isEmpty()
        ? SampleSource.builtIn(loaded, tokens, note -> {})
        : SampleSource.texts(loaded, texts, note -> {});
  }

  private int audit(LoadedModel loaded) throws IOException {
    Set<FailOn> failOn = FailOn.parse(required("failOn"));
    Set<String> accepted = baseline(request.getProperty("baseline"));
    Audit audit = Audit.of(loaded);
    String expect = request.getProperty("expect");
    if (expect != null) {
      audit = audit.expect(Expectation.read(expect));
    }
    AuditResult result;
    try (SampleSource samples = samples(loaded)) {
      result = samples.over(audit).run();
    }
    report(result, Path.of(required("output")));
    AuditAnswer.text("", result).lines().forEach(out::println);
    if (!FailOn.isFailure(failOn, result)) {
      return FINE;
    }
    List<String> findings =
        FailOn.findings(failOn, result).stream().map(Main::line).distinct().toList();
    List<String> others = findings.stream().filter(line -> !accepted.contains(line)).toList();
    if (!findings.isEmpty() && others.isEmpty()) {
      out.println("accepted by the baseline: " + String.join("; ", findings));
      return FINE;
    }
    out.println("lines of a baseline that accepts this:");
    others.forEach(line -> out.println("  " + line));
    return FAILED;
  }

  private static Set<String> baseline(@Nullable String file) throws IOException {
    Set<String> accepted = new TreeSet<>();
    if (file == null) {
      return accepted;
    }
    if (!Files.isRegularFile(Path.of(file))) {
      throw new IOException(
          "there is no baseline '"
              + file
              + "'; expected a file with a line for each accepted finding");
    }
    if (Files.size(Path.of(file)) > LARGEST_BASELINE) {
      throw new IOException(
          "'"
              + file
              + "' has "
              + Files.size(Path.of(file))
              + " bytes; a baseline has at most "
              + LARGEST_BASELINE);
    }
    try {
      Files.readString(Path.of(file))
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(accepted::add);
    } catch (CharacterCodingException e) {
      throw new IOException("'" + file + "' is no text in UTF-8", e);
    }
    return accepted;
  }

  /** As in {@code padding.content input_ids: FAIL}. */
  private static String line(Finding finding) {
    return (finding.probe().id() + " " + finding.stream()).strip()
        + ": "
        + finding.verdict().outcome();
  }

  private static void report(AuditResult result, Path folder) throws IOException {
    String version = Main.class.getPackage().getImplementationVersion();
    AuditReport report = AuditReport.of(result, "", version == null ? "" : version);
    report.writeTo(folder);
    report.writeJunit(folder.resolve("TEST-sightline.xml"));
  }

  private int repair(LoadedModel loaded) throws IOException {
    Repair repair = Repair.of(loaded.model()).padId(loaded.padId());
    String mask = request.getProperty("mask");
    if (mask != null) {
      repair = repair.mask(Expectation.read(mask));
    }
    Path repaired = Path.of(required("repaired"));
    Path parent = repaired.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    RepairResult result;
    try (SampleSource source = samples(loaded)) {
      List<Sample> samples = new ArrayList<>();
      Iterator<Sample> each = source.samples().iterator();
      while (each.hasNext() && samples.size() < MOST_SAMPLES) {
        samples.add(each.next());
      }
      Tokenizer tokenizer = loaded.tokenizer();
      result =
          repair
              .samples(samples)
              .audit(audit ->
                  (tokenizer == null ? audit : audit.tokenizer(tokenizer)).origin(source.origin()))
              .writeTo(repaired);
    }
    RepairText.lines(result).forEach(out::println);
    report(result.before(), Path.of(required("output")).resolve("before"));
    AuditResult after = result.after();
    if (after != null) {
      report(after, Path.of(required("output")).resolve("after"));
    }
    return switch (result.outcome()) {
      case REPAIRED, WAS_RIGHT -> FINE;
      case NOT_PROVED, NO_CURE -> FAILED;
    };
  }
}
