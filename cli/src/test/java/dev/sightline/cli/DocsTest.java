package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs what the documentation shows: in a {@code console} block, each line {@code $ ./sightline
 * ...} must print the lines below it. Numbers may differ, since machines and clocks do; words may
 * not.
 */
class DocsTest {
  private static final String PROMPT = "$ ./sightline ";

  @TempDir Path folder;

  /** A command of a document and what the document says it prints. */
  private record Example(String document, int line, String command, List<String> printed) {}

  @TestFactory
  Stream<DynamicTest> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    Path root = Path.of("..");
    examples.addAll(examplesOf(root.resolve("README.md")));
    try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
      for (Path document : docs.filter(DocsTest::isForHere).sorted().toList()) {
        examples.addAll(examplesOf(document));
      }
    }
    assertThat(examples).hasSizeGreaterThan(2);
    return examples.stream()
        .map(example ->
            DynamicTest.dynamicTest(
                example.document + ":" + example.line + " " + example.command, () -> run(example)));
  }

  /** {@link MaskGuideTest} holds these to the letter, numbers and all. */
  private static boolean isForHere(Path document) {
    return document.toString().endsWith(".md")
        && !document.endsWith("masks.md")
        && !document.endsWith("walkthrough.md");
  }

  @ParameterizedTest
  @CsvSource({
    "README.md, ",
    "docs/java.md, LibraryExampleTest",
    "docs/attention.md, AttentionExamplesTest",
    "docs/heads.md, HeadsExampleTest",
    "docs/mask-of.md, MaskOfCommandTest",
    "docs/repair.md, RepairCommandTest"
  })
  void javaAndXml_standInATestOrAnExample(String document, @Nullable String testClass)
      throws IOException {
    String text = Files.readString(Path.of("..").resolve(document));
    List<String> sources = new ArrayList<>();
    if (testClass != null) {
      sources.add(oneLine(Path.of("src/test/java/dev/sightline/cli/" + testClass + ".java")));
    }
    Path examples = Path.of("../examples");
    sources.add(oneLine(examples.resolve("pom.xml")));
    try (Stream<Path> files = Files.walk(examples.resolve("src"))) {
      for (Path source : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        sources.add(oneLine(source));
      }
    }
    Matcher blocks = Pattern.compile("```(?:java|xml)\n(.*?)\n```", Pattern.DOTALL).matcher(text);

    assertThat(blocks.find()).isTrue();
    do {
      // The brace that ends a block need not follow it in the test, where assertions do.
      String block = blocks.group(1).replaceAll("\n}$", "").strip().replaceAll("\\s+", " ");
      assertThat(sources).as(block).anyMatch(source -> source.contains(block));
    } while (blocks.find());
  }

  private static String oneLine(Path file) throws IOException {
    return Files.readString(file).replaceAll("\\s+", " ");
  }

  private void run(Example example) {
    String[] words = example.command.split(" (?=([^\"]*\"[^\"]*\")*[^\"]*$)");
    String[] arguments =
        Arrays.stream(words)
            .map(this::placed)
            .map(word -> word.replaceAll("^\"|\"$", ""))
            .toArray(String[]::new);

    Ran ran = Ran.run(arguments);

    String printed = (ran.out() + ran.err()).replace(folder + "/", "").replace("../docs/", "docs/");
    // A number of another width may move a word of a sentence into the next line.
    assertThat(String.join(" ", comparable(printed.lines().toList())))
        .isEqualTo(String.join(" ", comparable(example.printed)));
  }

  /** What a reader has in a checkout, or what an example before this one has written. */
  private String placed(String word) {
    boolean written = word.matches("audit-report|heads-[a-z]+|[a-z]+\\.(npy|onnx)");
    return written
        ? folder.resolve(word).toString()
        : word.matches("(docs|cli)/.*") ? "../" + word : word;
  }

  /** May run over several lines, and breaks them elsewhere for another token. */
  private static final Pattern WORST =
      Pattern.compile("(?s)worst\\s+at token .{1,400}?embedding:\\s+\\S+\\s+\\(text\\s+\\d+\\)");

  /**
   * Without what depends on the machine: numbers, the spaces that columns put around them, the
   * token that an int8 kernel moved most, and which models are here. Without empty lines.
   */
  private static List<String> comparable(List<String> lines) {
    return WORST
        .matcher(String.join("\n", lines))
        .replaceAll("worst")
        .lines()
        .map(line -> line.replaceAll(" (fetched|no) ", " here? "))
        .map(line -> line.replaceAll("\\d[\\d,.]*(e[+-]?\\d+)?", "#"))
        .map(line -> line.replaceAll("\\s+", " ").strip())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static List<Example> examplesOf(Path document) throws IOException {
    List<Example> examples = new ArrayList<>();
    List<String> lines = Files.readAllLines(document);
    boolean console = false;
    List<String> printed = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("```")) {
        console = line.equals("```console");
        printed = new ArrayList<>();
      } else if (console && line.startsWith("$ ")) {
        printed = new ArrayList<>();
        if (line.startsWith(PROMPT)) {
          examples.add(
              new Example(
                  document.getFileName().toString(),
                  i + 1,
                  line.substring(PROMPT.length()),
                  printed));
        }
      } else if (console) {
        printed.add(line);
      }
    }
    return examples;
  }
}
