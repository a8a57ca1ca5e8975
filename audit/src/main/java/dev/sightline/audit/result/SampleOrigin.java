package dev.sightline.audit.result;

import java.util.List;

/**
 * Where the samples of an audit are from. Verdicts over made-up tokens hold for the mask, and say
 * nothing about texts.
 *
 * @param kind what the samples are
 * @param searched the paths at which a tokenizer was looked for and not found
 * @param remarks a sentence for each tokenizer file of another format that was met instead
 */
public record SampleOrigin(Kind kind, List<String> searched, List<String> remarks) {
  /** Samples that the caller handed over. */
  public static final SampleOrigin GIVEN = of(Kind.GIVEN);

  /** Copies the lists. */
  public SampleOrigin {
    searched = List.copyOf(searched);
    remarks = List.copyOf(remarks);
  }

  /** What samples are. */
  public enum Kind {
    /** Texts that the audit brings with it. */
    BUILT_IN_TEXTS,
    /** Texts that the caller gave. */
    TEXTS,
    /** Rows of a data file. */
    DATA_FILE,
    /** Token ids that the caller gave. */
    TOKEN_IDS,
    /** Tensors of a file. */
    TENSORS,
    /** Token ids drawn at random, since there is no tokenizer. */
    RANDOM_IDS,
    /** Values drawn at random, since the model takes no token ids alone. */
    RANDOM_VALUES,
    /** Samples that the caller of the library made. */
    GIVEN
  }

  /**
   * {@return samples of a kind, without a search for a tokenizer}
   *
   * @param kind what the samples are
   */
  public static SampleOrigin of(Kind kind) {
    return new SampleOrigin(kind, List.of(), List.of());
  }
}
