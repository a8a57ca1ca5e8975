package dev.sightline.web;

import dev.sightline.web.internal.http.Access;
import dev.sightline.web.internal.http.Assets;
import dev.sightline.web.internal.http.Guard;
import dev.sightline.web.internal.http.Problems;
import dev.sightline.web.internal.http.RequestBody;
import dev.sightline.web.internal.job.JobApi;
import dev.sightline.web.internal.mask.MaskApi;
import dev.sightline.web.internal.mask.Questions;
import dev.sightline.web.internal.mask.WalkthroughApi;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The workbench: a local server whose pages draw masks, compare them, write them in other forms,
 * and audit and repair models. It listens at loopback unless it is given another address, which
 * needs a token.
 *
 * <pre>{@code
 * try (RunningWorkbench workbench = Workbench.with(children).port(8765).start()) {
 *   System.out.println(workbench.address());
 * }
 * }</pre>
 *
 * <p>Immutable: each method returns another value.
 */
public final class Workbench {
  /** The port without another choice. */
  public static final int DEFAULT_PORT = 8765;

  /** The largest file that is taken without another choice, bytes. */
  public static final long DEFAULT_UPLOAD_LIMIT = 2L << 30;

  private static final int MOST_CONNECTIONS = 128;

  private final ChildProcesses children;
  private final Settings settings;

  private static final class Settings {
    private InetAddress host = InetAddress.getLoopbackAddress();
    private int port = DEFAULT_PORT;
    private String token = "";
    private @Nullable Path folder;
    private long uploadLimit = DEFAULT_UPLOAD_LIMIT;
    private Duration questionLimit = Duration.ofSeconds(10);
    private Duration idleLimit = Duration.ofSeconds(20);
    private String version = "";

    private Settings with(Consumer<Settings> change) {
      Settings copy = new Settings();
      copy.host = host;
      copy.port = port;
      copy.token = token;
      copy.folder = folder;
      copy.uploadLimit = uploadLimit;
      copy.questionLimit = questionLimit;
      copy.idleLimit = idleLimit;
      copy.version = version;
      change.accept(copy);
      return copy;
    }
  }

  private Workbench(ChildProcesses children, Settings settings) {
    this.children = children;
    this.settings = settings;
  }

  /**
   * {@return a workbench at loopback}
   *
   * @param children starts the commands that run models
   */
  public static Workbench with(ChildProcesses children) {
    return new Workbench(children, new Settings());
  }

  /**
   * {@return the workbench at another port}
   *
   * @param port from 0, for any free one, to 65,535
   * @throws IllegalArgumentException if there is no such port
   */
  public Workbench port(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is between 0 and 65,535, but " + port + " is not");
    }
    return new Workbench(children, settings.with(s -> s.port = port));
  }

  /**
   * {@return the workbench at an address that other machines can reach}
   *
   * @param host the address
   * @param token what a browser must know; at least 8 characters
   * @throws IllegalArgumentException if the token is too short
   */
  public Workbench host(InetAddress host, String token) {
    if (!token.matches("[A-Za-z0-9_-]{8,200}")) {
      throw new IllegalArgumentException(
          "a token has 8 to 200 letters, digits, - and _, but the one given has not");
    }
    return new Workbench(
        children,
        settings.with(s -> {
          s.host = host;
          s.token = token;
        }));
  }

  /**
   * {@return the workbench with a folder whose files its pages may name}
   *
   * @param folder the folder
   * @throws IOException if there is no such folder
   */
  public Workbench folder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("'" + folder + "' is no folder");
    }
    Path real = folder.toRealPath();
    return new Workbench(children, settings.with(s -> s.folder = real));
  }

  /**
   * {@return the workbench with another limit of files that are dropped}
   *
   * @param bytes the largest file
   */
  public Workbench uploadLimit(long bytes) {
    return new Workbench(children, settings.with(s -> s.uploadLimit = bytes));
  }

  /**
   * {@return the workbench with another time for a question about a mask}
   *
   * @param time the longest that the page waits for an answer
   */
  public Workbench questionLimit(Duration time) {
    return new Workbench(children, settings.with(s -> s.questionLimit = time));
  }

  /**
   * {@return the workbench with the version that its pages show}
   *
   * @param version of the program
   */
  public Workbench version(String version) {
    return new Workbench(children, settings.with(s -> s.version = version));
  }

  /** The workbench that closes a connection after another time without a byte. */
  Workbench idleLimit(Duration time) {
    return new Workbench(children, settings.with(s -> s.idleLimit = time));
  }

  /**
   * Starts to serve.
   *
   * @return the running server
   * @throws IOException if the port is taken, or the address is not this machine's
   */
  public RunningWorkbench start() throws IOException {
    Access access = Access.of(settings.host, settings.token);
    Questions questions = new Questions(settings.questionLimit);
    JobApi jobs = new JobApi(children::command, settings.folder, settings.uploadLimit);
    Javalin server =
        Javalin.create(config -> {
          serve(config);
          addRoutes(config, access, questions, jobs);
        });
    try {
      server.start();
    } catch (JavalinBindException e) {
      questions.close();
      jobs.close();
      throw new IOException(
          "the workbench cannot listen at "
              + settings.host.getHostAddress()
              + ", port "
              + settings.port
              + ": "
              + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage())
              + "; --port names another",
          e);
    }
    String address = "http://" + Access.text(settings.host) + ":" + server.port() + "/";
    String query = settings.token.isEmpty() ? "" : "?token=" + settings.token;
    return new RunningWorkbench(server, address + query, questions, jobs);
  }

  private void addRoutes(JavalinConfig config, Access access, Questions questions, JobApi jobs) {
    Guard guard = new Guard(access);
    config.routes.before(guard::check);
    new Assets(access, settings.version).addTo(config.routes);
    new MaskApi(questions).addTo(config.routes);
    new WalkthroughApi(questions).addTo(config.routes);
    jobs.addTo(config.routes);
    Problems.addTo(config.routes);
    config.routes.after(RequestBody::finish);
  }

  private void serve(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    // Over loopback it costs more time than it saves, and a file's length would not be its own.
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.jetty.threadPool = new QueuedThreadPool(24, 2);
    config.jetty.addConnector((server, http) -> {
      http.setSendServerVersion(false);
      ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
      connector.setHost(settings.host.getHostAddress());
      connector.setPort(settings.port);
      connector.setIdleTimeout(settings.idleLimit.toMillis());
      return connector;
    });
    config.jetty.modifyServer(
        server -> server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server)));
  }
}
