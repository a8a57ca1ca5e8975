package dev.sightline.report.internal.walkthrough;

import dev.sightline.attention.Walkthrough;
import dev.sightline.attention.Walkthrough.UnderMask;
import dev.sightline.report.internal.walkthrough.Lesson.Figure;
import dev.sightline.report.internal.walkthrough.Lesson.Step;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** Tells a walkthrough: each step is one plain sentence and its numbers. */
public final class Steps {
  private static final int MOST_TERMS = 4;

  private final Walkthrough walkthrough;
  private final List<UnderMask> masks;
  private final Tables tables;
  private final List<String> tokens;
  private final List<Step> steps = new ArrayList<>();

  private Steps(Walkthrough walkthrough, List<UnderMask> masks) {
    this.walkthrough = walkthrough;
    this.masks = masks;
    this.tables = new Tables(walkthrough);
    this.tokens = Tables.spelled(walkthrough);
  }

  /** All steps. */
  public static Lesson of(Walkthrough walkthrough) {
    Steps told = new Steps(walkthrough, walkthrough.masks());
    told.tokens();
    told.vectors();
    told.scores();
    told.scale();
    told.mask(true);
    told.maskedScores();
    told.softmax();
    told.output();
    told.never();
    told.observed();
    return told.lesson();
  }

  /** The steps that a mask changes, all but the causal one: for a second text after a first one. */
  public static Lesson ofMaskOnly(Walkthrough walkthrough) {
    Steps told =
        new Steps(
            walkthrough,
            walkthrough.masks().stream().filter(under -> !under.name().equals("causal")).toList());
    told.mask(false);
    told.softmax();
    told.output();
    return told.lesson();
  }

  private Lesson lesson() {
    return new Lesson(
        String.join(" ", tokens),
        "%d token%s, head size %d, %s"
            .formatted(
                tokens.size(),
                tokens.size() == 1 ? "" : "s",
                walkthrough.head().size(),
                walkthrough.head().origin()),
        steps);
  }

  private void add(String title, String sentence, List<String> notes, List<Figure> figures) {
    steps.add(new Step(steps.size() + 1, title, sentence, notes, figures));
  }

  private boolean isExample() {
    return walkthrough.head().observed() == null;
  }

  private void tokens() {
    add(
        "Tokens",
        isExample()
            ? "Attention works on tokens, the pieces of a text. Here each word is one."
            : "Attention works on tokens, the pieces that the model's tokenizer cuts the text"
                + " into.",
        List.of(
            "In self-attention every token asks all tokens, itself included, what they have for it."
                + " A mask takes some of these pairs away."),
        List.of(tables.tokens()));
  }

  private void vectors() {
    add(
        "Queries, keys and values",
        "Each token has three lists of numbers: a query (what it looks for), a key (what it is"
            + " found by) and a value (what it passes on).",
        List.of(
            isExample()
                ? "These numbers are made up, the same for the same token, so that each step can be"
                    + " checked by hand. A model computes them from the token and its position."
                : "The model computed these numbers from the tokens and their positions."),
        List.of(
            tables.vectors("queries", walkthrough.head().queries()),
            tables.vectors("keys", walkthrough.head().keys()),
            tables.vectors("values", walkthrough.head().values())));
  }

  private void scores() {
    add(
        "Scores",
        "The score of a query (row) and a key (column) says how well they fit: multiply them number"
            + " by number and add up.",
        List.of(productByHand()),
        List.of(tables.scores("queries x keys", walkthrough.products())));
  }

  /** The first query and the second key, or the first where there is no other. */
  private String productByHand() {
    int key = Math.min(1, tokens.size() - 1);
    FloatTensor queries = walkthrough.head().queries();
    FloatTensor keys = walkthrough.head().keys();
    int size = walkthrough.head().size();
    StringJoiner terms = new StringJoiner(" + ");
    for (int d = 0; d < Math.min(size, MOST_TERMS); d++) {
      terms.add(factor(Tables.at(queries, 0, d)) + " x " + factor(Tables.at(keys, key, d)));
    }
    if (size > MOST_TERMS) {
      terms.add("... (" + size + " products)");
    }
    return "Query '%s' and key '%s': %s = %s."
        .formatted(
            tokens.getFirst(),
            tokens.get(key),
            terms,
            Tables.fixed(Tables.at(walkthrough.products(), 0, key)));
  }

  private static String factor(float value) {
    String text =
        String.format(Locale.ROOT, value == Math.rint(2 * value) / 2 ? "%.1f" : "%.2f", value);
    return value < 0 ? "(" + text + ")" : text;
  }

  private void scale() {
    int size = walkthrough.head().size();
    double root = Math.sqrt(size);
    boolean usual = Math.abs(walkthrough.head().scale() * root - 1) < 1e-4;
    add(
        "Scaling",
        usual
            ? "Each score is divided by the square root of the head size, sqrt(%d) = %s, so that longer"
                    .formatted(size, Tables.fixed(root))
                + " vectors do not give more extreme weights."
            : "Each score is multiplied by the factor of this model, %s."
                .formatted(String.format(Locale.ROOT, "%.4g", walkthrough.head().scale())),
        List.of(),
        List.of(tables.scores("scaled scores", walkthrough.scores())));
  }

  private void mask(boolean withMisprint) {
    List<Figure> figures = new ArrayList<>();
    for (UnderMask under : masks) {
      figures.add(tables.mask("mask: " + under.name(), about(under), false, under));
      if (withMisprint && under.name().equals("causal") && tokens.size() > 2) {
        figures.add(
            tables.mask(
                "wrong, yet printed as the causal mask",
                "The first row keeps three words: '%s' sees '%s' and '%s', which come later."
                    .formatted(tokens.get(0), tokens.get(1), tokens.get(2)),
                true,
                walkthrough.wrong()));
      }
    }
    add(
        "Mask",
        "A mask says which token (row) may look at which token (column): ✓ may, ✗ may not.",
        List.of(),
        figures);
  }

  private String about(UnderMask under) {
    String first = tokens.getFirst();
    String last = tokens.getLast();
    return switch (under.name()) {
      case "none" -> "Each token may look at all tokens.";
      case "causal" ->
          "No token may look at a later one. The ✓ fill the lower left triangle: '%s', the first,"
                  .formatted(first)
              + " sees itself alone, '%s', the last, sees all.".formatted(last);
      case "padding" ->
          "%s only fills the text up to a length; no token may look at it."
              .formatted(Walkthrough.PAD);
      default -> "";
    };
  }

  private void maskedScores() {
    add(
        "Masked scores",
        "Where the mask says no, the score is taken away: it becomes minus infinity, which means"
            + " never.",
        List.of(),
        each(under -> tables.masked("scores, mask: " + under.name(), under)));
  }

  private void softmax() {
    add(
        "Weights",
        "Softmax turns the scores of a row into weights, shares of its attention: it takes e to the"
            + " power of each score and divides by the sum of the row.",
        weightsToSee(),
        each(under -> tables.weights("weights, mask: " + under.name(), "", under)));
  }

  private List<String> weightsToSee() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "Each row adds up to 1. A forbidden pair weighs exactly 0, and its share goes to the pairs"
            + " that are left.");
    for (UnderMask under : masks) {
      if (under.name().equals("padding")) {
        notes.add(
            "Under the padding mask the column of %s is 0 in every row."
                .formatted(Walkthrough.PAD));
      }
      long empty = 0;
      for (float sum : under.sums().data()) {
        empty += sum == 0 ? 1 : 0;
      }
      if (empty > 0) {
        notes.add(
            "Under %s, %d %s no key to look at: all weights are 0, and so is the output."
                .formatted(under.name(), empty, empty == 1 ? "row has" : "rows have"));
      }
    }
    return notes;
  }

  private void output() {
    add(
        "Output",
        "The output of a token is the sum of all values, each multiplied by its weight.",
        List.of(outputByHand()),
        each(under -> tables.vectors("output, mask: " + under.name(), under.output())));
  }

  /** The second token's first number, under the second mask where there is one. */
  private String outputByHand() {
    UnderMask under = masks.get(Math.min(1, masks.size() - 1));
    int query = Math.min(1, tokens.size() - 1);
    StringJoiner terms = new StringJoiner(" + ");
    int seen = 0;
    for (int k = 0; k < tokens.size(); k++) {
      float weight = Tables.at(under.weights(), query, k);
      if (weight > 0 && seen++ < MOST_TERMS) {
        terms.add(
            Tables.number(weight) + " x " + factor(Tables.at(walkthrough.head().values(), k, 0)));
      }
    }
    if (seen > MOST_TERMS) {
      terms.add("... (" + seen + " products)");
    }
    return "Mask: %s. The first number of '%s': %s = %s."
        .formatted(
            under.name(),
            tokens.get(query),
            seen == 0 ? "no products" : terms,
            Tables.fixed(Tables.at(under.output(), query, 0)));
  }

  private void never() {
    String first = tokens.getFirst();
    add(
        "What -1e9 does",
        "Many programs do not say \"never\" but add a large negative number to a forbidden score,"
            + " such as -1e9.",
        List.of(
            "While one key is left, the weights are the same.",
            "Where no key is left, -1e9 swallows the scores and every key gets the same weight:"
                + " garbage that looks like attention. \"Never\" gives 0.",
            "In float16 the lowest number is -65504. -1e9 becomes minus infinity, and a softmax"
                + " that does not expect that gives NaN; so do two masks that are added."),
        List.of(
            tables.fills("'%s' may look at itself alone".formatted(first), true),
            tables.fills("'%s' may look at nothing".formatted(first), false)));
  }

  private void observed() {
    FloatTensor observed = walkthrough.head().observed();
    if (observed == null) {
      return;
    }
    UnderMask closest = masks.getFirst();
    double least = Double.POSITIVE_INFINITY;
    for (UnderMask under : masks) {
      double largest = 0;
      for (int i = 0; i < observed.data().length; i++) {
        largest = Math.max(largest, Math.abs(observed.data()[i] - under.weights().data()[i]));
      }
      if (largest < least) {
        least = largest;
        closest = under;
      }
    }
    add(
        "What the model itself computed",
        "These are the weights that the model had at this head, read while it ran.",
        List.of(
            "They are closest to those above under mask: %s; the largest difference is %s."
                .formatted(closest.name(), String.format(Locale.ROOT, "%.2g", least))),
        List.of(tables.weights("weights, read from the model", "", observedAs(closest, observed))));
  }

  private UnderMask observedAs(UnderMask like, FloatTensor observed) {
    float[] sums = new float[tokens.size()];
    for (int q = 0; q < sums.length; q++) {
      for (int k = 0; k < sums.length; k++) {
        sums[q] += Tables.at(observed, q, k);
      }
    }
    return new UnderMask(
        like.name(),
        like.mask(),
        like.masked(),
        observed,
        FloatTensor.of(like.sums().shape(), sums),
        like.output());
  }

  @FunctionalInterface
  private interface Drawer {
    Figure of(UnderMask under);
  }

  private List<Figure> each(Drawer drawer) {
    return masks.stream().map(drawer::of).toList();
  }
}
