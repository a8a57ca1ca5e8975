package dev.sightline.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine;

/**
 * Runs some commands and prints nothing. The launcher has Java write what they load into a cache,
 * from which later starts are quick.
 */
final class Rehearsal {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--help"),
          List.of("--version"),
          List.of("mask", "show", "causal"),
          List.of("mask", "check", "causal & padding(3)"),
          List.of("models"),
          List.of("audit", "--json"));

  private Rehearsal() {}

  /**
   * Runs the commands; ends with exit code 0 if all of them did.
   *
   * @param args none
   */
  public static void main(String[] args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    int worst = Sightline.FINE;
    for (List<String> words : COMMANDS) {
      CommandLine commands = Sightline.commandLine(words);
      commands.setOut(nowhere);
      commands.setErr(nowhere);
      worst = Math.max(worst, Sightline.execute(commands, words.toArray(String[]::new)));
    }
    System.exit(worst);
  }
}
