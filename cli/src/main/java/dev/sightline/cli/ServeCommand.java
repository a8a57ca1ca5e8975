package dev.sightline.cli;

import dev.sightline.web.RunningWorkbench;
import dev.sightline.web.Workbench;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline serve}: the workbench in a browser. */
@Command(
    name = "serve",
    description = {
      "Serve the workbench: masks and models in a browser, from this machine.",
      "It listens at 127.0.0.1 alone, and ends with Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + Workbench.DEFAULT_PORT,
      description = "The port to listen at; 0 for any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Listen at this address, which other machines can reach. Needs --token.")
  private @Nullable String host;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "What a browser must know, 8 characters or more; with --host.")
  private @Nullable String token;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "A folder whose models and data files the pages may use. Default: none.")
  private @Nullable Path folder;

  @Option(
      names = "--upload-limit",
      paramLabel = "SIZE",
      defaultValue = "2g",
      description = "The largest file that may be dropped. Default: ${DEFAULT-VALUE}.")
  private String uploadLimit;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  ServeCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (RunningWorkbench running = workbench().start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      PrintWriter out = spec.commandLine().getOut();
      out.println("workbench: " + running.address());
      out.println("Ctrl-C ends it");
      out.flush();
      new CountDownLatch(1).await(); // a signal ends the process
    }
    return Sightline.FINE;
  }

  /** The workbench that the options describe. */
  Workbench workbench() throws IOException {
    if ((host == null) != (token == null)) {
      throw new IllegalArgumentException(
          "--host and --token go together: a workbench that other machines can reach needs a"
              + " token");
    }
    Workbench workbench =
        Workbench.with(new ChildCommands(limits.words()))
            .port(port)
            .uploadLimit(RunLimits.memory("--upload-limit", uploadLimit).orElse(Long.MAX_VALUE))
            .version(Sightline.version());
    if (host != null && token != null) {
      workbench = workbench.host(address(host), token);
    }
    return folder == null ? workbench : workbench.folder(folder);
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + host + "' is not an address of this machine", e);
    }
  }
}
