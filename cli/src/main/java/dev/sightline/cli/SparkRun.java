package dev.sightline.cli;

import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.ModelBundle;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run on Spark, in a process of its own: Spark's jars, which Maven fetches, are on the class path
 * of that process alone, and so are the flags that Spark needs of Java.
 *
 * @param master Spark's address of a cluster, or {@code local[*]}
 * @param program the shaded jar of the module spark
 */
record SparkRun(String master, Path program) {
  private static final String VERSION_FILE = "spark.txt";

  /** Given by the launcher, which builds the jar. */
  private static final String PROGRAM = "sightline.spark";

  static SparkRun on(String master) {
    if (!master.matches("local(\\[(\\*|\\d+)])?|spark://.+|yarn|k8s://.+")) {
      throw new IllegalArgumentException(
          "'"
              + master
              + "' is no master of Spark; expected local[*], local[2] or spark://HOST:7077");
    }
    String program = System.getProperty(PROGRAM, "");
    if (program.isEmpty() || !Files.isRegularFile(Path.of(program))) {
      throw new IllegalArgumentException(
          "--spark needs the jar of the module spark, which a checkout builds; elsewhere, use"
              + " spark-submit as docs/spark.md shows");
    }
    return new SparkRun(master, Path.of(program));
  }

  /** Spark's address of data: a path has lost one of two slashes. */
  static String address(Path data) {
    return data.toString().replaceFirst("^([a-z][a-z0-9+.-]+:)/(?=[^/])", "$1//");
  }

  /** Reads what the other process wrote into a folder. */
  @FunctionalInterface
  interface Results<T> {
    T read(Path folder) throws IOException;
  }

  /**
   * Runs a program of the module spark.
   *
   * @param program the name of its class
   * @param arguments all but the model, by the folder for the results
   * @param err says what is fetched
   * @return the results; empty if the other process said why there are none
   */
  <T> Optional<T> run(
      String program,
      LoadedModel loaded,
      Function<Path, List<String>> arguments,
      Results<T> results,
      PrintWriter err)
      throws IOException {
    Path folder = Files.createTempDirectory("sightline-spark");
    Path bundle = folder.resolve("model.zip");
    try {
      ModelBundle.write(loaded, bundle);
      ModelBundle.open(bundle, folder).close(); // its files, with weights of their own
      List<Path> spark = jars(err);
      List<String> words = new ArrayList<>();
      words.add("dev.sightline.spark." + program);
      words.add(folder.resolve("model").resolve("model.onnx").toString());
      words.addAll(List.of("--model-name", loaded.model().name()));
      words.addAll(arguments.apply(folder));
      Process process = start(spark, words);
      Thread stop = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(stop);
      int code = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      return code == 0 ? Optional.of(results.read(folder)) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Spark was running", e);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static List<Path> jars(PrintWriter err) throws IOException {
    String version = Sightline.resource(VERSION_FILE);
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      if (artifacts.cached("org.apache.spark", "spark-sql_2.13", version).isEmpty()) {
        err.println("note: Maven fetches Spark " + version + ", about 290 MB, the first time");
        err.flush();
      }
      return artifacts.fetchAll("org.apache.spark", "spark-sql_2.13", version);
    }
  }

  private Process start(List<Path> spark, List<String> call) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(flags(spark));
    words.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Dspark.master=" + master,
            "-Dspark.jars=" + (master.startsWith("local") ? "" : program),
            "-Dspark.ui.enabled=false",
            "-Dlog4j2.configurationFile=classpath:dev/sightline/spark/quiet-log4j2.properties"));
    words.addAll(call);
    ProcessBuilder process = new ProcessBuilder(words).inheritIO();
    process
        .environment()
        .put(
            "CLASSPATH",
            Stream.concat(Stream.of(program), spark.stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator)));
    process.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return process.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
  }

  /**
   * What Spark itself says that it needs of Java. This Java would warn of two of them at each
   * start: of a package that it has no more, and of a module that it would only use with native
   * BLAS.
   */
  private static List<String> flags(List<Path> spark) throws IOException {
    URL[] urls = new URL[spark.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = spark.get(i).toUri().toURL();
    }
    try (URLClassLoader loader = new URLClassLoader(urls, null)) {
      Method options =
          loader
              .loadClass("org.apache.spark.launcher.JavaModuleOptions")
              .getMethod("defaultModuleOptionArray");
      return Stream.of((String[]) options.invoke(null))
          .filter(flag -> !flag.contains("jdk.incubator.vector"))
          .filter(flag -> !flag.contains("java.base/sun.security.action"))
          .toList();
    } catch (ReflectiveOperationException e) {
      throw new IOException("this Spark does not say which flags it needs: " + e, e);
    }
  }
}
