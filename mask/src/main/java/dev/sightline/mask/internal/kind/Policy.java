package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.kind.Grouped.Segment;
import dev.sightline.mask.internal.text.Arguments;
import dev.sightline.mask.internal.text.Excerpt;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The attention layout of a known robot policy: its name and numbers, and the mask they mean.
 * Padding is not part of a layout.
 *
 * <p>pi0, pi05: openpi's {@code embed_prefix} and {@code embed_suffix}; smolvla: lerobot's {@code
 * modeling_smolvla}; groot: the diffusion transformer heads of GR00T N1 and N1.5, whose queries are
 * 1 state token, the future tokens and the action tokens, and whose keys are vision-language
 * tokens.
 *
 * <pre>
 * pi0(images=1, language=1, actions=2)   11000   image
 *                                        11000   language
 *                                        11100   state
 *                                        11111   action
 *                                        11111   action
 * </pre>
 *
 * @param text the text form
 * @param body the mask, {@link Grouped} or {@link Dense}
 */
public record Policy(String text, Kind body) implements Kind {
  static final List<Word> WORDS =
      List.of(
          word("pi0", (word, a) -> pi0(images(word, a), language(word, a), actions(word, a))),
          word("pi05", (word, a) -> pi05(images(word, a), language(word, a), actions(word, a))),
          word(
              "pi05-subtask",
              (word, a) ->
                  pi05Subtask(
                      images(word, a),
                      language(word, a),
                      size(word, a, "subtask"),
                      actions(word, a))),
          word(
              "smolvla",
              (word, a) -> smolvla(images(word, a), language(word, a), actions(word, a))),
          word(
              "groot-n1", (word, a) -> grootN1(future(a), actions(word, a), size(word, a, "keys"))),
          word("groot-alternate", Policy::readGrootAlternate));

  private static final List<String> PREFIX = List.of("image", "language");

  @FunctionalInterface
  private interface Reader {
    Kind read(String word, Arguments a);
  }

  private static Word word(String name, Reader reader) {
    return Word.of(name, "named numbers, as in " + example(name) + ",", a -> reader.read(name, a));
  }

  private static String example(String word) {
    return switch (word) {
      case "pi05-subtask" -> "pi05-subtask(images=3, language=2, subtask=2, actions=3)";
      case "groot-n1" -> "groot-n1(future=32, actions=16, keys=40)";
      case "groot-alternate" ->
          "groot-alternate(future=32, actions=16; image=0011100; real=1111110; sees=text)";
      default -> word + "(images=3, language=2, actions=3)";
    };
  }

  private static int images(String word, Arguments a) {
    return size(word, a, "images");
  }

  private static int language(String word, Arguments a) {
    return size(word, a, "language");
  }

  private static int actions(String word, Arguments a) {
    return size(word, a, "actions");
  }

  private static int size(String word, Arguments a, String name) {
    return a.namedNumber(name).orElseThrow(() -> needs(word, name + "=n"));
  }

  private static int future(Arguments a) {
    return a.namedNumber("future").orElse(32);
  }

  private static IllegalArgumentException needs(String word, String what) {
    return new IllegalArgumentException(
        word + " needs " + what + "; an example is " + example(word));
  }

  private static Kind readGrootAlternate(String word, Arguments a) {
    Bits image =
        a.bits(a.takeNamed("image").orElseThrow(() -> needs(word, "image= and a bit for each key")))
            .get(0);
    Bits real =
        a.takeNamed("real").map(items -> a.bits(items).get(0)).orElseGet(() -> ones(image.size()));
    List<Arguments.Item> sees =
        a.takeNamed("sees").orElseThrow(() -> needs(word, "sees=image or sees=text"));
    String seen = sees.get(0).text();
    if (!seen.equals("image") && !seen.equals("text")) {
      throw a.error(
          sees.get(0), "a layer sees image or text, but this one '" + Excerpt.of(seen) + "'");
    }
    return grootAlternate(future(a), actions(word, a), image, real, seen.equals("image"));
  }

  private static Bits ones(int size) {
    boolean[] all = new boolean[size];
    Arrays.fill(all, true);
    return Bits.of(all);
  }

  /** Images and language see each other; state sees them; actions see all and each other. */
  public static Policy pi0(int images, int language, int actions) {
    Grouped groups =
        prefix(images, language)
            .with(new Segment("state", 1, false))
            .with(new Segment("action", actions, false))
            .sees(PREFIX, PREFIX)
            .sees(List.of("state"), prefixAnd("state"))
            .sees(List.of("action"), prefixAnd("state", "action"));
    return new Policy(text("pi0", images, language, actions), groups);
  }

  /** As pi0 without a state token: the state is part of the language. */
  public static Policy pi05(int images, int language, int actions) {
    Grouped groups =
        prefix(images, language)
            .with(new Segment("action", actions, false))
            .sees(PREFIX, PREFIX)
            .sees(List.of("action"), prefixAnd("action"));
    return new Policy(text("pi05", images, language, actions), groups);
  }

  /** As pi05 with a causal subtask text after the language, which the actions do not see. */
  public static Policy pi05Subtask(int images, int language, int subtask, int actions) {
    Grouped groups =
        prefix(images, language)
            .with(new Segment("subtask", subtask, true))
            .with(new Segment("action", actions, false))
            .sees(PREFIX, PREFIX)
            .sees(List.of("subtask"), prefixAnd("subtask"))
            .sees(List.of("action"), prefixAnd("action"));
    String text =
        "pi05-subtask(images="
            + images
            + ", language="
            + language
            + ", subtask="
            + subtask
            + ", actions="
            + actions
            + ")";
    return new Policy(text, groups);
  }

  /** As pi0 with causal actions. */
  public static Policy smolvla(int images, int language, int actions) {
    Grouped groups =
        prefix(images, language)
            .with(new Segment("state", 1, false))
            .with(new Segment("action", actions, true))
            .sees(PREFIX, PREFIX)
            .sees(List.of("state"), prefixAnd("state"))
            .sees(List.of("action"), prefixAnd("state", "action"));
    return new Policy(text("smolvla", images, language, actions), groups);
  }

  private static Grouped prefix(int images, int language) {
    return Grouped.empty()
        .with(new Segment("image", images, false))
        .with(new Segment("language", language, false));
  }

  private static List<String> prefixAnd(String... more) {
    return Stream.concat(PREFIX.stream(), Arrays.stream(more)).toList();
  }

  private static String text(String name, int images, int language, int actions) {
    return name + "(images=" + images + ", language=" + language + ", actions=" + actions + ")";
  }

  /** Every query of the cross-attention sees every key. */
  public static Policy grootN1(int future, int actions, int keys) {
    Bits all = ones(atLeastOne("keys", keys));
    String text = "groot-n1(" + queries(future, actions) + ", keys=" + keys + ")";
    return new Policy(text, repeated(all, 1 + future + actions));
  }

  /**
   * Every query of the cross-attention sees the real image tokens or the real text tokens.
   *
   * @param image for every key, whether it is an image token
   * @param real for every key, whether it is no padding
   */
  public static Policy grootAlternate(
      int future, int actions, Bits image, Bits real, boolean seesImages) {
    if (image.size() != real.size()) {
      throw new IllegalArgumentException(
          "groot-alternate needs as many bits of image as of real, but has "
              + image.size()
              + " and "
              + real.size());
    }
    boolean[] seen = new boolean[atLeastOne("keys", image.size())];
    for (int j = 0; j < seen.length; j++) {
      seen[j] = real.get(j) && image.get(j) == seesImages;
    }
    String text =
        "groot-alternate("
            + queries(future, actions)
            + "; image="
            + image
            + "; real="
            + real
            + "; sees="
            + (seesImages ? "image" : "text")
            + ")";
    return new Policy(text, repeated(Bits.of(seen), 1 + future + actions));
  }

  private static int atLeastOne(String what, int number) {
    if (number < 1 || number > 1 << 24) {
      throw new IllegalArgumentException(
          "the number of " + what + " must be between 1 and 2^24, but is " + number);
    }
    return number;
  }

  private static String queries(int future, int actions) {
    if (future < 0 || future > 1 << 20) {
      throw new IllegalArgumentException(
          "the number of future tokens must be between 0 and 2^20, but is " + future);
    }
    if (actions < 0 || actions > 1 << 20) {
      throw new IllegalArgumentException(
          "the number of actions must be between 0 and 2^20, but is " + actions);
    }
    return "future=" + future + ", actions=" + actions;
  }

  private static Dense repeated(Bits row, int queries) {
    int[] runs = row.runs();
    RowRuns.Builder rows = new RowRuns.Builder();
    for (int i = 0; i < queries; i++) {
      rows.add(runs);
    }
    return new Dense(rows.build(row.size()));
  }

  @Override
  public OptionalInt length() {
    return body.length();
  }

  @Override
  public void check(Fit fit) {
    body.check(fit);
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    return body.rule(sizes, batch);
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return body.explain(sizes, pair, allowed);
  }

  @Override
  public Set<Trait> traits() {
    return body.traits();
  }

  @Override
  public List<String> labels() {
    return body.labels();
  }
}
