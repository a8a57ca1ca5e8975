package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The pages, and the scripts and the style sheet that they load. All are resources beside this. */
public final class Assets {
  private static final Map<String, String> PAGES =
      Map.of("/", "mask.html", "/models", "models.html", "/walkthrough", "walkthrough.html");
  private static final List<String> FILES =
      List.of(
          "app.css",
          "api.js",
          "dom.js",
          "address.js",
          "editor.js",
          "canvas.js",
          "mask.js",
          "gallery.js",
          "forms.js",
          "models.js",
          "walkthrough.js");

  private final Map<String, byte[]> contents = new HashMap<>();

  public Assets(Access access, String version) {
    PAGES.forEach((path, page) -> contents.put(page, page(path, page, access, version)));
    FILES.forEach(file -> contents.put(file, resource(file)));
  }

  /** Adds the routes of the pages and files. */
  public void addTo(JavalinDefaultRoutingApi routes) {
    PAGES.forEach((path, page) -> routes.get(path, context -> send(context, page)));
    FILES.forEach(file -> routes.get("/app/" + file, context -> send(context, file)));
    routes.get("/favicon.ico", context -> context.status(204));
  }

  private void send(Context context, String name) {
    String type =
        name.endsWith(".html")
            ? "text/html; charset=utf-8"
            : name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    context.contentType(type).result(contents.getOrDefault(name, new byte[0]));
  }

  /** A page with what all have in common: the start of its head, and the links to all pages. */
  private static byte[] page(String path, String name, Access access, String version) {
    String here = "href=\"" + path + "\"";
    return text(name)
        .replace("{{head}}", text("head.html"))
        .replace("{{top}}", text("top.html").replace(here, here + " aria-current=\"page\""))
        .replace("{{page-token}}", access.pageToken())
        .replace("{{version}}", version)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String text(String name) {
    return new String(resource(name), StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("'" + name + "' is missing beside Assets");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
