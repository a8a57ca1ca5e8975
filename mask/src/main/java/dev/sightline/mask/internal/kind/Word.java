package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.text.Arguments;
import dev.sightline.mask.internal.text.Source;
import java.util.function.Function;

/**
 * A word of the text form.
 *
 * @param name the word, lower case with hyphens
 * @param syntax reads what follows the word
 */
public record Word(String name, Syntax syntax) {
  /** Reads what follows a word, from its opening parenthesis to its closing one. */
  @FunctionalInterface
  public interface Syntax {
    /**
     * Reads a kind.
     *
     * @param source at the character after the word
     * @param start the index of the word
     */
    Kind read(Source source, int start);
  }

  /**
   * A word with lists of numbers, bits and flags between its parentheses.
   *
   * @param takes what the word takes, for the message about an argument too many
   */
  static Word of(String name, String takes, Function<Arguments, Kind> make) {
    return new Word(
        name,
        (source, start) -> {
          Arguments arguments = Arguments.read(source, start, name);
          Kind kind = make.apply(arguments);
          arguments.done(takes);
          return kind;
        });
  }
}
