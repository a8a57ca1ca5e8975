package dev.sightline.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Runs a command in this process and keeps what it printed. */
record Ran(int exitCode, String out, String err) {
  static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commands = Sightline.commandLine(List.of(args));
    commands.setOut(new PrintWriter(new TerminalWriter(out, false), true));
    commands.setErr(new PrintWriter(new TerminalWriter(err, false), true));
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    int code = Sightline.execute(commands, args);
    return new Ran(code, out.toString(), err.toString());
  }

  /** The command line that runs a command in a process of its own. */
  static List<String> java(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Sightline.class.getName()));
    command.addAll(List.of(args));
    return command;
  }
}
