package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Whatever a command throws, it is one line and exit code 2. */
class FailureTest {
  /** A command that throws. */
  @Command(name = "fails")
  private record Failing(Throwable thrown) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (Exception) thrown;
    }
  }

  /** What is thrown, and what is said of it. */
  record Case(Throwable thrown, String said) {}

  static Case[] cases() {
    return new Case[] {
      new Case(new IOException("no room"), "no room"),
      new Case(new IllegalArgumentException("a size of 3"), "a size of 3"),
      new Case(new NoSuchFileException("a.npy"), "there is no 'a.npy'"),
      new Case(new AccessDeniedException("a"), "'a' may not be read or written by this user"),
      new Case(
          new UnsatisfiedLinkError("no x"),
          "a library cannot be loaded: UnsatisfiedLinkError: no x"),
      new Case(
          new ExceptionInInitializerError(new IllegalStateException("old glibc")),
          "a library cannot be loaded: ExceptionInInitializerError: IllegalStateException: old"
              + " glibc"),
      new Case(
          new StackOverflowError(),
          "the stack is full: something in the input is nested too deeply"),
      new Case(
          new ArithmeticException("integer overflow"),
          "internal error: ArithmeticException: integer overflow (please report it with the stack"
              + " trace that --debug shows)"),
      new Case(
          new IOException("two\nlines and \u001b[31m" + "x".repeat(5000)),
          "two\\u000alines and \\u001b[31m" + "x".repeat(1500 - 19) + "..."),
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyThrowable_isOneLine(Case each) {
    StringWriter err = new StringWriter();
    CommandLine root = Sightline.commandLine();
    root.addSubcommand("fails", new Failing(each.thrown()));
    root.setErr(new PrintWriter(err, true));

    assertThat(Sightline.execute(root, "fails")).isEqualTo(2);
    assertThat(err.toString()).isEqualTo("sightline: " + each.said() + System.lineSeparator());
  }

  @Test
  void outOfMemory_saysHowMuchThereIs() {
    assertThat(Failure.text(new OutOfMemoryError("Java heap space")))
        .matches(
            "out of memory with a heap of \\d+ MB \\(Java heap space\\); give it more with"
                + " JAVA_TOOL_OPTIONS=-Xmx8g");
  }

  /** An @ is part of a text, not a file with further arguments. */
  @Test
  void at_isText() {
    Ran ran = Ran.run("mask", "show", "@nofile", "--q", "3");
    assertThat(ran.err()).contains("found '@'").contains("  @nofile");
  }
}
