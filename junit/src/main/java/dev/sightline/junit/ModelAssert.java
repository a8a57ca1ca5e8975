package dev.sightline.junit;

import dev.sightline.audit.Audit;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.report.text.AuditAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about one model, each of which runs it. What it is asked with is given first: texts, a
 * data file, or else built-in texts where the model has a tokenizer, and random tokens where it has
 * none.
 *
 * <p>Assertions throw an {@link AssertionError} if they fail, and an {@link UncheckedIOException}
 * if the model cannot be read or run. Owned by one thread.
 */
public final class ModelAssert {
  private final Path model;
  private @Nullable Path tokenizer;
  private UnaryOperator<Audit> samples = audit -> audit;
  private @Nullable AuditResult undeclared; // of the samples, asked for once

  ModelAssert(Path model) {
    this.model = model;
  }

  /**
   * Asks with these texts. They should be of different lengths, so that batches need padding.
   *
   * @param texts at least one
   * @return these assertions
   */
  public ModelAssert withTexts(String... texts) {
    List<String> all = List.of(texts);
    return with(audit -> audit.texts(all));
  }

  /**
   * Asks with the rows of a data file: everything of the first ones, and of all whether they are
   * the same alone and in a batch.
   *
   * @param file lines of text, or rows of .jsonl, .csv, .tsv or .parquet with a text or input_ids
   * @return these assertions
   */
  public ModelAssert withData(Path file) {
    return with(audit -> audit.data(file));
  }

  /**
   * Encodes texts with another tokenizer than the one beside the model.
   *
   * @param file a tokenizer.json
   * @return these assertions
   */
  public ModelAssert withTokenizer(Path file) {
    tokenizer = file;
    undeclared = null;
    return this;
  }

  private ModelAssert with(UnaryOperator<Audit> chosen) {
    samples = chosen;
    undeclared = null;
    return this;
  }

  /**
   * Asserts that no token's result depends on padding, where callers of such a model pad, nor on
   * the other texts of a batch. A change by rounding is accepted; {@link #keepsEmbeddings} limits
   * it. A model of which nothing could be proved fails.
   *
   * @return these assertions
   */
  public ModelAssert isPaddingInvariant() {
    AuditResult result = undeclared();
    return switch (result.conclusion().outcome()) {
      case PASS, ROUNDING, PAD_RIGHT_ONLY, PAD_LEFT_ONLY, BY_DESIGN -> this;
      case FAIL -> throw failure("is not padding invariant", result);
      case INCONCLUSIVE, NOT_APPLICABLE, NO_DATA ->
          throw failure("was not shown to be padding invariant", result);
    };
  }

  /**
   * Asserts that attention is exactly under these masks: no head attends to more, no output depends
   * on more, and between real tokens nothing is forbidden that they allow.
   *
   * @param masks one for all attentions, such as {@code causal & padding}, one for each of several,
   *     such as {@code 0,2: causal; else: full}, or the name of a file with either
   * @return these assertions
   * @throws IllegalArgumentException if they are no masks, or do not fit the model
   */
  public ModelAssert obeys(String masks) {
    AuditResult result;
    try {
      result = run(Expectation.read(masks));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    List<Finding> unproved =
        result.findings().stream()
            .filter(finding -> finding.probe().group() == Probe.Group.DECLARED)
            .filter(finding -> finding.verdict().outcome() != Outcome.PASS)
            .toList();
    if (unproved.isEmpty()) {
      return this;
    }
    if (unproved.stream().anyMatch(finding -> finding.verdict().outcome() == Outcome.FAIL)) {
      throw failure("does not obey '" + masks + "'", result);
    }
    String reasons =
        unproved.stream().map(VerdictText::of).distinct().collect(Collectors.joining(" "));
    throw failure("was not shown to obey '" + masks + "'. " + reasons, result);
  }

  /**
   * Asserts that the embedding of a text is nearly the same alone and in a batch with the others.
   * An embedding is the model's pooled output, else the mean over the vectors of its real tokens.
   *
   * @param limit the lowest cosine between two embeddings of a text
   * @return these assertions
   */
  public ModelAssert keepsEmbeddings(CosineLimit limit) {
    AuditResult result = undeclared();
    Optional<EmbeddingCosines.Lowest> lowest = EmbeddingCosines.lowest(result);
    if (lowest.isEmpty()) {
      throw failure("was not shown to keep embeddings: its outputs are none", result);
    }
    // NaN is less than any limit.
    if (lowest.get().cosine() >= limit.atLeast()) {
      return this;
    }
    throw failure(
        "does not keep embeddings in a batch: "
            + lowest.get()
            + ", expected at least "
            + limit.atLeast(),
        result);
  }

  private AuditResult undeclared() {
    AuditResult known = undeclared;
    if (known == null) {
      known = run(null);
      undeclared = known;
    }
    return known;
  }

  private AuditResult run(@Nullable Expectation masks) {
    try (LoadedModel loaded = LoadedModel.open(model, Optional.ofNullable(tokenizer))) {
      Audit audit = samples.apply(Audit.of(loaded));
      return (masks == null ? audit : audit.expect(masks)).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** A sentence about the model, and the answer of the audit. */
  private AssertionError failure(String what, AuditResult result) {
    return new AssertionError(AuditAnswer.text(model.getFileName() + " " + what, result));
  }
}
