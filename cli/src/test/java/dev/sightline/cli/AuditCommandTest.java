package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a user types, and what comes back. */
class AuditCommandTest {
  @TempDir Path folder;

  @Test
  void audit_withoutArguments_auditsTheEmbeddedModel() {
    Ran ran = Ran.run("audit", "-v");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .startsWith("ROUNDING  minilm-int8: ")
        .contains("minilm-int8, 23 MB, dynamically quantised")
        .contains("6 attention layers; attention_mask is added to the scores in all 6")
        .contains("ROUNDING        pad-content")
        .containsPattern("PASS +padding-mass +0 +0 ");
  }

  @Test
  void answer_isTenLinesOfAHundredColumns() {
    Ran ran = Ran.run("audit");

    assertThat(ran.out().lines()).hasSizeLessThanOrEqualTo(11).allMatch(l -> l.length() <= 100);
    assertThat(ran.out())
        .startsWith("ROUNDING  minilm-int8: ")
        .containsPattern("\ncause   .*rounds each tensor to 8 bits")
        .containsPattern("\neffect  lowest cosine, alone against batched: 0\\.9")
        .containsPattern("\nfix     run texts alone")
        .containsPattern("\n  ~ padding +content, side, length, batch +max diff 0\\.\\d+ +limit ")
        .containsPattern("\n  \\d+ checks pass, .* \\(-v\\) \\| 6 .*texts, 123 tokens");
  }

  @Test
  void quiet_printsTheVerdictAlone() {
    Ran ran = Ran.run("audit", "-q", "--text", "a", "--text", "b c d");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out().lines()).hasSize(1);
    assertThat(ran.out()).startsWith("ROUNDING  minilm-int8: ");
  }

  @Test
  void verboseAndQuiet_excludeEachOther() {
    Ran ran = Ran.run("audit", "-v", "-q");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo("sightline: give one of -v and -q\n");
  }

  @Test
  void failOn_isTheDialOfTheExitCode() {
    String[] words = {"audit", "-q", "--text", "a", "--text", "b c d", "--fail-on", ""};
    words[words.length - 1] = "fail,rounding";
    assertThat(Ran.run(words).exitCode()).isEqualTo(1);
    words[words.length - 1] = "pad-side";
    assertThat(Ran.run(words).exitCode()).isEqualTo(1);
    words[words.length - 1] = "inconclusive";
    assertThat(Ran.run(words).exitCode()).isZero();

    words[words.length - 1] = "fail,warning";
    Ran ran = Ran.run(words);
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            "sightline: 'warning' is nothing to fail on; expected some of"
                + " fail,inconclusive,rounding,pad-side\n");
  }

  @Test
  void aFail_givesExitCode1_whateverElseIsFailedOn() {
    assertThat(policy("--expect", "docs/examples/pi05.mask", "--fail-on", "rounding").exitCode())
        .isEqualTo(1);
  }

  @Test
  void tinyGpt_isACausalModel_oneWordAway() {
    Ran ran =
        Ran.run(
            "audit", "tiny-gpt", "-v", "--text", "In the beginning God created", "--text", "Go");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("tiny-gpt, 4 MB", "4 attention layers", "PASS            causality");
  }

  @Test
  void unknownModel_isQuotedBesideTheOnesThereAre() {
    Ran ran = Ran.run("audit", "minilmm");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .isEqualTo(
            "sightline: 'minilmm' is neither a model of the catalog (minilm-int8, tiny-gpt, minilm,"
                + " bge-small, bge-small-int8, e5-small, e5-small-int8) nor a .onnx file, a folder"
                + " with one or a .jar with one\n");
  }

  @Test
  void optionsOfSpark_thatMakeNoSense_areRefused() {
    assertThat(Ran.run("audit", "tiny-gpt", "--spark", "x").err())
        .isEqualTo(
            "sightline: 'x' is no master of Spark; expected local[*], local[2] or"
                + " spark://HOST:7077\n");
    assertThat(Ran.run("audit", "tiny-gpt", "--shards", "2").err())
        .isEqualTo("sightline: --shards is 1 or more, and goes with --spark\n");
    Ran ran = Ran.run("audit", "tiny-gpt", "--spark", "local[2]");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("--spark needs the jar of the module spark");
  }

  @Test
  void onnxFile_withItsTokenizerBesideIt_worksLikeTheCatalog() throws IOException {
    copy("/all-minilm-l6-v2-q.onnx", folder.resolve("mine.onnx"));
    copy("/all-minilm-l6-v2-q-tokenizer.json", folder.resolve("tokenizer.json"));

    Ran ran =
        Ran.run("audit", folder.resolve("mine.onnx").toString(), "--text", "a", "--text", "b c d");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("mine.onnx").contains("2 texts, 8 tokens");
  }

  @Test
  void onnxFile_withoutTokenizer_isAuditedWithRandomIds() throws IOException {
    copy("/all-minilm-l6-v2-q.onnx", folder.resolve("mine.onnx"));

    Ran ran = Ran.run("audit", folder.resolve("mine.onnx").toString(), "-v");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("8 of", "ROUNDING        pad-content", "random sample 1");
  }

  @Test
  void textWithoutTokenizer_saysWhatIsMissing() throws IOException {
    copy("/all-minilm-l6-v2-q.onnx", folder.resolve("mine.onnx"));

    Ran ran = Ran.run("audit", folder.resolve("mine.onnx").toString(), "--text", "a");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("there is no tokenizer.json beside", "--tokenizer");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void ids_areTakenAsTheyAre() {
    Ran ran = Ran.run("audit", "-v", "--ids", "101 7592 102", "--ids", "101,2129,2024,2017,102");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("2 of 3 to 5 tokens, 8 tokens in all").contains("'#");
  }

  @Test
  void idThatIsNoNumber_isQuoted() {
    Ran ran = Ran.run("audit", "--ids", "101 x 102");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo("sightline: 'x' of --ids is not a whole number\n");
  }

  @Test
  void idRange_hasTwoEnds() {
    Ran ran = Ran.run("audit", "--id-range", "5");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo("sightline: '5' is not a range of ids; expected LOW:HIGH, such as 5:30000\n");
  }

  @Test
  void poolingThatIsNone_isQuoted() {
    Ran ran = Ran.run("audit", "--pooling", "middle");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            "sightline: 'middle' is no pooling; expected mean, cls, first, last, max or"
                + " weighted-mean\n");
  }

  @Test
  void declaredMask_isProvedOrRefutedCellByCell() {
    Ran ran = policy("--expect", "docs/examples/pi05.mask");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out())
        .contains("FAIL")
        .contains("attention is not the declared mask")
        .contains(
            "expect  action attends to subtask, in attentions 0, 1 and 2: 480 of 6,792 forbidden");
  }

  @Test
  void expectationThatIsNoMask_isQuoted() {
    Ran ran = policy("--expect", "0: causl");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("causl");
  }

  @Test
  void ab_saysWhatTheMaskIsWorth() {
    Ran ran = policy("--ab", "mask", "--json");

    assertThat(ran.exitCode()).isZero();
    JsonNode trial = JsonMapper.shared().readTree(ran.out()).path("trial");
    assertThat(trial.path("rows").size()).isEqualTo(4);
    assertThat(trial.at("/difference/value").asDouble()).isGreaterThan(0.1);
  }

  @Test
  void ab_knowsMasksAlone() {
    Ran ran = Ran.run("audit", "--ab", "tokens");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo("sightline: 'tokens' cannot be compared; expected --ab mask\n");
  }

  @Test
  void inputsOfAnotherModel_areQuoted() {
    Ran ran = Ran.run("audit", "--inputs", root("docs/examples/pi05.feed.npz"));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("pi05.feed.npz", "prefix_embeddings", "input_ids");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void filesForCi_sayWhatFailed() throws IOException {
    Path junit = folder.resolve("audit.xml");
    Path sarif = folder.resolve("new/audit.sarif");
    Path markdown = folder.resolve("audit.md");
    Path script = Files.writeString(folder.resolve("export.py"), "export()\n");

    Ran ran =
        policy(
            "--expect",
            "docs/examples/pi05.mask",
            "--junit",
            junit.toString(),
            "--sarif",
            sarif.toString(),
            "--source",
            script + ":12",
            "--markdown",
            markdown.toString());

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(Files.readString(junit)).contains("<testsuite", "failures=\"2\"");
    assertThat(Files.readString(sarif))
        .contains("\"ruleId\" : \"declared\"", "/export.py\"", "\"startLine\" : 12");
    assertThat(Files.readString(markdown)).startsWith("### FAIL  ").contains("| declared-inside |");
  }

  @Test
  void source_needsSarif_andAFile() throws IOException {
    assertThat(Ran.run("audit", "--source", root("pom.xml")).err())
        .isEqualTo("sightline: --source says where SARIF points; give --sarif FILE too\n");
    assertThat(Ran.run("audit", "--sarif", "x", "--source", "no.py:3").err())
        .isEqualTo("sightline: 'no.py' of --source is not a file; expected FILE or FILE:LINE\n");
    Path withColon = Files.writeString(folder.resolve("a:7"), "");
    assertThat(SourceLine.of(withColon.toString(), "m")).isEqualTo(new SourceLine(withColon, 1));
    assertThat(SourceLine.of(null, "minilm-int8")).isEqualTo(new SourceLine(null, 1));
    assertThat(SourceLine.of(null, withColon.toString())).isEqualTo(new SourceLine(withColon, 1));
  }

  /** A robot policy whose action tokens see the subtask, which they must not. */
  private static Ran policy(String... options) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "audit",
                root("docs/examples/pi05-flow-sees-subtask.onnx"),
                "--inputs",
                root("docs/examples/pi05.feed.npz"),
                "--segments",
                "image=6,language=5,subtask=4,action=5"));
    for (String option : options) {
      words.add(option.startsWith("docs/") ? root(option) : option);
    }
    return Ran.run(words.toArray(String[]::new));
  }

  /** A file of the project; tests run in the folder of their module. */
  private static String root(String file) {
    return Path.of("..").resolve(file).toString();
  }

  @Test
  void fileThatIsNoModel_isRefusedInOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.onnx"), "GIF89a");
    Files.writeString(folder.resolve("tokenizer.json"), "{}");

    Ran ran = Ran.run("audit", file.toString());

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).startsWith("sightline: '" + file + "' is not an ONNX model");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void textAndData_excludeEachOther() {
    Ran ran = Ran.run("audit", "--text", "a", "--data", "b");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo("sightline: give one of --text, --data, --ids and --inputs\n");
  }

  @Test
  void emptyText_leavesNothingToAudit() {
    Ran ran = Ran.run("audit", "--text", "");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("there is no text to audit with");
  }

  @Test
  void dataWithoutAUsableRow_saysWhyNoneIsLeft() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"text\":\n{\"text\": 5}\n");
    Ran ran = Ran.run("audit", "--data", bad.toString());

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err().lines())
        .singleElement()
        .asString()
        .contains("line 1 of '" + bad + "' was passed over: it is not JSON", "line 2 of");

    Path empty = Files.writeString(folder.resolve("empty.csv"), "text\n");
    assertThat(Ran.run("audit", "--data", empty.toString()).err())
        .endsWith("expected at least one; there are no rows of '" + empty + "'\n");
  }

  @Test
  void badRows_areNamedAndPassedOver() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("a.jsonl"),
            """
            {"text": "one"}
            {"txt": "two"}
            {"text": "three and four"}
            """);

    Ran ran = Ran.run("audit", "--data", data.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("| 2 texts, ")
        .containsPattern("note +line 2 of '.*a\\.jsonl' was passed over");
  }

  @Test
  void idRange_isAlsoThatOfStreamsThatInputsDoNotHave() throws IOException {
    String header =
        "{\"attention_mask\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[0,16]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    bytes.putLong(1).putLong(1);
    Path file = Files.write(folder.resolve("mask.safetensors"), bytes.array());

    Ran ran = Ran.run("audit", "--inputs", file.toString(), "--id-range", "40000:40010");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("sample 1 has the token id 4000", "knows ids from 0 to 30521");
  }

  @Test
  void data_areTextsOrIdsOfEveryFormatThatHeadsReads() throws IOException {
    Path csv = Files.writeString(folder.resolve("a.csv"), "id,text\na,one\nb,\"two, three\"\n");
    Path tsv = Files.writeString(folder.resolve("a.tsv"), "text\tid\none\ta\ntwo three\tb\n");
    Path ids =
        Files.writeString(
            folder.resolve("ids.jsonl"),
            """
            {"input_ids": [101, 2023, 2003, 102], "attention_mask": [1, 1, 1, 1]}
            {"input_ids": [0, 101, 2023, 102], "attention_mask": [0, 1, 1, 1]}
            """);
    Path parquet = Path.of("../data/src/test/resources/data/texts.parquet");

    for (Path file : List.of(csv, tsv, ids, parquet)) {
      Ran ran = Ran.run("audit", "--data", file.toString());

      assertThat(ran.err()).as(file.toString()).isEmpty();
      assertThat(ran.exitCode()).as(file.toString()).isZero();
      assertThat(ran.out()).containsPattern("[2-9] texts, ");
    }
  }

  @Test
  void longText_isCutAtWhatTheModelTakes() {
    Ran ran = Ran.run("audit", "-v", "--text", "short", "--text", "word ".repeat(600));

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("2 of 3 to 512 tokens");
    assertThat(ran.out().replaceAll("\\s+", " "))
        .contains("text 2 has 602 tokens; the model takes 512, so the rest was cut off");
  }

  @Test
  void controlCharactersOfATextDoNotReachTheTerminal() {
    Ran ran =
        Ran.run("audit", "-v", "--text", "\u001b[2Jgone\u202e", "--text", "a rather longer text");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).doesNotContain("\u001b").doesNotContain("\u202e");
  }

  @Test
  void json_goesToStandardOutput_andTheTableToStandardError() {
    Ran ran = Ran.run("audit", "--json", "--text", "it's", "--text", "two words");

    assertThat(ran.exitCode()).isZero();
    JsonNode json = JsonMapper.shared().readTree(ran.out());
    assertThat(json.path("schema").asString()).isEqualTo("sightline.audit");
    assertThat(json.path("conclusion").path("outcome").asString()).isEqualTo("ROUNDING");
    assertThat(json.path("command").asString())
        .isEqualTo("sightline audit minilm-int8 --text 'it'\\''s' --text 'two words' --seed 42");
    assertThat(ran.err()).startsWith("ROUNDING  minilm-int8: ");
  }

  @Test
  void out_holdsTheReportTwice() throws IOException {
    Path reports = folder.resolve("a/b");

    Ran ran = Ran.run("audit", "--out", reports.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).endsWith("  report: " + reports.resolve("report.html") + "\n");
    assertThat(Files.readString(reports.resolve("report.html")))
        .startsWith("<!DOCTYPE html>")
        .doesNotContain("http://", "https://");
    assertThat(
            JsonMapper.shared().readTree(reports.resolve("report.json").toFile()).path("version"))
        .hasToString("3");
  }

  @Test
  void misspeltOption_isQuotedWithTheRepair() {
    Ran ran = Ran.run("audit", "--texxt", "a");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("Unknown option: '--texxt'", "--text");
  }

  @Test
  void outThatIsAFile_isRefusedBeforeTheWork() throws IOException {
    Path file = Files.writeString(folder.resolve("taken"), "");

    Ran ran = Ran.run("audit", "--out", file.toString());

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo("sightline: '" + file + "' cannot be made a folder for the report\n");
  }

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(AuditCommandTest.class.getResourceAsStream(resource))) {
      Files.copy(in, to);
    }
  }
}
