package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The launcher prints these texts without building anything. */
class BenchHelpTest {
  @Test
  void helpTexts_areThoseOfTheCommands() throws IOException {
    CommandLine bench = new CommandLine(new Bench());
    Map<String, CommandLine> commands = new LinkedHashMap<>(bench.getSubcommands());
    commands.put("bench", bench);
    for (var entry : commands.entrySet()) {
      Path text = Path.of("help", entry.getKey() + ".txt");
      String usage = entry.getValue().getUsageMessage(Ansi.OFF);
      if (System.getProperty("write.help") != null) {
        Files.writeString(text, usage);
      }
      assertThat(text)
          .as("written anew by: mvn -pl bench -am test -Dtest=BenchHelpTest -Dwrite.help")
          .exists()
          .content()
          .isEqualToNormalizingNewlines(usage);
    }
  }
}
