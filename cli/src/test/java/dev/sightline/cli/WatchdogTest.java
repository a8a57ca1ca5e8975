package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Models of a kilobyte that never end or take all memory, in processes of their own. */
class WatchdogTest {
  /** Of an array and of a window over it: 16e12 additions, which take hours. */
  private static final long WIDTH = 4_000_000;

  @TempDir private Path folder;

  /** A running command and the file of what it prints. */
  private record Run(Process process, Path printed) {
    void endsWith(String message) throws Exception {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(printed).hasContent("sightline: stopped: " + message);
      assertThat(process.exitValue()).isEqualTo(2);
    }
  }

  @Test
  @Timeout(60)
  void nativeCodeThatHangsOrTakesAllMemory_isStopped_inOneLine() throws Exception {
    String start = model("start", false, false);
    String run = model("run", true, false);
    String memory = model("memory", true, true);
    Path texts =
        Files.write(
            folder.resolve("ids.jsonl"),
            List.of("{\"input_ids\":[1,2,3],\"attention_mask\":[1,1,1]}"));
    List<Run> runs =
        List.of(
            start("audit", start, "--time-limit", "2s"),
            start("heads", run, "--data", texts.toString(), "--time-limit", "2s"),
            start("audit", memory, "--memory-limit", "700m"));
    runs.get(0).endsWith("the command was not finished within 2 s; --time-limit allows more");
    runs.get(1)
        .endsWith(
            "a batch, or the start of the model, was not finished within 2 s; --time-limit allows"
                + " more");
    runs.get(2).endsWith("more than 700 MB of memory were in use; --memory-limit allows more");
  }

  /** Texts end at most of the time, so that what is left is enough to conclude from them. */
  @Test
  void audit_whoseTimeIsOver_concludesFromTheTextsBefore() throws Exception {
    Path texts =
        Files.write(
            folder.resolve("many.jsonl"),
            Collections.nCopies(100_000, "{\"input_ids\":[1,2,3],\"attention_mask\":[1,1,1]}"));
    Path report = folder.resolve("report");
    String model = model("right", true, false, false);
    Run run;
    int seconds = 5;
    do { // a busy machine may need longer for its first texts
      run =
          start(
              "audit",
              model,
              "--data",
              texts.toString(),
              "--time-limit",
              seconds + "s",
              "--out",
              report.toString());
      assertThat(run.process.waitFor(2L * seconds + 20, TimeUnit.SECONDS)).isTrue();
      seconds *= 2;
    } while (Files.readString(run.printed).contains("was not finished") && seconds < 100);
    assertThat(Files.readString(run.printed))
        .contains("padding reaches real tokens")
        .containsPattern(
            "sightline: stopped after text \\d+: most of the time limit was over; --time-limit"
                + " allows more\n"
                + "$");
    assertThat(run.process.exitValue()).isEqualTo(2);
    assertThat(report.resolve("report.json")).content().contains("the audit ended after text ");
  }

  /** A model whose only fault is that its output waits for a number that never comes. */
  private String model(String name, boolean atRunTime, boolean growing) throws IOException {
    return model(name, atRunTime, growing, true);
  }

  private String model(String name, boolean atRunTime, boolean growing, boolean hostile)
      throws IOException {
    GraphBuilder g = new GraphBuilder("hostile");
    g.input("input_ids", ElementType.INT64, "batch", "tokens");
    g.input("attention_mask", ElementType.INT64, "batch", "tokens");
    float[] table = new float[32 * 4];
    for (int i = 0; i < table.length; i++) {
      table[i] = i % 7 - 3;
    }
    String real = g.cast("attention_mask", ElementType.FLOAT32);
    String x =
        g.node(
            "Mul",
            g.node("Gather", g.floats("table", ElementType.FLOAT32, table, 32, 4), "input_ids"),
            g.node("Unsqueeze", real, g.longs(2)));
    // Attention, so that heads has something to measure.
    String scores = g.node("MatMul", x, g.transpose(x, 0, 2, 1));
    String hidden = g.node("MatMul", g.softmax(scores), x);
    String zeros = g.node("ConstantOfShape", g.longs(1, 1, WIDTH));
    if (atRunTime) {
      zeros = g.node("Add", zeros, g.op("ReduceSum", real).with("keepdims", 0).out());
    }
    if (hostile) {
      hidden = g.node("Add", hidden, growing ? growing(g, real) : pooled(g, zeros));
    }
    g.output("last_hidden_state", hidden, ElementType.FLOAT32, "b", "t", "4");
    return Files.write(folder.resolve(name + ".onnx"), g.model(17, "test")).toString();
  }

  private static String pooled(GraphBuilder g, String zeros) {
    String pooled =
        g.op("AveragePool", zeros)
            .withAll("kernel_shape", WIDTH)
            .withAll("pads", WIDTH / 2, WIDTH / 2 - 1)
            .out();
    return g.op("ReduceMax", pooled).with("keepdims", 0).out();
  }

  /** A loop of 2^62 trips that keeps a megabyte of each. */
  private static String growing(GraphBuilder g, String real) {
    GraphBuilder body = g.body("grow");
    body.scalarInput("trip", ElementType.INT64);
    body.scalarInput("going", ElementType.BOOL);
    body.scalarInput("sum", ElementType.FLOAT32);
    body.output("still", body.node("Identity", "going"), ElementType.BOOL);
    body.output("next", body.node("Identity", "sum"), ElementType.FLOAT32);
    body.output(
        "kept",
        body.node("Expand", "sum", body.longs(1 << 18)),
        ElementType.FLOAT32,
        Integer.toString(1 << 18));
    String first = g.op("ReduceSum", real).with("keepdims", 0).out();
    var loop =
        g.op("Loop", g.longScalar(1L << 62), g.boolScalar(true), first)
            .with("body", body)
            .outputs("last", "all");
    loop.out();
    return g.op("ReduceSum", "all").with("keepdims", 0).out();
  }

  private Run start(String... args) throws IOException {
    Path printed = Files.createTempFile(folder, "printed", ".txt");
    return new Run(
        new ProcessBuilder(Ran.java(args))
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start(),
        printed);
  }

  @Test
  void times() {
    assertThat(RunLimits.time("90")).contains(Duration.ofSeconds(90));
    assertThat(RunLimits.time("1.5h")).contains(Duration.ofMinutes(90));
    assertThat(RunLimits.time("10min")).contains(Duration.ofMinutes(10));
    assertThat(RunLimits.time("none")).isEmpty();
    for (String wrong : List.of("", "0s", "-3s", "10 years", "99999999999h", "1e9s", "NaN")) {
      assertThatThrownBy(() -> RunLimits.time(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected one such as 30s, 10min, 2h or none");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void sizes() throws IOException {
    assertThat(MachineMemory.bytes())
        .isEqualTo(
            ((com.sun.management.OperatingSystemMXBean)
                    ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize());
    assertThat(RunLimits.memory("--memory-limit", "4g")).hasValue(4L << 30);
    assertThat(RunLimits.memory("--memory-limit", "0.5GB")).hasValue(1L << 29);
    assertThat(RunLimits.memory("--memory-limit", "none")).isEmpty();
    assertThat(RunLimits.memory("--memory-limit", "50%")).hasValue(MachineMemory.bytes() / 2);
    for (String wrong : List.of("", "0g", "4", "-1g", "999999999999t", "%")) {
      assertThatThrownBy(() -> RunLimits.memory("--memory-limit", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected one such as 4g, 50% or none");
    }
  }
}
