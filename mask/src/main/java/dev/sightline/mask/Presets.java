package dev.sightline.mask;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The attention layouts of known robot policies. Sizes are numbers of tokens; padding is not part
 * of a layout, so write {@code Presets.pi0(3, 2, 3).and(Mask.padding("111101111"))}.
 *
 * <p>pi0, pi05: openpi's {@code embed_prefix} and {@code embed_suffix}; smolvla: lerobot's {@code
 * modeling_smolvla}; groot: the diffusion transformer heads of GR00T N1 and N1.5, whose queries are
 * 1 state token, the future tokens and the action tokens, and whose keys are vision-language
 * tokens.
 */
public final class Presets {
  private static final String PREFIX = "image language";

  private Presets() {}

  /** Images and language see each other; state sees them; actions see all and each other. */
  public static Mask pi0(int images, int language, int actions) {
    Groups groups =
        Groups.of()
            .segment("image", images)
            .segment("language", language)
            .segment("state", 1)
            .segment("action", actions)
            .sees(PREFIX, PREFIX)
            .sees("state", PREFIX + " state")
            .sees("action", PREFIX + " state action");
    return preset(sizes("pi0", images, language, actions), groups);
  }

  /** As pi0 without a state token: the state is part of the language. */
  public static Mask pi05(int images, int language, int actions) {
    Groups groups =
        Groups.of()
            .segment("image", images)
            .segment("language", language)
            .segment("action", actions)
            .sees(PREFIX, PREFIX)
            .sees("action", PREFIX + " action");
    return preset(sizes("pi05", images, language, actions), groups);
  }

  /** As pi05 with a causal subtask text behind the language, which the actions do not see. */
  public static Mask pi05Subtask(int images, int language, int subtask, int actions) {
    Groups groups =
        Groups.of()
            .segment("image", images)
            .segment("language", language)
            .causal("subtask", subtask)
            .segment("action", actions)
            .sees(PREFIX, PREFIX)
            .sees("subtask", PREFIX + " subtask")
            .sees("action", PREFIX + " action");
    return preset(
        "pi05-subtask(images="
            + images
            + ", language="
            + language
            + ", subtask="
            + subtask
            + ", actions="
            + actions
            + ")",
        groups);
  }

  /** As pi0 with causal actions. */
  public static Mask smolvla(int images, int language, int actions) {
    Groups groups =
        Groups.of()
            .segment("image", images)
            .segment("language", language)
            .segment("state", 1)
            .causal("action", actions)
            .sees(PREFIX, PREFIX)
            .sees("state", PREFIX + " state")
            .sees("action", PREFIX + " state action");
    return preset(sizes("smolvla", images, language, actions), groups);
  }

  /**
   * GR00T N1's cross-attention, {@code [1 + future + actions, keys]}: every query sees every
   * vision-language token; combine it with {@link Mask#keyPadding}.
   */
  public static Mask grootN1(int future, int actions, int keys) {
    Bits all = Bits.of(allTrue(atLeastOne("keys", keys)));
    return new Mask(
        new Node.Preset(
            "groot-n1(" + queries(future, actions) + ", keys=" + keys + ")",
            new Node.Dense(repeated(all, 1 + future + actions))));
  }

  /**
   * A cross-attention of GR00T N1.5, whose layers take turns: the keys are the text tokens in one
   * and the image tokens in the next, never the padding. {@code [1 + future + actions, keys]}.
   *
   * @param image for every key, whether it is an image token
   * @param real for every key, whether it is no padding
   * @param seesImages whether this layer sees the image tokens; otherwise it sees the text tokens
   */
  public static Mask grootAlternate(
      int future, int actions, boolean[] image, boolean[] real, boolean seesImages) {
    return grootAlternate(future, actions, Bits.of(image), Bits.of(real), seesImages);
  }

  private static Mask grootAlternate(
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
    return new Mask(
        new Node.Preset(text, new Node.Dense(repeated(Bits.of(seen), 1 + future + actions))));
  }

  private static boolean[] allTrue(int size) {
    boolean[] all = new boolean[size];
    Arrays.fill(all, true);
    return all;
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

  private static RowRuns repeated(Bits row, int queries) {
    int[] runs = Tokens.runsOf(row);
    int[] first = new int[queries + 1];
    IntBuffer bounds = new IntBuffer();
    for (int i = 0; i < queries; i++) {
      for (int bound : runs) {
        bounds.add(bound);
      }
      first[i + 1] = bounds.size();
    }
    return new RowRuns(row.size(), first, bounds.toArray());
  }

  private static String sizes(String name, int images, int language, int actions) {
    return name + "(images=" + images + ", language=" + language + ", actions=" + actions + ")";
  }

  private static Mask preset(String text, Groups groups) {
    return new Mask(new Node.Preset(text, new Node.Grouped(groups)));
  }

  /** The preset of a word of the text form. */
  static Node read(String word, Arguments a) {
    Mask mask =
        switch (word) {
          case "pi0" -> pi0(size(a, word, "images"), size(a, word, "language"), actions(a, word));
          case "pi05" -> pi05(size(a, word, "images"), size(a, word, "language"), actions(a, word));
          case "pi05-subtask" ->
              pi05Subtask(
                  size(a, word, "images"),
                  size(a, word, "language"),
                  size(a, word, "subtask"),
                  actions(a, word));
          case "smolvla" ->
              smolvla(size(a, word, "images"), size(a, word, "language"), actions(a, word));
          case "groot-n1" -> grootN1(future(a), actions(a, word), size(a, word, "keys"));
          case "groot-alternate" -> grootAlternate(a);
          default -> throw new AssertionError("a word without a mask: " + word);
        };
    return mask.node();
  }

  private static Mask grootAlternate(Arguments a) {
    Bits image = bits(a, "image");
    Bits real =
        a.takeNamed("real")
            .map(items -> a.bits(items).get(0))
            .orElseGet(() -> Bits.of(allTrue(image.size())));
    List<Arguments.Item> sees =
        a.takeNamed("sees").orElseThrow(() -> needs("groot-alternate", "sees=image or sees=text"));
    String word = sees.get(0).text();
    if (!word.equals("image") && !word.equals("text")) {
      throw a.error(
          sees.get(0), "a layer sees image or text, but this one '" + Words.cut(word) + "'");
    }
    return grootAlternate(
        future(a), actions(a, "groot-alternate"), image, real, word.equals("image"));
  }

  private static Bits bits(Arguments a, String name) {
    Optional<List<Arguments.Item>> items = a.takeNamed(name);
    return a.bits(
            items.orElseThrow(() -> needs("groot-alternate", name + "= and a bit for each key")))
        .get(0);
  }

  private static int future(Arguments a) {
    return a.namedNumbers("future").orElse(new int[] {32})[0];
  }

  private static int actions(Arguments a, String word) {
    return size(a, word, "actions");
  }

  private static int size(Arguments a, String word, String name) {
    return a.namedNumbers(name).orElseThrow(() -> needs(word, name + "=n"))[0];
  }

  private static IllegalArgumentException needs(String word, String what) {
    return new IllegalArgumentException(
        word + " needs " + what + "; an example is " + example(word));
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
}
