package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** The body of a request, read as fast as any client on the same network sends it, or refused. */
public final class RequestBody {
  /** Bytes a second; slower ones would hold a thread for ever. */
  private static final long SLOWEST = 1024;

  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final long DRAINED = 1 << 20;

  private static final System.Logger LOG = System.getLogger("dev.sightline.web");

  private RequestBody() {}

  /**
   * Copies a body.
   *
   * @param room the most bytes that are written
   * @return the number of bytes, or -1 if there are more than fit
   * @throws HttpProblem if they come too slowly
   */
  public static long copy(InputStream in, OutputStream out, long room) throws IOException {
    long start = System.nanoTime();
    byte[] buffer = new byte[1 << 16];
    long size = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      size += read;
      if (size > room) {
        return -1;
      }
      long nanos = System.nanoTime() - start - GRACE.toNanos();
      if (nanos > 0 && size < SLOWEST * (nanos / 1e9)) {
        throw new HttpProblem(408, "the request comes too slowly");
      }
      out.write(buffer, 0, read);
    }
    return size;
  }

  /**
   * Reads what a route has left of a body, if that is little: then the client reads the answer, and
   * may ask again over the same connection. Else the connection ends with the answer; the server
   * would end it unannounced, and the client's next question would be lost.
   */
  public static void finish(Context context) {
    try {
      if (copy(context.req().getInputStream(), OutputStream.nullOutputStream(), DRAINED) >= 0) {
        return;
      }
    } catch (IOException | IllegalStateException | HttpProblem e) {
      // What is left cannot be read.
      LOG.log(Level.DEBUG, () -> "a request's body is not read to its end: " + e.getMessage());
    }
    context.header("Connection", "close");
  }
}
