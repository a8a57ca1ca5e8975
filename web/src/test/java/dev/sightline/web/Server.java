package dev.sightline.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A workbench for a test, and a client that speaks as its pages do. */
final class Server implements AutoCloseable {
  private final RunningWorkbench running;
  private final HttpClient client = HttpClient.newHttpClient();
  final String pageToken;

  Server(Workbench workbench) throws IOException, InterruptedException {
    this.running = workbench.port(0).start();
    HttpResponse<String> page = get(address("/"), request -> request);
    Matcher token = Pattern.compile("page-token\" content=\"([0-9a-f]{32})\"").matcher(page.body());
    this.pageToken = token.find() ? token.group(1) : "";
  }

  /** A workbench without models. */
  static Workbench withoutModels() {
    return Workbench.with(arguments -> new ProcessBuilder("false"));
  }

  String address(String path) {
    return "http://127.0.0.1:" + running.port() + path;
  }

  int port() {
    return running.port();
  }

  String printedAddress() {
    return running.address();
  }

  HttpResponse<String> get(String address, UnaryOperator<HttpRequest.Builder> more)
      throws IOException, InterruptedException {
    return client.send(
        more.apply(HttpRequest.newBuilder(URI.create(address))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<byte[]> send(String method, String path, byte[] body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(address(path)))
            .header("X-Sightline-Page", pageToken)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /** A question as a page asks it: the answer's JSON, with the status beside it. */
  Answer ask(String path, Map<String, ?> question) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        send("POST", path, JsonMapper.shared().writeValueAsBytes(question));
    return new Answer(response.statusCode(), JsonMapper.shared().readTree(response.body()));
  }

  record Answer(int status, JsonNode json) {
    String message() {
      return json.path("message").asString("");
    }
  }

  /** Sends bytes as they are, and returns the answer's first line. */
  String raw(List<String> lines) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(12), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    client.close();
    running.close();
  }
}
