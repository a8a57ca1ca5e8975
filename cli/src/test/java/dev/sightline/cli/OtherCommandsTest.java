package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Provider;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OtherCommandsTest {
  @Test
  void models_listsTheCatalog_withTheDefaultEmbedded() {
    Ran ran = Ran.run("models");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .containsPattern("minilm-int8 +16 MB +Apache-2.0 +embedded")
        .containsPattern("tiny-gpt +4 MB +Apache-2.0 +embedded")
        .containsPattern("bge-small +78 MB +MIT")
        .contains("e5-small-int8");
  }

  @Test
  void modelsFetch_ofTheEmbeddedModel_checksIt() {
    Ran ran = Ran.run("models", "fetch", "minilm-int8");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .startsWith("minilm-int8 is here and intact: 6 attentions, SHA-256 afdb6f1a");
  }

  @Test
  void modelsFetch_ofTheProjectsOwnModel_findsItUnaltered() {
    Ran ran = Ran.run("models", "fetch", "tiny-gpt");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).startsWith("tiny-gpt is here and intact: 4 attentions, SHA-256 c60fa257");
  }

  @Test
  void modelsFetch_ofAnUnknownModel_quotesIt() {
    Ran ran = Ran.run("models", "fetch", "bert");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains("'bert' is neither a model of the catalog (minilm-int8", "nor a .onnx file");
  }

  @Test
  void doctor_findsEverythingHere() {
    Ran ran = Ran.run("doctor");

    assertThat(ran.out().lines()).hasSize(6).allMatch(line -> line.startsWith("ok "));
    assertThat(ran.out()).containsPattern("kernel +(vector|the slow scalar one).*, because ");
    assertThat(ran.out()).contains("ONNX Runtime", "minilm-int8 loads, tokenizes and runs");
    assertThat(ran.exitCode()).isZero();
  }

  @Test
  void noCommand_namesTheOnesThereAre() {
    Ran ran = Ran.run();

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains(
            "a command is missing",
            "audit, repair, heads, mask, attend, walkthrough, lab, serve, conformance, models, doctor");
  }

  @Test
  void doctor_saysWhatToAdd_withoutVectors() {
    String flag = "--add-modules jdk.incubator.vector";
    assertThat(DoctorCommand.kernel(Provider.SCALAR, "start java with " + flag))
        .startsWith("the slow scalar one, not the vectors, because ")
        .contains(flag);
    assertThat(DoctorCommand.kernel(Provider.VECTOR, "C2 is there"))
        .startsWith("vector, ")
        .endsWith("programs of your own need java " + flag);
  }

  @Test
  void version_isTheBuilds_withItsCommit() {
    assertThat(Ran.run("--version").out())
        .matches(
            "sightline \\d+\\.\\d+\\.\\d+\\S* \\((commit [0-9a-f]{10}|built without git)\\)\\n");
    assertThat(Sightline.Version.of("1.2.3", "0123456789"))
        .isEqualTo("sightline 1.2.3 (commit 0123456789)");
    assertThat(Sightline.Version.of("1.2.3", "${git.commit.id.abbrev}"))
        .isEqualTo("sightline 1.2.3 (built without git)");
  }

  @Test
  void help_ofEveryCommand_exitsWithZero() {
    for (String command :
        new String[] {"audit", "mask", "attend", "conformance", "models", "doctor"}) {
      Ran ran = Ran.run(command, "--help");
      assertThat(ran.exitCode()).as(command).isZero();
      assertThat(ran.out()).contains("Usage: sightline " + command);
    }
  }

  /** Only the command that is asked for is made: it must say what it says among all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "help mask",
        "mask --help",
        "mask show --help",
        "--debug mask show causal --q 3",
        "heads --help",
        "heads merge --help",
        "heads model.onnx",
        "heads merge",
        "audit --no-such-option",
        "audti",
        "mask shw causal",
        "mask",
        ""
      })
  void oneCommandAlone_saysWhatItSaysAmongAll(String line) {
    String[] args = line.isEmpty() ? new String[0] : line.split(" ");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine all = Sightline.commandLine();
    all.setOut(new PrintWriter(new TerminalWriter(out, false), true));
    all.setErr(new PrintWriter(new TerminalWriter(err, false), true));
    all.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    int code = Sightline.execute(all, args);

    assertThat(Ran.run(args)).isEqualTo(new Ran(code, out.toString(), err.toString()));
  }

  @Test
  void help_tellsHowToRunTheBench() {
    assertThat(Ran.run("--help").out()).contains("./sightline bench");
  }
}
