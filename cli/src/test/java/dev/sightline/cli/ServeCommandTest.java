package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.web.RunningWorkbench;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServeCommandTest {
  @Test
  void hostWithoutToken_andWrongOptions_areRefused() {
    assertThat(Ran.run("serve", "--host", "0.0.0.0"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(Sightline.CANNOT_RUN))
        .satisfies(ran -> assertThat(ran.err()).contains("--host and --token go together"));
    assertThat(Ran.run("serve", "--token", "a-long-token").err()).contains("go together");
    assertThat(Ran.run("serve", "--host", "0.0.0.0", "--token", "short").err())
        .contains("8 to 200 letters");
    assertThat(Ran.run("serve", "--folder", "no-such-folder").err())
        .contains("'no-such-folder' is no folder");
    assertThat(Ran.run("serve", "--port", "70000").err()).contains("70000");
    assertThat(Ran.run("serve", "--upload-limit", "much").err())
        .contains("'much' is not a size for --upload-limit");
  }

  /** The commands themselves, in processes that tell their progress. */
  @Test
  void audit_runsInAProcessOfItsOwn() throws Exception {
    ServeCommand command = new ServeCommand();
    new CommandLine(command).parseArgs("--port", "0", "--time-limit", "5min");
    try (RunningWorkbench running = command.workbench().start();
        HttpClient client = HttpClient.newHttpClient()) {
      String page = client.send(request(running, "", "").build(), BodyHandlers.ofString()).body();
      Matcher token = Pattern.compile("page-token\" content=\"([0-9a-f]+)\"").matcher(page);
      assertThat(token.find()).isTrue();
      client.send(
          request(running, "api/jobs", token.group(1))
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"kind\":\"audit\",\"model\":\"tiny-gpt\"}"))
              .build(),
          BodyHandlers.ofString());

      JsonNode job = JsonMapper.shared().nullNode();
      for (int i = 0; i < 600 && !job.path("state").asString("").matches("done|failed"); i++) {
        Thread.sleep(100);
        job =
            JsonMapper.shared()
                .readTree(
                    client
                        .send(
                            request(running, "api/jobs", token.group(1)).build(),
                            BodyHandlers.ofString())
                        .body())
                .path("jobs")
                .path(0);
      }

      assertThat(job.path("state").asString()).as("%s", job).isEqualTo("done");
      assertThat(job.path("text").asString()).startsWith("PASS");
      assertThat(job.path("done").asInt()).isPositive().isEqualTo(job.path("total").asInt());
      assertThat(job.path("unit").asString()).isEqualTo("texts");
      assertThat(job.path("files").toString()).contains("report.html");
    }
  }

  private static HttpRequest.Builder request(RunningWorkbench running, String path, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(running.address() + path));
    return token.isEmpty() ? request : request.header("X-Sightline-Page", token);
  }
}
