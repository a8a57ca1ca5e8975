package dev.sightline.cli;

import dev.sightline.web.ChildProcesses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands of this program in other processes of the same Java, with its class path and limits. The
 * process ends with this one: its watchdog looks for it.
 *
 * @param limits the words of the limits that were given, for every command
 */
record ChildCommands(List<String> limits) implements ChildProcesses {
  ChildCommands {
    limits = List.copyOf(limits);
  }

  @Override
  public ProcessBuilder command(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+SuppressFatalErrorMessage",
            "--enable-native-access=ALL-UNNAMED",
            "-Dsightline.progress=lines",
            "-Dsightline.launcher=" + ProcessHandle.current().pid(),
            Sightline.class.getName()));
    words.addAll(arguments);
    words.addAll(limits);
    ProcessBuilder process = new ProcessBuilder(words);
    // Not an argument: ONNX Runtime ends the process if the command line is long.
    process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    process.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return process;
  }
}
