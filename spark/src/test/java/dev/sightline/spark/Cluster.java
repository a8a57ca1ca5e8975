package dev.sightline.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone master and two workers, each a process on the loopback interface. Their Spark is
 * that of the test's class path, with nothing else of it: what they know of Sightline is a jar that
 * they are sent.
 */
final class Cluster implements AutoCloseable {
  /** Paths of jars that Spark does not bring. */
  private static final List<String> NOT_OF_SPARK =
      List.of(
          "sightline",
          "onnxruntime",
          "/ai/djl/",
          "/tribuo/",
          "/tools/jackson/",
          "fastcsv",
          "hardwood",
          "commons-statistics",
          "junit",
          "assertj",
          "opentest4j",
          "surefire",
          "jspecify");

  private final Path home;
  private final int port = freePort();
  private final List<Process> processes = new ArrayList<>();

  Cluster(Path home) throws IOException, InterruptedException {
    this.home = home;
    Path jars = Files.createDirectories(home.resolve("jars"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path jar = Path.of(entry);
      Path link = jars.resolve(jar.getFileName());
      if (entry.endsWith(".jar")
          && Files.notExists(link)
          && NOT_OF_SPARK.stream().noneMatch(entry::contains)) {
        Files.createSymbolicLink(link, jar);
      }
    }
    start(
        "master",
        "org.apache.spark.deploy.master.Master",
        List.of("--host", "127.0.0.1", "--port", Integer.toString(port), "--webui-port", "0"));
    awaitPort();
    // Two names of one machine: Spark runs no task twice on one host.
    for (String host : List.of("127.0.0.1", "localhost")) {
      String name = "worker-" + host;
      start(
          name,
          "org.apache.spark.deploy.worker.Worker",
          List.of(
              "--host",
              host,
              "--cores",
              "1",
              "--memory",
              "900m",
              "--webui-port",
              "0",
              "--work-dir",
              home.resolve(name).toString(),
              master()));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitPort() throws IOException, InterruptedException {
    for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2); ; Thread.sleep(50)) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end || !processes.getFirst().isAlive()) {
          throw new IOException("the master did not start: " + log("master"), e);
        }
      }
    }
  }

  String master() {
    return "spark://127.0.0.1:" + port;
  }

  /** What a process of this cluster printed. */
  String log(String name) throws IOException {
    return Files.readString(home.resolve(name + ".log"));
  }

  /** Starts a program of Spark's. */
  private void start(String name, String program, List<String> arguments) throws IOException {
    List<String> command = java();
    command.add(program);
    command.addAll(arguments);
    start(name, home, command);
  }

  /**
   * Starts a shell command that finds a {@code spark-submit}, and this master in {@code MASTER}.
   *
   * @param folder where it runs
   * @param settings as of spark-defaults.conf
   */
  Process shell(String name, Path folder, String command, List<String> settings)
      throws IOException {
    Path defaults = Files.createDirectories(home.resolve("conf")).resolve("spark-defaults.conf");
    Files.write(defaults, settings);
    Path submit = Files.createDirectories(home.resolve("bin")).resolve("spark-submit");
    String words = java().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Files.writeString(
        submit, "#!/bin/sh\nexec " + words + " org.apache.spark.deploy.SparkSubmit \"$@\"\n");
    if (!submit.toFile().setExecutable(true)) {
      throw new IOException(submit + " cannot be made a program");
    }
    return start(name, folder, List.of("sh", "-c", command));
  }

  private List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"));
    command.addAll(List.of("-cp", home.resolve("jars") + File.separator + "*"));
    return command;
  }

  private Process start(String name, Path folder, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("MASTER", master());
    builder
        .environment()
        .merge("PATH", home.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(home.resolve(name + ".log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  /** The executors that the workers run now. */
  List<ProcessHandle> executors() {
    return processes.stream()
        .flatMap(Process::children)
        .filter(
            child -> child.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
        .toList();
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> all =
        processes.reversed().stream()
            .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process.toHandle())))
            .toList();
    all.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(
        process -> process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join());
    try (Stream<Path> links = Files.list(home.resolve("jars"))) {
      for (Path link : links.toList()) {
        Files.delete(link);
      }
    }
  }
}
