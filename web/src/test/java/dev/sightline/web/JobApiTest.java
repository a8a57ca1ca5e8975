package dev.sightline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files that are dropped, jobs over them, and what they write. */
@SuppressWarnings("NullAway.Init")
class JobApiTest {
  private static final long LIMIT = 1000;

  private Server server;

  @TempDir private Path outside;

  @BeforeEach
  void start() throws Exception {
    Path folder = Files.createDirectory(outside.resolve("folder"));
    Files.writeString(folder.resolve("data.jsonl"), "{\"text\":\"a\"}\n");
    Files.writeString(folder.resolve("own.onnx"), "ok");
    Files.writeString(folder.resolve("LOUD.ONNX"), "ok");
    Files.writeString(folder.resolve("two\u2028lines.onnx"), "ok");
    Files.writeString(outside.resolve("secret.jsonl"), "secret");
    Files.createSymbolicLink(folder.resolve("link.jsonl"), outside.resolve("secret.jsonl"));
    server = new Server(Workbench.with(FakeCommand::process).folder(folder).uploadLimit(LIMIT));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonNode list() throws Exception {
    return JsonMapper.shared().readTree(server.send("GET", "/api/jobs", new byte[0]).body());
  }

  private String drop(String... namesAndContents) throws Exception {
    String set = server.ask("/api/files", Map.of()).json().path("id").asString();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      assertThat(put(set, namesAndContents[i], namesAndContents[i + 1])).isEqualTo(200);
    }
    return set;
  }

  private int put(String set, String name, String content) throws Exception {
    return server
        .send("PUT", "/api/files/" + set + "/" + name, content.getBytes(StandardCharsets.UTF_8))
        .statusCode();
  }

  private String begin(Map<String, String> job) throws Exception {
    Server.Answer answer = server.ask("/api/jobs", job);
    assertThat(answer.status()).as(answer.message()).isEqualTo(200);
    return answer.json().path("id").asString();
  }

  private JsonNode job(String id) throws Exception {
    return list()
        .path("jobs")
        .valueStream()
        .filter(job -> job.path("id").asString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode await(String id, String state) throws Exception {
    for (int i = 0; i < 400; i++) {
      JsonNode job = job(id);
      if (job.path("state").asString().equals(state)) {
        return job;
      }
      Thread.sleep(25);
    }
    throw new AssertionError("not " + state + ": " + job(id));
  }

  /** A body may arrive after its head, also where a route has no use for it. */
  @Test
  void bodyThatComesLate_leavesTheConnectionOpen() throws Exception {
    String head = "Host: 127.0.0.1:" + server.port() + "\r\nX-Sightline-Page: " + server.pageToken;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(ascii("POST /api/files HTTP/1.1\r\n" + head + "\r\nContent-Length: 2\r\n\r\n"));
      out.flush();
      Thread.sleep(300); // the route has answered by then
      out.write(ascii("{}GET /api/jobs HTTP/1.1\r\n" + head + "\r\nConnection: close\r\n\r\n"));
      out.flush();
      String answers =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(3);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void audit_ofADroppedModel_givesAReportInASandbox() throws Exception {
    String set = drop("model.onnx", "ok", "tokenizer.json", "{}");

    JsonNode job = await(begin(Map.of("kind", "audit", "set", set)), "done");

    assertThat(job.path("text").asString()).isEqualTo("answer of audit model.onnx");
    assertThat(job.path("done").asInt()).isEqualTo(4);
    assertThat(job.path("unit").asString()).isEqualTo("texts");
    String report = "/jobs/" + job.path("id").asString() + "/report.html";
    var page = server.send("GET", report, new byte[0]);
    assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains("Report of audit");
    assertThat(page.headers().allValues("Content-Security-Policy"))
        .singleElement()
        .asString()
        .startsWith("sandbox allow-scripts;");
  }

  @Test
  void repair_givesTheModelBack() throws Exception {
    String set = drop("bert \"x\".onnx".replace(" ", "%20").replace("\"", "%22"), "ok");

    JsonNode job = await(begin(Map.of("kind", "repair", "set", set)), "done");

    assertThat(job.path("files").toString()).contains("report/after/report.html");
    var file =
        server.send(
            "GET",
            "/jobs/" + job.path("id").asString() + "/bert%20%22x%22-repaired.onnx",
            new byte[0]);
    assertThat(new String(file.body(), StandardCharsets.UTF_8)).isEqualTo("repaired model");
    assertThat(file.headers().firstValue("Content-Disposition"))
        .hasValue("attachment; filename=\"bert__x_-repaired.onnx\"");
  }

  @Test
  void failures_areSaid() throws Exception {
    JsonNode fails =
        await(begin(Map.of("kind", "audit", "set", drop("m.onnx", "fails"))), "failed");
    JsonNode dies =
        await(begin(Map.of("kind", "mask-of", "set", drop("m.onnx", "dies"))), "failed");
    JsonNode chatty =
        await(begin(Map.of("kind", "audit", "set", drop("m.onnx", "chatty"))), "done");

    assertThat(fails.path("message").asString()).isEqualTo("'m.onnx' is not an ONNX model");
    assertThat(dies.path("message").asString()).isEqualTo("the process was ended by signal 11");
    assertThat(chatty.path("text").asString()).hasSizeBetween(60_000, 70_000).endsWith("...");
  }

  @Test
  void jobs_waitForEachOther_andAreCancelled() throws Exception {
    String set = drop("m.onnx", "slow");
    String first = begin(Map.of("kind", "audit", "set", set));
    String second = begin(Map.of("kind", "audit", "set", set));
    await(first, "running");
    assertThat(job(second).path("state").asString()).isEqualTo("queued");
    long child = child();

    server.ask("/api/jobs/" + second + "/cancel", Map.of());
    server.ask("/api/jobs/" + first + "/cancel", Map.of());

    await(first, "cancelled");
    await(second, "cancelled");
    assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
    // The queue goes on.
    await(begin(Map.of("kind", "audit", "model", "tiny-gpt")), "done");
  }

  /** The process of the job that runs. */
  private static long child() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("FakeCommand"))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  @Test
  void filesAndJobs_areDeleted_whenRemoved_andWithTheServer() throws Exception {
    String set = drop("m.onnx", "ok");
    String id = begin(Map.of("kind", "audit", "set", set));
    await(id, "done");
    Path root = root();
    assertThat(files(root)).anyMatch(name -> name.endsWith("m.onnx"));

    server.send("DELETE", "/api/files/" + set, new byte[0]);

    assertThat(files(root)).isEmpty();
    assertThat(list().path("jobs").isEmpty()).isTrue();
    drop("n.onnx", "ok");
    server.close();
    assertThat(root).doesNotExist();
  }

  private static Path root() throws IOException {
    String prefix = "sightline-serve-" + ProcessHandle.current().pid() + "-";
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(each -> each.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    }
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  @Test
  void hostileNames_andTooLargeFiles_areRefused() throws Exception {
    String set = drop("m.onnx", "ok");

    for (String name :
        List.of(
            "..%2Fx.onnx",
            "%2e%2e", ".hidden", "a%5Cb.onnx", "a%0A.onnx", "%E2%80%AEx.onnx", "x".repeat(250))) {
      assertThat(put(set, name, "x")).as(name).isIn(400, 404, 422);
    }
    assertThat(
            server.raw(
                List.of(
                    "PUT /api/files/" + set + "/a%00.onnx HTTP/1.1",
                    "Host: 127.0.0.1:" + server.port(),
                    "X-Sightline-Page: " + server.pageToken,
                    "Content-Length: 0",
                    "Connection: close")))
        .isIn("HTTP/1.1 400", "HTTP/1.1 422");
    assertThat(put(set, "big.bin", "x".repeat((int) LIMIT + 1))).isEqualTo(413);
    assertThat(put(set, "part1.bin", "x".repeat(600))).isEqualTo(200);
    assertThat(put(set, "part2.bin", "x".repeat(600))).isEqualTo(413);
    assertThat(put("0".repeat(32), "m.onnx", "x")).isEqualTo(404);
    assertThat(list().path("sets").path(0).path("files").size()).isEqualTo(2);
  }

  @Test
  void filesOfTheFolder_canBeNamed_andNoOthers() throws Exception {
    assertThat(list().path("folder").path("data").toString()).contains("data.jsonl");
    await(begin(Map.of("kind", "heads", "model", "own.onnx", "data", "data.jsonl")), "done");
    assertThat(list().path("folder").path("models").toString())
        .isEqualTo("[\"LOUD.ONNX\",\"own.onnx\"]");
    await(begin(Map.of("kind", "audit", "model", "LOUD.ONNX")), "done");

    for (String name :
        List.of(
            "../secret.jsonl",
            outside.resolve("secret.jsonl").toString(),
            "link.jsonl",
            "..",
            ".",
            "",
            "none.jsonl",
            "data.jsonl\u0000",
            "two\u2028lines.onnx")) {
      Server.Answer answer =
          server.ask("/api/jobs", Map.of("kind", "heads", "model", "own.onnx", "data", name));
      assertThat(answer.status()).as("data %s", name).isIn(403, 404);
      assertThat(server.ask("/api/jobs", Map.of("kind", "audit", "model", name)).status())
          .as("model %s", name)
          .isIn(403, 404, 422);
    }
  }

  @Test
  void whatAJobDidNotWrite_isNotServed() throws Exception {
    String id = begin(Map.of("kind", "audit", "set", drop("m.onnx", "ok")));
    await(id, "done");

    for (String path : List.of("..%2Fset", "%2e%2e%2fx", "/etc/passwd", "no.html")) {
      assertThat(server.send("GET", "/jobs/" + id + "/" + path, new byte[0]).statusCode())
          .as(path)
          .isIn(400, 404);
    }
    assertThat(
            server
                .send("GET", "/jobs/" + "0".repeat(32) + "/report.html", new byte[0])
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void queue_isBounded() throws Exception {
    String set = drop("m.onnx", "slow");
    for (int i = 0; i < 20; i++) {
      begin(Map.of("kind", "audit", "set", set));
    }

    Server.Answer answer = server.ask("/api/jobs", Map.of("kind", "audit", "set", set));

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.message()).contains("20 jobs");
    assertThat(server.ask("/api/jobs", Map.of("kind", "rm -rf", "set", set)).status())
        .isEqualTo(422);
  }
}
