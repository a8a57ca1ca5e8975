package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.SampleOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
