package dev.sightline.web.internal.job;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One command in a process of its own, from the queue to its end. Safe to share. */
final class Job {
  /** How far a job is. */
  enum State {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED
  }

  private static final int LONGEST_TEXT = 1 << 16;
  private static final int LONGEST_LINE = 2000;
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Pattern PROGRESS =
      Pattern.compile("progress (\\d{1,15}) of (\\d{1,15}) ([\\w ]{1,20})");

  private final String id;
  private final JobKind kind;
  private final String model;
  private final String set;
  private final Path folder;
  private final ProcessBuilder command;

  private State state = State.QUEUED;
  private @Nullable Process process;
  private long started;
  private long ended;
  private long done;
  private long total;
  private String unit = "";
  private String text = "";
  private String message = "";

  /**
   * A job that has not begun.
   *
   * @param model what people call the model
   * @param set the files that it uses; empty if they are no upload
   * @param folder what it writes into
   */
  Job(String id, JobKind kind, String model, String set, Path folder, ProcessBuilder command) {
    this.id = id;
    this.kind = kind;
    this.model = model;
    this.set = set;
    this.folder = folder;
    this.command = command;
  }

  String id() {
    return id;
  }

  String set() {
    return set;
  }

  Path folder() {
    return folder;
  }

  synchronized boolean isOver() {
    return state != State.QUEUED && state != State.RUNNING;
  }

  /** Runs the command to its end. */
  void run() {
    Process running;
    synchronized (this) {
      if (state != State.QUEUED) {
        return;
      }
      started = System.nanoTime();
      try {
        running = command.start();
      } catch (IOException e) {
        end(State.FAILED, "the job could not be started: " + e.getMessage());
        return;
      }
      process = running;
      state = State.RUNNING;
    }
    Thread messages = Thread.ofVirtual().start(() -> readMessages(running.getErrorStream()));
    try {
      running.getOutputStream().close();
      readText(running.getInputStream());
      int code = running.waitFor();
      messages.join(GRACE.toMillis());
      finish(code);
    } catch (IOException e) {
      running.destroyForcibly();
      end(State.FAILED, "the output of the job could not be read");
    } catch (InterruptedException e) {
      running.destroyForcibly();
      end(State.CANCELLED, "");
      Thread.currentThread().interrupt();
    }
  }

  /** What the command prints, cut; all of it is read, or the command would wait. */
  private void readText(InputStream in) throws IOException {
    byte[] head = in.readNBytes(LONGEST_TEXT);
    long more = in.transferTo(OutputStream.nullOutputStream());
    synchronized (this) {
      String printed = new String(head, StandardCharsets.UTF_8) + (more > 0 ? "\n..." : "");
      text = withoutFolder(printed);
    }
  }

  /**
   * The text without the job's folder: a page does not show paths, it has buttons for the files.
   */
  private String withoutFolder(String printed) {
    return printed
        .lines()
        .filter(line -> !line.contains(folder + "/report") || !line.contains("  report"))
        .map(line -> line.replace(folder + "/", ""))
        .collect(Collectors.joining("\n"));
  }

  private void readMessages(InputStream in) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c == '\n') {
          message(line.toString());
          line.setLength(0);
        } else if (line.length() < LONGEST_LINE) {
          line.append((char) c);
        }
      }
      message(line.toString());
    } catch (IOException e) {
      message("sightline: the messages of the job could not be read");
    }
  }

  private synchronized void message(String line) {
    Matcher progress = PROGRESS.matcher(line.strip());
    if (progress.matches()) {
      done = Long.parseLong(progress.group(1));
      total = Long.parseLong(progress.group(2));
      unit = progress.group(3);
    } else if (line.startsWith("sightline: ")) {
      message = line.substring("sightline: ".length()).replace(folder + "/", "");
    }
  }

  private synchronized void finish(int code) {
    if (code == 0 || code == 1) {
      end(State.DONE, "");
    } else if (!message.isEmpty()) {
      end(State.FAILED, message);
    } else {
      end(
          State.FAILED,
          code > 128
              ? "the process was ended by signal " + (code - 128)
              : "the process ended with code " + code);
    }
  }

  /** The first end counts: what was cancelled did not fail. */
  private synchronized void end(State how, String why) {
    if (isOver()) {
      return;
    }
    state = how;
    message = why;
    ended = System.nanoTime();
    process = null;
  }

  /** Stops the job wherever it is, its process too. */
  void cancel() {
    Process running;
    synchronized (this) {
      if (isOver()) {
        return;
      }
      running = process;
      end(State.CANCELLED, "");
    }
    if (running != null) {
      stop(running);
    }
  }

  private static void stop(Process running) {
    running.destroy();
    try {
      if (!running.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        running.destroyForcibly();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The file of a name that the job has written, when it is over. */
  Optional<Path> file(String name) {
    return isOver() ? Optional.ofNullable(Folders.files(folder).get(name)) : Optional.empty();
  }

  synchronized Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("kind", kind.id());
    json.put("title", kind.title() + " " + model);
    json.put("state", state.name().toLowerCase(Locale.ROOT));
    json.put("done", done);
    json.put("total", total);
    json.put("unit", unit);
    long until = isOver() ? ended : System.nanoTime();
    json.put("seconds", started == 0 ? 0 : (until - started) / 1e9);
    json.put("text", text);
    json.put("message", message);
    json.put("files", isOver() ? List.copyOf(Folders.files(folder).keySet()) : List.of());
    return json;
  }
}
