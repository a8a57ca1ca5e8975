package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.SampleOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is said in English of an audit's samples. */
public final class SampleText {
  private SampleText() {}

  /**
   * {@return what the samples are, in a few words}
   *
   * @param origin where the samples are from
   */
  public static String of(SampleOrigin origin) {
    return switch (origin.kind()) {
      case BUILT_IN_TEXTS -> "built-in texts";
      case TEXTS, GIVEN -> "your texts";
      case DATA_FILE -> "texts of your data file";
      case TOKEN_IDS -> "your token ids";
      case TENSORS -> "your tensors";
      case RANDOM_IDS -> "no tokenizer found: random token ids";
      case RANDOM_VALUES -> "random values, since the model takes no token ids alone";
    };
  }

  /**
   * {@return what a count of samples counts, as in {@code built-in texts}}
   *
   * @param origin where they are from
   * @param count how many there are
   */
  public static String noun(SampleOrigin origin, long count) {
    String noun =
        switch (origin.kind()) {
          case BUILT_IN_TEXTS -> "built-in text";
          case TEXTS, GIVEN, DATA_FILE -> "text";
          case TOKEN_IDS, TENSORS -> "sample";
          case RANDOM_IDS -> "sample of random ids";
          case RANDOM_VALUES -> "sample of random values";
        };
    int end = noun.contains(" of ") ? noun.indexOf(" of ") : noun.length();
    return count == 1 ? noun : noun.substring(0, end) + "s" + noun.substring(end);
  }

  /**
   * {@return what a reader has to know of the samples first; empty if they are what was given}
   *
   * @param conditions what the audit was run with
   */
  public static String warning(Conditions conditions) {
    String made =
        switch (conditions.origin().kind()) {
          case RANDOM_IDS, RANDOM_VALUES -> of(conditions.origin());
          case BUILT_IN_TEXTS, TEXTS, GIVEN, DATA_FILE, TOKEN_IDS, TENSORS -> "";
        };
    String remarks = String.join("; ", conditions.origin().remarks());
    String cheap =
        conditions.probed() < conditions.texts()
            ? String.format(
                Locale.ROOT,
                "all probes ran on the first %,d, the others were compared alone against in a"
                    + " batch",
                conditions.probed())
            : "";
    return Stream.of(made, remarks, cheap)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /**
   * {@return what the samples are, how many, and what was asked of them}
   *
   * @param conditions what the audit was run with
   */
  public static String of(Conditions conditions) {
    String count =
        String.format(
            Locale.ROOT,
            "%,d of %d to %d tokens, %,d tokens in all",
            conditions.texts(),
            conditions.shortest(),
            conditions.longest(),
            conditions.tokens());
    String cheap =
        conditions.probed() < conditions.texts()
            ? String.format(
                Locale.ROOT,
                "; all probes ran on the first %,d, the other %,d were compared alone against in a"
                    + " batch",
                conditions.probed(),
                conditions.texts() - conditions.probed())
            : "";
    return of(conditions.origin()) + ", " + count + cheap;
  }

  /**
   * {@return where a tokenizer was looked for, a sentence each; none if that was not needed}
   *
   * @param origin where the samples are from
   */
  public static List<String> search(SampleOrigin origin) {
    List<String> sentences = new ArrayList<>(origin.remarks());
    if (!origin.searched().isEmpty()) {
      sentences.add("a tokenizer was looked for at " + String.join(", ", origin.searched()));
    }
    return sentences;
  }
}
