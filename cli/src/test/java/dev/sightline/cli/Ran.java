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
    commands.setOut(new PrintWriter(new TerminalWriter(out, false), true));
    commands.setErr(new PrintWriter(new TerminalWriter(err, false), true));
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    int code = Sightline.execute(commands, args);
    return new Ran(code, out.toString(), err.toString());
  }
}
