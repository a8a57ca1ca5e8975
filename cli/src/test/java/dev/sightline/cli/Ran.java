package dev.sightline.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Runs a command in this process and keeps what it printed. */
record Ran(int exitCode, String out, String err) {
  static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commands = Sightline.commandLine();
    commands.setOut(new PrintWriter(out, true));
    commands.setErr(new PrintWriter(err, true));
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    int code = commands.execute(args);
    return new Ran(code, out.toString(), err.toString());
  }
}
