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

/**
 * What docs/masks.md shows is what happens, number by number and character by character: unlike the
 * other documents, which {@link DocsTest} compares with their numbers left out, it depends on no
 * machine.
 */
class MaskGuideTest {
  private static final Path ROOT = Path.of("..");
  private static final String PROMPT = "$ ./sightline ";
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static List<String> blocks(String kind) throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/masks.md"));
    Matcher matcher = Pattern.compile("```" + kind + "\\n(.*?)```", Pattern.DOTALL).matcher(guide);
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  @Test
  void consoleBlocks_printWhatTheyShow() throws IOException {
    int commands = 0;
    for (String block : blocks("console")) {
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
    assertThat(commands).isGreaterThan(20);
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
    for (String block : blocks("java")) {
      for (String line : block.lines().toList()) {
        String statement = line.contains("; //") ? line.substring(0, line.indexOf(" //")) : line;
        assertThat(code).contains(statement.replaceAll("\\s+", ""));
      }
    }
  }

  @Test
  void theFileItShows_isTheFileThatStandsBesideIt() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/masks.md")))
        .contains("```\n" + Files.readString(ROOT.resolve("docs/policy.mask")) + "```");
  }
}
