package dev.sightline.web;

import dev.sightline.web.internal.job.JobApi;
import dev.sightline.web.internal.mask.Questions;
import io.javalin.Javalin;

/** A workbench that serves until it is closed. */
public final class RunningWorkbench implements AutoCloseable {
  private final Javalin server;
  private final String address;
  private final Questions questions;
  private final JobApi jobs;

  RunningWorkbench(Javalin server, String address, Questions questions, JobApi jobs) {
    this.server = server;
    this.address = address;
    this.questions = questions;
    this.jobs = jobs;
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
    try (jobs;
        questions) {
      server.stop();
    }
  }
}
