package dev.sightline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is answered, and who is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
  private static final String CELL = "{\"mask\":\"causal\",\"query\":1,\"key\":0}";

  @AutoClose private final Server server = new Server(Server.withoutModels());

  AccessTest() throws Exception {}

  private String post(String... headers) throws IOException {
    List<String> lines = new ArrayList<>(List.of("POST /api/mask/cell HTTP/1.1"));
    lines.addAll(List.of(headers));
    lines.addAll(List.of("Content-Length: " + CELL.length(), "Connection: close", "", CELL));
    return server.raw(lines);
  }

  private String get(String path, String... headers) throws IOException {
    return raw("GET " + path, headers);
  }

  private String raw(String request, String... headers) throws IOException {
    List<String> lines = new ArrayList<>(List.of(request + " HTTP/1.1"));
    lines.addAll(List.of(headers));
    lines.add("Connection: close");
    return server.raw(lines);
  }

  private String withPort(String text) {
    return text.replace("PORT", Integer.toString(server.port()));
  }

  private String host() {
    return "Host: 127.0.0.1:" + server.port();
  }

  private String page() {
    return "X-Sightline-Page: " + server.pageToken;
  }

  @Test
  void ownPage_isAnswered() throws IOException {
    assertThat(post(host(), page())).isEqualTo("HTTP/1.1 200");
    assertThat(post(host(), page(), "Origin: http://127.0.0.1:" + server.port()))
        .isEqualTo("HTTP/1.1 200");
    assertThat(post("Host: localhost:" + server.port(), page())).isEqualTo("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example:PORT",
        "127.0.0.1.evil.example:PORT",
        "localhost.:PORT",
        "127.0.0.1:1",
        "127.0.0.1",
        "192.168.0.1:PORT",
        "127.0.0.1@evil.example:PORT"
      })
  void foreignHost_isRefused(String name) throws IOException {
    String header = "Host: " + withPort(name);

    assertThat(post(header, page())).isIn("HTTP/1.1 403", "HTTP/1.1 400");
    assertThat(get("/", header)).isIn("HTTP/1.1 403", "HTTP/1.1 400");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "null",
        "https://127.0.0.1:PORT",
        "http://localhost:PORT",
        "http://127.0.0.1:1"
      })
  void foreignOrigin_isRefused(String origin) throws IOException {
    assertThat(post(host(), page(), "Origin: " + withPort(origin))).isEqualTo("HTTP/1.1 403");
  }

  @Test
  void otherSite_mayLinkToAPage_andNothingElse() throws IOException {
    String site = "Sec-Fetch-Site: cross-site";
    String navigate = "Sec-Fetch-Mode: navigate";

    assertThat(get("/?mask=causal", host(), site, navigate, "Sec-Fetch-Dest: document"))
        .isEqualTo("HTTP/1.1 200");
    assertThat(get("/", host(), site, navigate, "Sec-Fetch-Dest: iframe"))
        .isEqualTo("HTTP/1.1 403");
    assertThat(get("/", host(), site, "Sec-Fetch-Mode: cors")).isEqualTo("HTTP/1.1 403");
    assertThat(post(host(), page(), site)).isEqualTo("HTTP/1.1 403");
  }

  @Test
  void withoutThePagesToken_nothingIsAnswered() throws IOException {
    assertThat(post(host())).isEqualTo("HTTP/1.1 403");
    assertThat(post(host(), "X-Sightline-Page: " + "0".repeat(32))).isEqualTo("HTTP/1.1 403");
  }

  @Test
  void otherMethods_andPaths_areRefused() throws IOException {
    for (String method : List.of("TRACE", "OPTIONS", "PATCH")) {
      assertThat(raw(method + " /", host()))
          .as(method)
          .isIn("HTTP/1.1 405", "HTTP/1.1 404", "HTTP/1.1 400");
    }
    for (String path : List.of("/app/../mask.html", "/app/%2e%2e/Assets.class", "/etc/passwd")) {
      assertThat(get(path, host())).as(path).isIn("HTTP/1.1 404", "HTTP/1.1 400");
    }
  }

  @Test
  void pages_haveAPolicy_andKeepNothing() throws Exception {
    HttpResponse<String> page = server.get(server.address("/"), request -> request);

    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(page.body()).doesNotContain("style=", "onclick", "<script>", "https://", "{{");
  }

  @Test
  void requestsThatStall_areCutOff() throws Exception {
    try (Server other = new Server(Server.withoutModels().idleLimit(Duration.ofMillis(500)))) {
      long before = System.nanoTime();

      String answer =
          other.raw(
              List.of(
                  "POST /api/mask/cell HTTP/1.1",
                  "Host: 127.0.0.1:" + other.port(),
                  "X-Sightline-Page: " + other.pageToken,
                  "Content-Length: 100000",
                  "",
                  "{"));

      assertThat(answer).isNotEqualTo("HTTP/1.1 200");
      assertThat(System.nanoTime() - before).isLessThan(8_000_000_000L);
    }
  }

  @Test
  void withAToken_aBrowserNeedsItOnce() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();

    try (Server other = new Server(Server.withoutModels().host(loopback, "a-secret_token"))) {
      assertThat(other.pageToken).isEmpty();
      assertThat(other.printedAddress()).endsWith("/?token=a-secret_token");
      assertThat(other.get(other.address("/?token=a-secret_tokem"), r -> r).statusCode())
          .isEqualTo(401);
      HttpResponse<String> entry = other.get(other.address("/?token=a-secret_token"), r -> r);
      assertThat(entry.statusCode()).isEqualTo(302);
      String cookie = entry.headers().firstValue("Set-Cookie").orElse("");
      assertThat(cookie).contains("HttpOnly").contains("SameSite=Lax");
      assertThat(
              other
                  .get(
                      other.address("/"),
                      request -> request.header("Cookie", cookie.split(";", -1)[0]))
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void shortToken_portThatIsTaken_areSaid() throws IOException {
    Workbench workbench = Server.withoutModels();

    assertThatThrownBy(() -> workbench.host(InetAddress.getLoopbackAddress(), "short"))
        .hasMessageContaining("8 to 200");
    assertThatThrownBy(() -> workbench.port(65536)).hasMessageContaining("65536");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> workbench.port(taken.getLocalPort()).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("port " + taken.getLocalPort());
    }
  }
}
