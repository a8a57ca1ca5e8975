package dev.sightline.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the completion script and the sources of the man pages, with picocli's generators. */
final class CommandDocuments {
  private CommandDocuments() {}

  /**
   * Writes {@code completion/sightline.bash} and {@code man/*.adoc}.
   *
   * @param args the folder
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    // Without a word all commands are made, and with a first word those below it.
    CommandLine all = Sightline.commandLine(List.of());
    Path completion = Files.createDirectories(folder.resolve("completion"));
    Files.writeString(completion.resolve("sightline.bash"), AutoComplete.bash("sightline", all));
    List<CommandSpec> commands = new ArrayList<>();
    add(all.getCommandSpec(), commands);
    File man = Files.createDirectories(folder.resolve("man")).toFile();
    int code =
        ManPageGenerator.generateManPage(
            man, null, new boolean[0], true, commands.toArray(CommandSpec[]::new));
    if (code != 0) {
      throw new IOException("the man pages cannot be written to " + man);
    }
  }

  private static void add(CommandSpec command, List<CommandSpec> commands) {
    commands.add(command);
    command.subcommands().values().forEach(below -> add(below.getCommandSpec(), commands));
  }
}
