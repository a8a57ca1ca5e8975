package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.AuditResult;
import dev.sightline.audit.TextSource;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.TextFile;
import dev.sightline.report.AuditReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
  /** Of clearly different lengths, so that all but one need padding when they share a batch. */
  private static final List<String> BUILT_IN_TEXTS =
      List.of(
          "Hello.",
          "Where is the nearest station?",
          "The cat sat on the mat and watched the rain.",
          "A mask says which token may look at which; when it is wrong, nothing crashes.",
          "She opened the letter slowly, read it twice, folded it along its old creases, and put it"
              + " back into the drawer without a word.",
          "Batches are rectangles and texts are not, so every text shorter than the longest one is"
              + " filled up with padding that no real token is ever supposed to see, however many"
              + " layers and heads the model has.");

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      defaultValue = "minilm-int8",
      description =
          "A model of the catalog (see 'sightline models') or a .onnx file with its tokenizer.json"
              + " beside it. Default: ${DEFAULT-VALUE}, which needs no download.")
  private String model;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "A text to audit with; may be given several times.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "A file of texts: one a line, or JSON objects with a \"text\" (.jsonl).")
  private @Nullable Path data;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer.json of a .onnx file, if it is not beside it.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write report.html and report.json there.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the result as JSON, the table on standard error.")
  private boolean json;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Audit.DEFAULT_SEED,
      description = "Seed of the random tokens put into padding. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  AuditCommand() {}

  @Override
  public Integer call() throws IOException {
    if (data != null && !texts.isEmpty()) {
      throw new IllegalArgumentException("give either --text or --data, not both");
    }
    if (out != null) {
      createFolder(out); // before the work, not after it
    }
    AuditResult result;
    try (LoadedModel loaded = new ModelSource().load(model, tokenizer);
        Progress progress = Progress.texts("auditing")) {
      long total = data == null ? givenTexts().size() : -1;
      result =
          run(
              new Audit(
                  loaded.model(), loaded.tokenizer(), seed, done -> progress.of(done, total)));
    }
    print(result);
    return exitCode(result);
  }

  private static void createFolder(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException("'" + folder + "' cannot be made a folder for the report", e);
    }
  }

  private List<String> givenTexts() {
    return texts.isEmpty() ? BUILT_IN_TEXTS : texts;
  }

  private AuditResult run(Audit audit) throws IOException {
    if (data == null) {
      Iterator<String> given = givenTexts().iterator();
      return audit.run(() -> given.hasNext() ? given.next() : null);
    }
    try (TextFile file = TextFile.open(data)) {
      return audit.run(textsOf(file, data, audit));
    }
  }

  private static TextSource textsOf(TextFile file, Path name, Audit audit) {
    return () -> {
      while (true) {
        switch (file.next()) {
          case null -> {
            return null;
          }
          case TextFile.Row.Text row -> {
            return row.text();
          }
          case TextFile.Row.Bad row ->
              audit.note(
                  "line " + row.line() + " of '" + name + "' was passed over: " + row.reason());
        }
      }
    };
  }

  private void print(AuditResult result) throws IOException {
    PrintWriter people = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    new AuditTable(people, spec.commandLine().getColorScheme()).print(result);
    AuditReport report = AuditReport.of(result, repeatingCommand());
    if (json) {
      PrintWriter programs = spec.commandLine().getOut();
      programs.println(report.json());
      programs.flush();
    }
    if (out != null) {
      people.println();
      people.println("The report is " + report.writeTo(out));
      people.flush();
    }
  }

  /** What was typed, without what only says where results go, and with the seed. */
  private String repeatingCommand() {
    List<String> words = new ArrayList<>(List.of("sightline", "audit", model));
    texts.forEach(text -> words.addAll(List.of("--text", text)));
    if (data != null) {
      words.addAll(List.of("--data", data.toString()));
    }
    if (tokenizer != null) {
      words.addAll(List.of("--tokenizer", tokenizer.toString()));
    }
    words.addAll(List.of("--seed", Long.toString(seed)));
    return words.stream().map(AuditCommand::quoted).collect(Collectors.joining(" "));
  }

  /** For a POSIX shell. */
  private static String quoted(String word) {
    return word.matches("[\\w./:=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static int exitCode(AuditResult result) {
    return switch (result.conclusion().outcome()) {
      case PASS, NUMERIC, VACUOUS -> Sightline.FINE;
      case FAIL -> Sightline.CHECK_FAILED;
      case NO_DATA -> Sightline.CANNOT_RUN;
    };
  }
}
