package dev.sightline.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The words of a command that repeats a run. */
final class CommandWords {
  private final List<String> words;

  CommandWords(String... first) {
    words = new ArrayList<>(List.of(first));
  }

  /** Adds an option with its value, if it was given. */
  CommandWords add(String option, @Nullable Object value) {
    if (value != null) {
      words.addAll(List.of(option, value.toString()));
    }
    return this;
  }

  CommandWords addAll(List<String> more) {
    words.addAll(more);
    return this;
  }

  List<String> list() {
    return List.copyOf(words);
  }

  /** The command line, for a POSIX shell. */
  String line() {
    return words.stream().map(CommandWords::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
