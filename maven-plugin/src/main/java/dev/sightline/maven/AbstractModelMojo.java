package dev.sightline.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.Component;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.toolchain.ToolchainManager;
import org.jspecify.annotations.Nullable;

/** What both goals have: a model, what it is asked with, and where results go. */
@SuppressWarnings({"NullAway.Init", "deprecation"}) // Maven sets the fields, of any version
abstract class AbstractModelMojo extends AbstractMojo {
  /** A .onnx file, a folder with one, or a .jar with one. */
  @Parameter(property = "sightline.model", required = true)
  private File model;

  /** A tokenizer.json, if it is not beside the model. */
  @Parameter(property = "sightline.tokenizer")
  private @Nullable File tokenizer;

  /** Texts to ask with; they should be of different lengths. */
  @Parameter private List<String> texts = new ArrayList<>();

  /** A data file to ask with: lines of text, or rows of .jsonl, .csv, .tsv or .parquet. */
  @Parameter(property = "sightline.data")
  private @Nullable File data;

  /**
   * Where reports are written; by default target/sightline, and a folder below it that is named
   * after the execution where it has an id.
   */
  @Parameter(property = "sightline.outputDirectory")
  private @Nullable File outputDirectory;

  /** Where results of models that have not changed are kept. */
  @Parameter(
      property = "sightline.cacheDirectory",
      defaultValue = "${project.build.directory}/sightline-cache")
  private File cacheDirectory;

  /** The home of a Java 21 or later; else the JDK of a toolchain, else the Java that runs Maven. */
  @Parameter(property = "sightline.java")
  private @Nullable File javaHome;

  /**
   * The longest time that the goal may take, such as 90s, 10min or 2h, or none: a model can make
   * native code hang.
   */
  @Parameter(property = "sightline.timeLimit", defaultValue = "10min")
  private String timeLimit;

  /** Leaves the goal out. */
  @Parameter(property = "sightline.skip", defaultValue = "false")
  private boolean skip;

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  private MavenSession session;

  @Parameter(defaultValue = "${project.basedir}", readonly = true)
  private @Nullable File projectFolder;

  @Parameter(defaultValue = "${project.build.directory}", readonly = true, required = true)
  private File target;

  @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
  private PluginDescriptor plugin;

  @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
  private MojoExecution execution;

  @Component private ToolchainManager toolchains;

  /** Tells the other process what to do; every value is part of what a result is kept by. */
  abstract void describe(Properties request);

  /** The files that are read besides the model's own; they need not exist. */
  abstract List<File> furtherInputs();

  /** A file by the name that a text may be, in the folder of the project. */
  static List<File> named(@Nullable String textOrFile, File folder) {
    if (textOrFile == null || textOrFile.indexOf('\0') >= 0) {
      return List.of();
    }
    File given = new File(textOrFile);
    File file = given.isAbsolute() ? given : new File(folder, textOrFile);
    return file.isFile() ? List.of(file) : List.of();
  }

  /**
   * Where a process starts, and relative names are searched: the project, or where Maven was
   * started.
   */
  File folder() {
    return projectFolder == null ? new File("").getAbsoluteFile() : projectFolder;
  }

  private File reports() {
    if (outputDirectory != null) {
      return outputDirectory;
    }
    File reports = new File(target, "sightline");
    return execution.getExecutionId().startsWith("default")
        ? reports
        : new File(reports, execution.getExecutionId());
  }

  @Override
  public final void execute() throws MojoExecutionException, MojoFailureException {
    if (skip) {
      getLog().info("skipped (sightline.skip)");
      return;
    }
    try {
      run();
    } catch (FileSystemException e) {
      // Its message is a name, and a reason if there is one.
      throw new MojoExecutionException("cannot read or write " + e.getMessage(), e);
    } catch (IOException | InvalidPathException e) {
      throw new MojoExecutionException(e.getMessage(), e);
    }
  }

  private void run() throws IOException, MojoExecutionException, MojoFailureException {
    TimeLimit limit;
    try {
      limit = TimeLimit.parse(timeLimit);
    } catch (IllegalArgumentException e) {
      throw new MojoExecutionException(e.getMessage(), e);
    }
    if (!model.exists()) {
      throw new MojoExecutionException(
          "there is no model '" + model + "'; expected a .onnx file, a folder or a .jar with one");
    }
    Properties request = new Properties();
    request.setProperty("model", model.getPath());
    File reports = reports();
    request.setProperty("output", reports.getPath());
    put(request, "tokenizer", tokenizer);
    put(request, "data", data);
    for (int i = 0; i < texts.size(); i++) {
      // Maven makes null of an empty element.
      request.setProperty("text." + i, Objects.requireNonNullElse(texts.get(i), ""));
    }
    describe(request);

    List<Path> inputs = new ArrayList<>();
    inputs.add(model.toPath());
    for (File further : furtherInputs()) {
      inputs.add(further.toPath());
    }
    if (tokenizer != null) {
      inputs.add(tokenizer.toPath());
    }
    if (data != null) {
      inputs.add(data.toPath());
    }
    ResultCache cache =
        new ResultCache(
            cacheDirectory.toPath().resolve(execution.getGoal() + "-" + execution.getExecutionId()),
            plugin.getVersion(),
            request,
            inputs);
    request.setProperty("files", cache.files().toString());
    Outcome outcome = cache.find(reports.toPath());
    if (outcome == null) {
      outcome = Worker.run(java(), classPath(), folder(), request, limit, getLog());
      if (outcome.code() == Outcome.FINE || outcome.code() == Outcome.FAILED) {
        cache.keep(outcome);
      }
    } else {
      getLog().info("unchanged since the last run, which is not repeated:");
      for (String line : outcome.lines()) {
        getLog().info(line);
      }
    }
    if (outcome.code() == Outcome.FAILED) {
      throw new MojoFailureException(outcome.message() + "; see " + reports);
    }
    if (outcome.code() != Outcome.FINE) {
      throw new MojoExecutionException(outcome.message());
    }
  }

  static void put(Properties request, String key, @Nullable Object value) {
    if (value != null) {
      request.setProperty(key, value.toString());
    }
  }

  private Path java() throws MojoExecutionException {
    JavaHome home = JavaHome.choose(javaHome, session, toolchains);
    if (home.version() < JavaHome.LEAST) {
      throw new MojoExecutionException(
          "Sightline needs Java "
              + JavaHome.LEAST
              + " or newer, and "
              + home
              + "; name another with <javaHome>, -Dsightline.java or a toolchain");
    }
    return home.java();
  }

  private String classPath() {
    List<String> entries = new ArrayList<>();
    for (Artifact artifact : plugin.getArtifacts()) {
      File file = artifact.getFile();
      if (file != null && Files.exists(file.toPath())) {
        entries.add(file.getPath());
      }
    }
    return String.join(File.pathSeparator, entries);
  }
}
