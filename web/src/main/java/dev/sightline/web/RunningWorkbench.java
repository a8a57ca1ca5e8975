package dev.sightline.web;

import io.javalin.Javalin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A workbench that serves until it is closed. */
public final class RunningWorkbench implements AutoCloseable {
  private final Javalin server;
  private final String address;
  private final List<AutoCloseable> parts;

  RunningWorkbench(Javalin server, String address, List<AutoCloseable> parts) {
    this.server = server;
    this.address = address;
    this.parts = List.copyOf(parts);
  }

  /** {@return the address that a browser opens, with the token if there is one} */
  public String address() {
    return address;
  }

  /** {@return the port that it listens at} */
  public int port() {
    return server.port();
  }

  /** Stops the server and its jobs, and deletes what was uploaded. */
  @Override
  public void close() {
    server.stop();
    @Nullable RuntimeException failure = null;
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        failure = new IllegalStateException("the workbench was not closed cleanly", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
