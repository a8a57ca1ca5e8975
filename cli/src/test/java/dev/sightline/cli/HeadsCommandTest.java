package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.heads.HeadRun;
import dev.sightline.heads.internal.run.Checkpoint;
import dev.sightline.heads.internal.run.Fingerprint;
import dev.sightline.heads.statistics.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadsCommandTest {
  @TempDir private Path folder;

  private Path texts(String name, String... more) throws IOException {
    List<String> lines =
        new java.util.ArrayList<>(
            List.of(
                "In the beginning God created the heaven and the earth.",
                "Blessed are the poor",
                "And the LORD said unto Moses, Speak unto the children of Israel.",
                "Go."));
    lines.addAll(List.of(more));
    return Files.write(folder.resolve(name), lines);
  }

  private Ran heads(String... more) {
    String[] args = new String[more.length + 2];
    args[0] = "heads";
    args[1] = "tiny-gpt";
    System.arraycopy(more, 0, args, 2, more.length);
    return Ran.run(args);
  }

  @Test
  void run_printsWhatStandsOut_andWritesItsFiles() throws IOException {
    Path out = folder.resolve("out");
    Ran ran = heads("--data", texts("a.txt").toString(), "--at", "last", "-o", out.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("tiny-gpt, 4 layers, 16 heads, over " + folder.resolve("a.txt"))
        .contains("4 samples of 41 tokens, the last real token of each; means of samples")
        .containsPattern("entropy +nats +\\d\\.\\d+ +L\\d H\\d")
        .containsPattern("padding +share +0 +L\\d H\\d +0 +0 +L\\d H\\d")
        .endsWith("The report is " + out.resolve("heads.html") + System.lineSeparator());
    try (var files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("heads.json", "heads.csv", "heads.html");
    }
    Ran again =
        heads(
            "--data",
            folder.resolve("a.txt").toString(),
            "--at",
            "last",
            "-o",
            out.toString(),
            "--resume");
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).contains("of a run that was finished: nothing to resume");
    assertThat(Files.readAllLines(out.resolve("heads.csv")))
        .hasSize(1 + 16 * dev.sightline.heads.metric.HeadMetric.STANDARD.size());
    assertThat(Files.readString(out.resolve("heads.html"))).contains("tiny-gpt");
  }

  @Test
  void shards_mergeInAnyOrder_andDiffSeesNoneToItself() throws IOException {
    String data = texts("a.txt", "The earth was without form", "Let there be light").toString();
    for (int k = 1; k <= 2; k++) {
      assertThat(
              heads("--data", data, "--shard", k + "/2", "-o", folder.resolve("s" + k).toString())
                  .exitCode())
          .isZero();
    }
    String one = folder.resolve("s1").toString();
    String two = folder.resolve("s2/heads.json").toString();
    String both = folder.resolve("both").toString();
    Ran merged = Ran.run("heads", "merge", two, one, "-o", both);
    assertThat(merged.exitCode()).isZero();
    assertThat(merged.out()).contains("6 samples of ").doesNotContain("shard");

    Ran twice = Ran.run("heads", "merge", one, one, "-o", both);
    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.err())
        .startsWith("sightline: '" + one + "' cannot be merged with what is before it: both hold");

    Path page = folder.resolve("diff");
    Ran same = Ran.run("heads", "diff", both, both, "-o", page.toString());
    assertThat(same.exitCode()).isZero();
    assertThat(same.out())
        .contains("B less A, paired by sample")
        .containsPattern("entropy +0 +0 +16 +0");
    assertThat(page.resolve("diff.html")).exists();
    assertThat(Files.readAllLines(page.resolve("diff.csv")).get(1)).endsWith(",undecided,");

    String file = folder.resolve("a.txt").toString();
    refused(
        "'" + file + "' cannot be made a folder for the report",
        "heads",
        "diff",
        both,
        both,
        "-o",
        file);
    Ran within = Ran.run("heads", "diff", both, both, "--margin", "entropy=0.1");
    assertThat(within.out()).containsPattern("entropy +0 +16 +0 +0");
  }

  @Test
  void unfinishedRun_isNeitherOverwrittenNorForgotten() throws IOException {
    String data = texts("a.txt").toString();
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("heads.checkpoint"), "something");

    Ran fresh = heads("--data", data, "-o", out.toString());
    assertThat(fresh.exitCode()).isEqualTo(2);
    assertThat(fresh.err())
        .contains("of a run that was not finished: go on with --resume, or delete it");
    assertThat(out.resolve("heads.checkpoint")).hasContent("something");

    Ran resumed = heads("--data", data, "-o", out.toString(), "--resume");
    assertThat(resumed.exitCode()).isEqualTo(2);
    assertThat(resumed.err()).contains("heads.checkpoint' is no checkpoint: ");
    try (var files = Files.list(out)) {
      assertThat(files).hasSize(1);
    }
  }

  /** Neither a finished run nor a killed one is taken for a run of something else. */
  @Test
  void resume_refusesAnotherRun_byName() throws IOException {
    String data = texts("a.txt").toString();
    String other = texts("b.txt", "And one more.").toString();
    String out = folder.resolve("out").toString();
    String seed = "the seeds differ: '" + HeadRun.DEFAULT_SEED + "' and '5'";
    assertThat(heads("--data", data, "-o", out).exitCode()).isZero();
    assertThat(heads("--data", data, "-o", out, "--resume").out()).contains("nothing to resume");
    String finished = "sightline: '" + Path.of(out, "heads.json") + "' is of another run: ";
    refusesOthers(finished, seed, data, other, out);

    // As a run that was killed leaves it: the old results, and a checkpoint.
    Path checkpoint = Path.of(out, "heads.checkpoint");
    new Checkpoint(Fingerprint.of(Path.of(data)), Shard.WHOLE, 4, HeadsFolder.read(Path.of(out)))
        .write(checkpoint);
    String unfinished = "sightline: '" + checkpoint + "' is of another run: ";
    refusesOthers(unfinished, seed, data, other, out);
    assertThat(heads("--data", data, "-o", out).err()).contains("of a run that was not finished");
    assertThat(heads("--data", data, "-o", out, "--resume").exitCode()).isZero();
    assertThat(checkpoint).doesNotExist();
  }

  private void refusesOthers(String start, String seed, String data, String other, String out) {
    for (List<String> wrong :
        List.of(
            List.of("the data files differ: ", "--data", other),
            List.of(seed, "--data", data, "--seed", "5"),
            List.of("the aggregations differ: 'mean' and 'last'", "--data", data, "--at", "last"),
            List.of("the ids of padding differ: ", "--data", data, "--pad-id", "7"),
            List.of("the shards differ: ", "--data", data, "--shard", "1/2"),
            List.of("the metrics differ: ", "--data", data, "--metrics", "entropy"),
            List.of("the rules for unusable rows differ: ", "--data", data, "--strict"))) {
      List<String> args = new java.util.ArrayList<>(wrong.subList(1, wrong.size()));
      args.addAll(List.of("-o", out, "--resume"));
      Ran ran = heads(args.toArray(String[]::new));
      assertThat(ran.err()).as("%s", args).startsWith(start + wrong.getFirst()).hasLineCount(1);
      assertThat(ran.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void emptyCheckpoint_isWrittenFirst_andReplacedWithoutAQuestion() throws IOException {
    Path data = texts("a.txt");
    Path out = folder.resolve("out");
    Path checkpoint = out.resolve("heads.checkpoint");
    Files.writeString(data, "{}\n{\"text\":\"Go.\"}\n");
    Ran stopped =
        heads("--data", data.toString(), "-o", out.toString(), "--format", "jsonl", "--strict");
    assertThat(stopped.exitCode()).isEqualTo(2);
    assertThat(Files.readString(checkpoint)).contains("\"rows\":0,").contains("\"inputs\"");

    Files.writeString(data, "Go.\n");
    assertThat(heads("--data", data.toString(), "-o", out.toString()).exitCode()).isZero();
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void misuse_isOneLine() throws IOException {
    String data = texts("a.txt").toString();
    refused("expected a model and its data", "heads", "tiny-gpt");
    refused("there is no data file 'gone.jsonl'", "heads", "tiny-gpt", "--data", "gone.jsonl");
    refused(
        "'first' is not last, mean or span", "heads", "tiny-gpt", "--data", data, "--at", "first");
    refused("there is no metric 'x'", "heads", "tiny-gpt", "--data", data, "--metrics", "self,x");
    refused("shard '9' is not like 2/8", "heads", "tiny-gpt", "--data", data, "--shard", "9");
    refused("shard 3/2 is not one of", "heads", "tiny-gpt", "--data", data, "--shard", "3/2");
    refused("'xml' is not lines, jsonl", "heads", "tiny-gpt", "--data", data, "--format", "xml");
    refused(
        "cannot be fed 9999 tokens; expected 1 to 256",
        "heads",
        "tiny-gpt",
        "--data",
        data,
        "--max-tokens",
        "9999");
    refused("--resume needs --out", "heads", "tiny-gpt", "--data", data, "--resume");
    refused("there is no 'gone.json'", "heads", "merge", "gone.json", "-o", "x");
    refused("is not JSON", "heads", "merge", data, "-o", folder.resolve("x").toString());
  }

  private static void refused(String message, String... args) {
    Ran ran = Ran.run(args);
    assertThat(ran.exitCode()).as("%s", List.of(args)).isEqualTo(2);
    assertThat(ran.err()).startsWith("sightline: ").contains(message).hasLineCount(1);
  }
}
