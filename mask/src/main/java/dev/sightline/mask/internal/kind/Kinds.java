package dev.sightline.mask.internal.kind;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of mask that the text form knows. A new kind is one file and one line here. */
public final class Kinds {
  private static final List<Word> WORDS =
      Stream.of(
              Full.WORDS,
              None.WORDS,
              Causal.WORDS,
              Window.WORDS,
              Chunk.WORDS,
              Prefix.WORDS,
              Padding.WORDS,
              Documents.WORDS,
              BlockCausal.WORDS,
              RowCausal.WORDS,
              Islands.WORDS,
              Dilated.WORDS,
              Global.WORDS,
              Tree.WORDS,
              SharedPrefix.WORDS,
              Grouped.WORDS,
              Dense.WORDS,
              Policy.WORDS,
              OfSample.WORDS)
          .flatMap(List::stream)
          .toList();

  private static final Map<String, Word> BY_NAME =
      WORDS.stream().collect(Collectors.toUnmodifiableMap(Word::name, word -> word));

  private Kinds() {}

  /** The words, in the order in which a message lists them. */
  public static List<String> names() {
    return WORDS.stream().map(Word::name).toList();
  }

  /** The word of a name. */
  public static Optional<Word> word(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
