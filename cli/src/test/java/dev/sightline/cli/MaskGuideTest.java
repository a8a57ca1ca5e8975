package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What docs/masks.md and docs/walkthrough.md show is what happens, number by number and character
 * by character: unlike the other documents, which {@link DocsTest} compares with their numbers left
 * out, they depend on no machine.
 */
class MaskGuideTest {
  private static final Path ROOT = Path.of("..");
  private static final String PROMPT = "$ ./sightline ";
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static List<String> blocks(String document, String kind) throws IOException {
    String guide = Files.readString(ROOT.resolve("docs").resolve(document));
    Matcher matcher = Pattern.compile("```" + kind + "\\n(.*?)```", Pattern.DOTALL).matcher(guide);
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  @ParameterizedTest
  @CsvSource({"masks.md, 21", "walkthrough.md, 1"})
  void consoleBlocks_printWhatTheyShow(String document, int least) throws IOException {
    int commands = 0;
    for (String block : blocks(document, "console")) {
      for (String example : block.split("(?m)^(?=\\$ )", -1)) {
        if (example.isEmpty()) {
          continue;
        }
        String command = example.lines().findFirst().orElseThrow();
        assertThat(command).startsWith(PROMPT);
        Ran ran = Ran.run(words(command.substring(PROMPT.length())));
        assertThat(command + "\n" + ran.out() + ran.err()).isEqualTo(example);
        commands++;
      }
    }
    assertThat(commands).isGreaterThanOrEqualTo(least);
  }

  private static String[] words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      String word = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      words.add(word.startsWith("docs/") ? ROOT.resolve(word).toString() : word);
    }
    return words.toArray(String[]::new);
  }

  @Test
  void javaBlocks_standLineByLineInATest() throws IOException {
    Path test = ROOT.resolve("mask/src/test/java/dev/sightline/mask/GuideTest.java");
    // The formatter may break a line in two, and put a comment above it.
    String code = Files.readString(test).replaceAll("\\s+", "");
    for (String block : blocks("masks.md", "java")) {
      for (String line : block.lines().toList()) {
        String statement = line.contains("; //") ? line.substring(0, line.indexOf(" //")) : line;
        assertThat(code).contains(statement.replaceAll("\\s+", ""));
      }
    }
  }

  /** The commands of the guide that draw, and the pictures that it shows. */
  @Test
  void pictures_areWhatTheirCommandsDraw(@TempDir Path folder) throws IOException {
    int pictures = 0;
    for (String line : Files.readAllLines(ROOT.resolve("docs/masks.md"))) {
      if (line.startsWith("./sightline ") && line.endsWith(".svg")) {
        String[] words = words(line.substring("./sightline ".length()));
        String name = words[words.length - 1];
        words[words.length - 1] = folder.resolve(name).toString();
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(line + ran.err()).isLessThan(2);
        assertThat(Files.readString(folder.resolve(name)))
            .as(name)
            .isEqualTo(Files.readString(ROOT.resolve("docs/masks").resolve(name)));
        pictures++;
      }
    }
    assertThat(pictures).isEqualTo(6);
  }

  @Test
  void theFileItShows_isTheFileThatStandsBesideIt() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/masks.md")))
        .contains("```\n" + Files.readString(ROOT.resolve("docs/policy.mask")) + "```");
  }
}
