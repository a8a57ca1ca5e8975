package dev.sightline.web.internal.job;

import dev.sightline.web.internal.http.Access;
import dev.sightline.web.internal.http.HttpProblem;
import dev.sightline.web.internal.http.JsonAnswer;
import dev.sightline.web.internal.http.JsonBody;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the models page asks: files, jobs, and what jobs wrote. */
public final class JobApi implements AutoCloseable {
  /** Models that come with the program, so that a page without a model has something to run. */
  private static final List<String> CATALOG = List.of("minilm-int8", "tiny-gpt");

  /** A report runs its own scripts, as its own policy says, in a frame without an origin. */
  private static final String REPORT_POLICY =
      "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src"
          + " 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'self'";

  private final Function<List<String>, ProcessBuilder> children;
  private final long uploadLimit;
  private final Path root;
  private final FileSets sets;
  private final DataFolder folder;
  private final Jobs jobs = new Jobs();
  private final String start = Access.secret();

  /**
   * Makes the folders.
   *
   * @param children makes a process of the words of a command
   * @param folder the folder whose files may be named, or null
   * @param uploadLimit the most bytes of the files of a model
   */
  public JobApi(
      Function<List<String>, ProcessBuilder> children, @Nullable Path folder, long uploadLimit)
      throws IOException {
    this.children = children;
    this.uploadLimit = uploadLimit;
    this.root = Folders.root();
    this.sets = new FileSets(root, uploadLimit);
    this.folder = new DataFolder(folder);
  }

  /** Adds the routes. */
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/api/jobs", context -> JsonAnswer.send(context, list()));
    routes.post("/api/files", context -> JsonAnswer.send(context, Map.of("id", sets.add())));
    routes.put("/api/files/{set}/{name}", this::upload);
    routes.delete("/api/files/{set}", this::removeFiles);
    routes.post("/api/jobs", context -> JsonAnswer.send(context, begin(JsonBody.of(context))));
    routes.post(
        "/api/jobs/{id}/cancel",
        context -> {
          jobs.find(context.pathParam("id")).cancel();
          JsonAnswer.send(context, list());
        });
    routes.delete(
        "/api/jobs/{id}",
        context -> {
          jobs.remove(context.pathParam("id"));
          JsonAnswer.send(context, list());
        });
    routes.get("/jobs/{id}/<file>", this::file);
  }

  private Map<String, Object> list() throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("start", start);
    json.put("catalog", CATALOG);
    json.put("uploadLimit", uploadLimit);
    json.put("folder", folder.json());
    json.put("sets", sets.json());
    json.put("jobs", jobs.json());
    return json;
  }

  private void upload(Context context) throws IOException {
    long size =
        sets.write(
            context.pathParam("set"),
            context.pathParam("name"),
            context.bodyInputStream(),
            context.req().getContentLengthLong());
    JsonAnswer.send(context, Map.of("bytes", size));
  }

  private void removeFiles(Context context) throws IOException {
    String set = context.pathParam("set");
    sets.folder(set);
    jobs.removeOf(set);
    sets.remove(set);
    JsonAnswer.send(context, list());
  }

  private Map<String, Object> begin(JsonBody body) throws IOException {
    String name = body.text("kind", 20);
    JobKind kind =
        Stream.of(JobKind.values())
            .filter(each -> each.id().equals(name))
            .findFirst()
            .orElseThrow(() -> new HttpProblem(422, "there is no job '" + name + "'"));
    String set = body.text("set", 64);
    String model = body.text("model", 300);
    String data = kind == JobKind.HEADS ? folder.file(body.text("data", 300)).toString() : "";
    Path place = root;
    String word;
    if (!set.isEmpty()) {
      place = sets.folder(set);
      model =
          FileSets.model(place)
              .orElseThrow(() -> new HttpProblem(422, "no file of these ends in .onnx"));
      word = word(model);
    } else if (CATALOG.contains(model)) {
      word = model;
    } else {
      Path file = folder.file(model);
      if (!DataFolder.isModel(file.getFileName().toString())) {
        throw new HttpProblem(422, "a model's name ends in .onnx");
      }
      place = folder.path();
      word = word(file.getFileName().toString());
    }
    String id = Access.secret();
    Path out = Files.createDirectory(root.resolve("job-" + id));
    ProcessBuilder command =
        children.apply(kind.words(word, data, out.toString())).directory(place.toFile());
    jobs.add(new Job(id, kind, model, set, out, command));
    return Map.of("id", id);
  }

  /** A file of the working folder; a name that begins with a dash is no option. */
  private static String word(String name) {
    return name.startsWith("-") || CATALOG.contains(name) ? "./" + name : name;
  }

  /** What a job wrote: a report for a frame, anything else to be saved. */
  private void file(Context context) throws IOException {
    String name = context.pathParam("file");
    Path file =
        jobs.find(context.pathParam("id"))
            .file(name)
            .orElseThrow(() -> new HttpProblem(404, "this job has written no such file"));
    if (name.endsWith(".html")) {
      context.header("Content-Security-Policy", REPORT_POLICY);
      context.contentType("text/html; charset=utf-8");
    } else {
      String plain = name.substring(name.lastIndexOf('/') + 1).replaceAll("[^\\w.-]", "_");
      context.header("Content-Disposition", "attachment; filename=\"" + plain + "\"");
      context.contentType("application/octet-stream");
    }
    context.res().setContentLengthLong(Files.size(file));
    context.result(Files.newInputStream(file));
  }

  @Override
  public void close() {
    jobs.close();
    Folders.delete(root);
  }
}
