package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.AutoComplete;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is beside the jars says the same as they do. */
class DistributionTest {
  private static final Path ROOT = Files.exists(Path.of("sightline")) ? Path.of("") : Path.of("..");

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  private static String group(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  @Test
  void bothLaunchers_startTheSameClass_withTheSameOptions() throws IOException {
    String unix = read("sightline");
    String windows = read("sightline.cmd");

    assertThat(windows).contains("dev.sightline.cli.Sightline %*").contains("exit /b %ERRORLEVEL%");
    assertThat(unix).contains("main=" + Sightline.class.getName() + "\n");
    assertThat(group(windows, "\"SIGHTLINE_OPTIONS=(-[^\"%]*)\""))
        .isEqualTo(group(unix, "\noptions=\\(([^)]*)\\)"));
    assertThat(windows).contains("set \"ORT_DISABLE_TELEMETRY=1\"");
    assertThat(unix).contains("export ORT_DISABLE_TELEMETRY=1");
  }

  @Test
  void bothLaunchers_giveTheVectorsToTheSameCommands() throws IOException {
    String windows = group(read("sightline.cmd"), "for %%C in \\(([^)]*)\\)");
    String unix = group(read("sightline"), "\n  (cli-[a-z |-]*)\\) ;; # Java has a cache");

    assertThat(unix.replace("cli-", "").split(" \\| ")).containsExactly(windows.split(" "));
  }

  /** The command processor of Windows finds no label and no block's end in lines of Unix. */
  @Test
  void theWindowsLauncher_hasNoLabels_andBalancedBlocks() throws IOException {
    List<String> lines = read("sightline.cmd").lines().toList();

    assertThat(lines).noneMatch(line -> line.startsWith(":") || line.contains("goto "));
    assertThat(lines.stream().filter(line -> line.endsWith(" (")).count())
        .isEqualTo(lines.stream().filter(line -> line.equals(")")).count());
    // Within a block a bracket ends it, wherever it stands.
    assertThat(lines)
        .filteredOn(line -> line.startsWith("  echo "))
        .isNotEmpty()
        .noneMatch(line -> line.contains(")") || line.contains("("))
        .as("a path may contain brackets, as Program Files (x86) does")
        .noneMatch(line -> line.replaceAll("\"[^\"]*\"", "").contains("%"));
    assertThat(read(".gitattributes")).contains("*.cmd text eol=crlf");
  }

  @Test
  void theCatalogOfJbang_hasTheVersionOfTheBuild_andItsOptions() throws IOException {
    JsonNode alias =
        JsonMapper.shared().readTree(read("jbang-catalog.json")).at("/aliases/sightline");

    assertThat(alias.get("script-ref").asString())
        .isEqualTo(
            "dev.sightline:sightline-cli:" + group(read("pom.xml"), "<version>([^<]+)</version>"));
    assertThat(alias.get("runtime-options").valueStream().map(JsonNode::asString))
        .containsExactly(group(read("sightline"), "\noptions=\\(([^)]*)\\)").split(" "));
  }

  @Test
  void completion_knowsEveryCommand() {
    assertThat(AutoComplete.bash("sightline", Sightline.commandLine()))
        .contains("_picocli_sightline_audit()", "_picocli_sightline_mask_show()", "--markdown");
  }
}
