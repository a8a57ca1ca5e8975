package dev.sightline.audit;

import dev.sightline.audit.AuditResult.Conditions;
import dev.sightline.audit.AuditResult.ModelFacts;
import dev.sightline.audit.AuditResult.NoiseFloor;
import dev.sightline.audit.BlackBox.Baseline;
import dev.sightline.audit.Difference.NumberedText;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether a model obeys its attention mask, on real texts, and answers with verdicts that
 * carry their evidence.
 *
 * <pre>{@code
 * try (LoadedModel loaded = ...) {
 *   AuditResult result = new Audit(loaded.model(), loaded.tokenizer()).run(texts.iterator());
 *   result.conclusion();
 * }
 * }</pre>
 *
 * <p>Texts are taken a batch at a time and each batch runs about twenty-five times, so time grows
 * with the number of texts and memory does not.
 */
public final class Audit {
  /** The seed of the random token ids, unless another is asked for. */
  public static final long DEFAULT_SEED = 42;

  /** Texts that run together. */
  private static final int MAX_ROWS = 8;

  /** Floats that one run may hand out (64 MB): bounds the batches of models with large outputs. */
  private static final int MAX_FLOATS = 16 << 20;

  /** Tokens of the text in the picture: a 28 x 28 square for each head can still be read. */
  private static final int PICTURE_TOKENS = 24;

  /** Bounds a text where the model names no limit of its own. */
  private static final int TOKENS_UNLESS_KNOWN = 2048;

  private static final int MAX_NOTES = 20;

  private final OnnxModel model;
  private final Tokenizer tokenizer;
  private final long seed;
  private final LongConsumer progress;

  private final List<String> notes = new ArrayList<>();
  private int furtherNotes;
  private int batchesDone;
  private String whyNotTapped = "";
  private long texts;
  private long tokens;
  private int longest;
  private int shortest = Integer.MAX_VALUE;

  /**
   * An audit that runs once.
   *
   * @param seed of the random token ids that are put into padding and neighbours
   * @param progress told the number of texts done, batch by batch
   */
  public Audit(OnnxModel model, Tokenizer tokenizer, long seed, LongConsumer progress) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * Runs all probes over all texts.
   *
   * @throws OnnxModelException if the model cannot run them, or there is no text
   * @throws IOException if the source cannot be read
   */
  public AuditResult run(TextSource source) throws IOException {
    long started = System.nanoTime();
    Outputs outputs = Outputs.of(model);
    int maxTokens = model.maxTokens().orElse(TOKENS_UNLESS_KNOWN);
    try (OnnxSession plain = model.open()) {
      Batches batches = new Batches(source, maxTokens, maxTokensOfBatch());
      List<NumberedText> batch = batches.next();
      if (batch.isEmpty()) {
        throw new OnnxModelException("there is no text to audit with; expected at least one");
      }
      if (model.tokenInputs().mask() == null) {
        return withoutMask(outputs, started);
      }
      BlackBox blackBox =
          new BlackBox(
              plain,
              outputs,
              tokenizer.padId(),
              vocabulary(batch),
              maxTokens,
              new Random(seed),
              this::note);
      try (WhiteBox whiteBox = tap(outputs, batch)) {
        while (!batch.isEmpty()) {
          probe(batch, blackBox, whiteBox);
          progress.accept(batch.getLast().number());
          batch = nextOrEnd(batches);
        }
        return result(outputs, blackBox, whiteBox, started);
      }
    }
  }

  /** Null if no attention can be read; {@code whyNotTapped} then says why. */
  private @Nullable WhiteBox tap(Outputs outputs, List<NumberedText> batch) {
    try {
      return WhiteBox.open(model, outputs, shown(batch), tokenizer.padId());
    } catch (OnnxModelException e) {
      whyNotTapped = String.valueOf(e.getMessage());
      return null;
    }
  }

  /** A batch that the model refuses is passed over, unless it is the first: the others count. */
  private void probe(List<NumberedText> batch, BlackBox blackBox, @Nullable WhiteBox whiteBox)
      throws OnnxModelException {
    try {
      Baseline base = blackBox.probe(batch);
      if (whiteBox != null) {
        whiteBox.probe(base, batch);
      }
      batchesDone++;
    } catch (OnnxModelException e) {
      if (batchesDone == 0) {
        throw e;
      }
      note(
          "texts "
              + batch.getFirst().number()
              + " to "
              + batch.getLast().number()
              + " were passed over: "
              + e.getMessage());
    }
  }

  /** A source that breaks ends the audit, but what was seen before stands. */
  private List<NumberedText> nextOrEnd(Batches batches) {
    try {
      return batches.next();
    } catch (IOException e) {
      note("the audit ended after text " + texts + ": " + e.getMessage());
      return List.of();
    }
  }

  private AuditResult result(
      Outputs outputs, BlackBox blackBox, @Nullable WhiteBox whiteBox, long started) {
    Observations seen =
        new Observations(
            model,
            outputs,
            blackBox,
            whiteBox == null ? null : whiteBox.mass(),
            whiteBox == null ? 0 : whiteBox.unmaskedMass(),
            whiteBox == null ? null : whiteBox.instrumented,
            whyNotTapped);
    List<Finding> findings = new Judge(seen).findings();
    Difference noise = blackBox.noise;
    return new AuditResult(
        facts(outputs),
        conditions(started, blackBox.plainSeconds()),
        Conclusions.of(findings, model.quantizesDynamically()),
        findings,
        new NoiseFloor(
            noise.largest(),
            "each text without padding, alone against beside 3 to 32 others of the same length",
            noise.compared()),
        model.attention(),
        seen.mass(),
        whiteBox == null ? null : whiteBox.picture());
  }

  private AuditResult withoutMask(Outputs outputs, long started) {
    Verdict noMask =
        new Verdict.NoData(
            "The model has no mask input, so it cannot be told what is padding; it takes "
                + model.inputs()
                + ".");
    List<Finding> findings =
        Arrays.stream(Probe.values()).map(probe -> new Finding(probe, noMask)).toList();
    return new AuditResult(
        facts(outputs),
        conditions(started, 0),
        Conclusions.of(findings, model.quantizesDynamically()),
        findings,
        new NoiseFloor(0, "not measured", 0),
        model.attention(),
        null,
        null);
  }

  private ModelFacts facts(Outputs outputs) {
    return new ModelFacts(
        model.name(),
        model.producer(),
        model.opset(),
        model.fileBytes(),
        model.quantizesDynamically(),
        model.inputs(),
        model.outputs(),
        outputs.names());
  }

  private Conditions conditions(long started, double plainSeconds) {
    List<String> shownNotes = new ArrayList<>(notes);
    if (furtherNotes > 0) {
      shownNotes.add("and " + furtherNotes + " more of these");
    }
    return new Conditions(
        texts,
        tokens,
        longest,
        shortest,
        shownNotes,
        seed,
        "ONNX Runtime " + OnnxSession.runtimeVersion(),
        (System.nanoTime() - started) / 1e9,
        plainSeconds);
  }

  /** Adds a remark for the result's conditions: what was left out or cut, and why. */
  public void note(String note) {
    if (notes.size() < MAX_NOTES) {
      notes.add(note);
    } else {
      furtherNotes++;
    }
  }

  /**
   * Where no table of the graph tells which ids it takes, those of the texts and all below them.
   */
  private int vocabulary(List<NumberedText> batch) {
    return model
        .vocabulary()
        .orElseGet(() ->
            (int)
                batch.stream()
                    .flatMapToLong(text -> Arrays.stream(text.tokens().ids()))
                    .map(id -> id + 1)
                    .max()
                    .orElse(1));
  }

  private int maxTokensOfBatch() {
    return Math.max(1, MAX_FLOATS / Outputs.floatsPerToken(model));
  }

  /** The longest text of the batch that fits the picture, else the shortest, cut. */
  private NumberedText shown(List<NumberedText> batch) {
    NumberedText best = batch.getFirst();
    for (NumberedText text : batch) {
      int length = text.tokens().length();
      int bestLength = best.tokens().length();
      boolean better =
          bestLength > PICTURE_TOKENS
              ? length < bestLength
              : length <= PICTURE_TOKENS && length > bestLength;
      best = better ? text : best;
    }
    return new NumberedText(
        best.number(), best.text(), tokenizer.encode(best.text(), PICTURE_TOKENS));
  }

  /** Takes texts from the source until a batch is full; the one that did not fit waits. */
  private final class Batches {
    private final TextSource source;
    private final int maxTokens;
    private final int maxTokensOfBatch;
    private final int vocabulary = model.vocabulary().orElse(Integer.MAX_VALUE);
    private @Nullable NumberedText waiting;
    private boolean exhausted;

    Batches(TextSource source, int maxTokens, int maxTokensOfBatch) {
      this.source = source;
      this.maxTokens = maxTokens;
      this.maxTokensOfBatch = maxTokensOfBatch;
    }

    List<NumberedText> next() throws IOException {
      List<NumberedText> batch = new ArrayList<>();
      int width = 0;
      NumberedText text = waiting != null ? waiting : read();
      waiting = null;
      while (text != null) {
        width = Math.max(width, text.tokens().length());
        if (!batch.isEmpty()
            && (batch.size() == MAX_ROWS || (long) (batch.size() + 1) * width > maxTokensOfBatch)) {
          waiting = text;
          return batch;
        }
        batch.add(text);
        text = read();
      }
      return batch;
    }

    private void requireKnown(NumberedText text) throws OnnxModelException {
      for (int t = 0; t < text.tokens().length(); t++) {
        if (text.tokens().id(t) >= vocabulary) {
          throw new OnnxModelException(
              "the tokenizer gives '"
                  + text.tokens().tokens().get(t)
                  + "' the id "
                  + text.tokens().id(t)
                  + ", but "
                  + model
                  + " knows only "
                  + vocabulary
                  + " ids; they do not belong together");
        }
      }
    }

    private @Nullable NumberedText read() throws IOException {
      while (!exhausted) {
        String text = source.next();
        if (text == null) {
          exhausted = true; // a source is asked no more after its end
          break;
        }
        NumberedText encoded = new NumberedText(texts + 1, text, tokenizer.encode(text, maxTokens));
        int length = encoded.tokens().length();
        if (text.isBlank() || length == 0) {
          note("an empty text was passed over");
          continue;
        }
        requireKnown(encoded);
        if (encoded.tokens().dropped() > 0) {
          note(
              "text "
                  + encoded.number()
                  + " has "
                  + (length + encoded.tokens().dropped())
                  + " tokens; the model takes "
                  + maxTokens
                  + ", so the rest was cut off");
        }
        texts++;
        tokens += length;
        longest = Math.max(longest, length);
        shortest = Math.min(shortest, length);
        return encoded;
      }
      return null;
    }
  }
}
