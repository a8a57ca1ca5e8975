package dev.sightline.cli;

import dev.sightline.mask.MaskSyntaxException;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;

/** What a command says, in one line, when it ends by an exception or an error of the JVM. */
final class Failure {
  /** Code points; a message may repeat what a file says. */
  private static final int LONGEST = 1500;

  private Failure() {}

  /** Returns the line, without the program's name. The picture of a syntax error has three. */
  static String text(Throwable thrown) {
    Throwable cause = cause(thrown);
    if (cause instanceof MaskSyntaxException syntax) {
      return String.valueOf(syntax.getMessage()); // bounded where it is made
    }
    return Quoted.plain(
        switch (cause) {
          case OutOfMemoryError e -> outOfMemory(e);
          case StackOverflowError e ->
              "the stack is full: something in the input is nested too deeply";
          case LinkageError e -> "a library cannot be loaded: " + messages(e);
          case FileSystemException e -> ofFile(e);
          case IOException e -> message(e);
          case UncheckedIOException e -> message(Objects.requireNonNullElse(e.getCause(), e));
          case IllegalArgumentException e -> message(e);
          default ->
              "internal error: "
                  + message(cause)
                  + " (please report it with the stack trace that --debug shows)";
        },
        LONGEST);
  }

  /** The exception of the command, which picocli wraps. */
  private static Throwable cause(Throwable thrown) {
    return thrown instanceof CommandLine.ExecutionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  private static String outOfMemory(OutOfMemoryError e) {
    String message = String.valueOf(e.getMessage());
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    if (message.contains("native thread")) {
      return "no further thread can be started: " + message;
    }
    return "out of memory with a heap of "
        + heap
        + " MB ("
        + message
        + "); give it more with JAVA_TOOL_OPTIONS=-Xmx8g";
  }

  /** The message of some of these exceptions is the path alone. */
  private static String ofFile(FileSystemException e) {
    String file = e.getFile();
    if (file == null || e.getReason() != null) {
      return message(e);
    }
    String name = "'" + Quoted.plain(file, LONGEST / 2) + "'";
    return switch (e) {
      case NoSuchFileException missing -> "there is no " + name;
      case AccessDeniedException denied -> name + " may not be read or written by this user";
      case FileAlreadyExistsException there -> name + " is there already";
      default -> name + " cannot be used: " + e.getClass().getSimpleName();
    };
  }

  private static String messages(Throwable e) {
    Throwable cause = e.getCause();
    return message(e) + (cause == null ? "" : ": " + message(cause));
  }

  private static String message(Throwable e) {
    String message = Objects.requireNonNullElse(e.getMessage(), "");
    boolean bare = message.isBlank();
    boolean expected = e instanceof IOException || e instanceof IllegalArgumentException;
    String type = e.getClass().getSimpleName();
    return bare ? type : expected ? message : type + ": " + message;
  }
}
