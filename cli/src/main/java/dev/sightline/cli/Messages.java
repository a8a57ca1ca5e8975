package dev.sightline.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Where messages go: standard error, or where the launcher kept it. The launcher takes descriptor 2
 * from commands that run native code, so that it can leave out what that prints when it crashes.
 */
final class Messages {
  private Messages() {}

  /** Makes {@link System#err} what the property {@code sightline.messages} names, if it is set. */
  static void open() {
    String path = System.getProperty("sightline.messages");
    if (path == null) {
      return;
    }
    try {
      OutputStream stream = new FileOutputStream(path, true);
      System.setErr(new PrintStream(stream, true, System.err.charset()));
    } catch (IOException e) {
      System.err.println("sightline: " + path + " cannot be opened: " + e.getMessage());
    }
  }
}
