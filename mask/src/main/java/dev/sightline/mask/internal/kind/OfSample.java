package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Source;
import java.util.List;
import java.util.Set;

/**
 * A part that is about the tokens of a sample: {@code padding} without lengths is the padding of
 * whatever sample the mask is applied to. It has no rule until a sample is given.
 *
 * @param fact what it takes from the sample
 * @param number the token type of a prefix, the size of a chunk; 0 for the other facts
 * @param name the input that marks keys or gives pairs; empty for the other facts
 */
public record OfSample(Fact fact, int number, String name) implements Kind {
  /** What a part takes from a sample. */
  public enum Fact {
    /** Both tokens are real. */
    PADDING("padding"),
    /** The key is real. */
    KEY_PADDING("key-padding"),
    /** The key is one of the first, as many as are real, wherever those are. */
    LENGTH("key-padding(by-length)"),
    /** The query is real. */
    QUERY_PADDING("query-padding"),
    /** The key has a token type, or is not after the query. */
    PREFIX_BY_TYPE("prefix(token-types=%d)"),
    /** Both tokens have the same token type, and it is not 0. */
    ISLANDS_BY_TYPE("islands(token-types)"),
    /** Both tokens are in one span of tokens of the same type, which is not 0. */
    ISLANDS_BY_SPAN("islands(token-types; spans)"),
    /** Both tokens have the same token type. */
    DOCUMENTS_BY_TYPE("documents(token-types)"),
    /** No position between the two tokens starts again. */
    DOCUMENTS_BY_POSITION("documents(positions)"),
    /** Chunks that are counted from the first real token. */
    CHUNK_AFTER_PADDING("chunk(%d; left-padding)"),
    /** Chunks of positions. */
    CHUNK_BY_POSITION("chunk(%d; positions)"),
    /** An input of the model is not 0 at the key. */
    MARKED("marked(%s)"),
    /** An input of the model allows the pair. */
    GIVEN("given(%s)");

    private final String form;

    Fact(String form) {
      this.form = form;
    }
  }

  static final List<Word> WORDS =
      List.of(
          new Word("marked", (source, start) -> marked(readName(source, "marked(image_mask)"))),
          new Word("given", (source, start) -> given(readName(source, "given(step_mask)"))));

  private static final Set<Trait> PADDED = Set.of(Trait.PADDING);

  static OfSample of(Fact fact) {
    return new OfSample(fact, 0, "");
  }

  static OfSample of(Fact fact, int number) {
    return new OfSample(fact, number, "");
  }

  /** Keys at which an input of the model is not 0. */
  public static OfSample marked(String input) {
    return new OfSample(Fact.MARKED, 0, input);
  }

  /** Pairs that an input of the model allows. */
  public static OfSample given(String input) {
    return new OfSample(Fact.GIVEN, 0, input);
  }

  private static String readName(Source source, String example) {
    source.need('(', "'(' and the name of an input, as in " + example);
    String name = source.takeWhile(OfSample::isOfName);
    if (name.isEmpty()) {
      throw source.expected("the name of an input, as in " + example);
    }
    source.need(')', "')'");
    return name;
  }

  private static boolean isOfName(int c) {
    return Character.isLetterOrDigit(c) || "_-./:".indexOf(c) >= 0;
  }

  @Override
  public String text() {
    return switch (fact) {
      case PREFIX_BY_TYPE, CHUNK_AFTER_PADDING, CHUNK_BY_POSITION -> fact.form.formatted(number);
      case MARKED, GIVEN -> fact.form.formatted(name);
      default -> fact.form;
    };
  }

  @Override
  public void check(Fit fit) {
    throw fit.error(
        " is about the tokens of a sample, and none is given here; give them with the mask, as in"
            + " padding(5,6,3), prefix(4), islands(0,1,1,0), documents(4,3) or chunk(3;"
            + " left-padding=2)");
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    throw new IllegalStateException(text() + " has no rule without a sample");
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    throw new IllegalStateException(text() + " explains nothing without a sample");
  }

  @Override
  public int largest() {
    return fact == Fact.CHUNK_AFTER_PADDING || fact == Fact.CHUNK_BY_POSITION ? number : 0;
  }

  @Override
  public Set<Trait> traits() {
    return switch (fact) {
      case PADDING, KEY_PADDING, LENGTH, QUERY_PADDING -> PADDED;
      default -> Set.of();
    };
  }
}
