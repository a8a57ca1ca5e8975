package dev.sightline.maven;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.maven.plugin.logging.Log;

/** Starts the process that audits, and passes on what it says. */
final class Worker {
  private static final String MAIN = "dev.sightline.maven.worker.Main";

  /** Java's own word about options in the environment. */
  private static final Pattern NOTE = Pattern.compile("(NOTE: )?Picked up \\w+: ");

  private Worker() {}

  /** Runs a request to its end, or to its limit. */
  static Outcome run(
      Path java, String classPath, File folder, Properties request, TimeLimit limit, Log log)
      throws IOException {
    Path file = Files.createTempFile("sightline", ".properties");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        request.store(out, null);
      }
      ProcessBuilder builder =
          new ProcessBuilder(
              java.toString(),
              "-XX:+UseSerialGC",
              "--enable-native-access=ALL-UNNAMED",
              MAIN,
              file.toString());
      // Not on the command line, of which a system takes so much, and ONNX Runtime less.
      builder.environment().put("CLASSPATH", classPath);
      // ONNX Runtime collects telemetry about the process unless told not to.
      builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
      builder.directory(folder).redirectErrorStream(true);
      Process process = builder.start();
      try {
        return outcome(process, limit, log);
      } finally {
        process.destroyForcibly(); // if it was interrupted; else it has ended
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Ends the process at the limit, whatever it does; then its output ends too. */
  private static Outcome outcome(Process process, TimeLimit limit, Log log)
      throws IOException, InterruptedException {
    AtomicBoolean stopped = new AtomicBoolean();
    Duration time = limit.time();
    if (time != null) {
      process
          .onExit()
          .copy()
          .orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
          .exceptionally(late -> {
            stopped.set(true);
            return process.destroyForcibly();
          });
    }
    process.getOutputStream().close();
    List<String> lines = new ArrayList<>();
    try (BufferedReader out = new BufferedReader(process.inputReader(StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (NOTE.matcher(line).lookingAt()) {
          log.debug(line);
          continue;
        }
        log.info(line);
        lines.add(line);
      }
    }
    int code = process.waitFor();
    return stopped.get()
        ? new Outcome(
            Outcome.STOPPED,
            List.of(
                "stopped after "
                    + limit.text()
                    + "; <timeLimit> or -Dsightline.timeLimit allows more"))
        : new Outcome(code, lines);
  }
}
