package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.SameSite;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that no page of this server makes: those for another host (a foreign name that
 * points at this machine), from another origin (a page in another tab), without the token of the
 * page, or without the token of the server where it listens beyond loopback.
 */
public final class Guard {
  /** The header in which a page sends its token. */
  public static final String PAGE_TOKEN = "X-Sightline-Page";

  private static final String COOKIE = "sightline";
  private static final Set<HandlerType> METHODS =
      Set.of(
          HandlerType.GET, HandlerType.HEAD, HandlerType.POST, HandlerType.PUT, HandlerType.DELETE);

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src"
          + " 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'none'";

  private final Access access;

  public Guard(Access access) {
    this.access = access;
  }

  /**
   * Lets a request pass.
   *
   * @throws HttpProblem if it is not let pass
   */
  public void check(Context context) {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    context.header("Cache-Control", "no-store");
    if (!METHODS.contains(context.method())) {
      throw new HttpProblem(405, "this server has no " + context.method().name());
    }
    String host = context.req().getHeader("Host");
    if (!access.isOwn(host, context.req().getLocalPort())) {
      throw new HttpProblem(403, "this is not the host that the server listens at");
    }
    String origin = context.req().getHeader("Origin");
    if (origin != null && !origin.equals("http://" + host)) {
      throw new HttpProblem(403, "a page of another origin may not use this server");
    }
    if (isForeign(context.req().getHeader("Sec-Fetch-Site")) && !isOwnWindow(context)) {
      throw new HttpProblem(403, "a page of another site may not use this server");
    }
    if (!access.token().isEmpty()) {
      checkToken(context);
    }
    if (isApi(context) && !Access.same(access.pageToken(), context.header(PAGE_TOKEN))) {
      throw new HttpProblem(403, "this page is of an earlier start of the server; reload the page");
    }
  }

  /** Whether a script of a page asks, and not the browser for a page or a file. */
  static boolean isApi(Context context) {
    return context.path().startsWith("/api/");
  }

  private static boolean isForeign(@Nullable String site) {
    return site != null && !site.equals("same-origin") && !site.equals("none");
  }

  /** A link on another page may open a page of this server, though not in a frame. */
  private static boolean isOwnWindow(Context context) {
    return isPage(context)
        && "navigate".equals(context.req().getHeader("Sec-Fetch-Mode"))
        && "document".equals(context.req().getHeader("Sec-Fetch-Dest"))
        && !context.path().startsWith("/jobs/");
  }

  private static boolean isPage(Context context) {
    return context.method().equals(HandlerType.GET) && !isApi(context);
  }

  /** The token comes once in the address, then in a cookie that scripts cannot read. */
  private void checkToken(Context context) {
    if (Access.same(access.token(), context.cookie(COOKIE))) {
      return;
    }
    if (!isPage(context) || !Access.same(access.token(), context.queryParam("token"))) {
      throw new HttpProblem(
          401, "open the address that the server printed, with its token, in this browser");
    }
    Cookie cookie = new Cookie(COOKIE, access.token());
    cookie.setHttpOnly(true);
    cookie.setSameSite(SameSite.LAX);
    context.cookie(cookie);
    context.redirect("/");
    context.skipRemainingHandlers();
  }
}
