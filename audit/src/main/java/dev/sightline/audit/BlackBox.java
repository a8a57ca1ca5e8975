package dev.sightline.audit;

import dev.sightline.audit.Difference.NumberedText;
import dev.sightline.audit.Difference.Row;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.onnx.TokenBatch;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The probes that need no knowledge of the graph. Each batch of texts runs some twenty times, every
 * time with one thing changed; what is kept between batches is a handful of numbers.
 *
 * <p>The baseline is the batch padded on the right, wide enough that every row has padding.
 */
final class BlackBox {
  /** Padding behind the longest row of the baseline, so that each row can tell. */
  private static final int SPARE = 4;

  /** Fewest rows beside the text when the noise floor is measured, and most. */
  private static final int MIN_NEIGHBOURS = 3;

  private static final int MAX_NEIGHBOURS = 32;

  private final OnnxSession session;
  private final Outputs outputs;
  private final long padId;
  private final int vocabulary;
  private final int maxTokens;
  private final Random random;
  private final Consumer<String> notes;

  final Difference padContent;
  final Difference padContentUnmasked;
  final Difference padLength;
  final Difference padLengthUnmasked;
  final Difference neighbour;
  final Difference batch;
  final Difference oneMaskedOut;
  final Difference allUnmasked;
  final Difference noise;
  private long plainNanos;
  private int refusedWidth = Integer.MAX_VALUE;

  BlackBox(
      OnnxSession session,
      Outputs outputs,
      long padId,
      int vocabulary,
      int maxTokens,
      Random random,
      Consumer<String> notes) {
    this.session = session;
    this.outputs = outputs;
    this.padId = padId;
    this.vocabulary = vocabulary;
    this.maxTokens = maxTokens;
    this.random = random;
    this.notes = notes;
    padContent = new Difference(outputs);
    padContentUnmasked = new Difference(outputs);
    padLength = new Difference(outputs);
    padLengthUnmasked = new Difference(outputs);
    neighbour = new Difference(outputs);
    batch = new Difference(outputs);
    oneMaskedOut = new Difference(outputs);
    allUnmasked = new Difference(outputs);
    noise = new Difference(outputs);
  }

  /** A batch that ran, kept until the white box has compared itself with it. */
  record Baseline(TokenBatch batch, Map<String, FloatTensor> run) {
    Row row(int row) {
      return new Row(run, row, batch.rows(), batch.width());
    }
  }

  Baseline probe(List<NumberedText> texts) throws OnnxModelException {
    int longest = texts.stream().mapToInt(t -> t.tokens().length()).max().orElse(0);
    TokenBatch batch = padded(texts, Math.min(maxTokens, longest + SPARE));
    Baseline base = run(batch);

    TokenBatch otherPadding =
        batch.withIds(randomWhere(batch, (row, token) -> !batch.isReal(row, token)));
    Baseline unmasked = run(batch.withMaskOfOnes());
    long started = System.nanoTime();
    Baseline otherContent = run(otherPadding);
    plainNanos += System.nanoTime() - started; // a warm run of the baseline's shape
    compareAll(padContent, base, otherContent, texts);
    compareAll(padContentUnmasked, unmasked, run(otherPadding.withMaskOfOnes()), texts);
    compareAll(allUnmasked, base, unmasked, texts);
    probeLengths(base, unmasked, texts);
    probeMaskBit(base, texts);
    probeNeighbours(base, texts);
    probeAlone(base, texts);
    return base;
  }

  private void probeLengths(Baseline base, Baseline unmasked, List<NumberedText> texts)
      throws OnnxModelException {
    int width = base.batch().width();
    for (int wider : new int[] {width + 1, width + 7, 64, 128}) {
      if (wider <= width || wider > maxTokens || wider >= refusedWidth) {
        continue;
      }
      try {
        compareAll(padLength, base, run(padded(texts, wider)), texts);
      } catch (OnnxModelException e) {
        refusedWidth = wider; // the graph names no limit, but the model has one
        notes.accept("padding to " + wider + " tokens was left out: " + e.getMessage());
      }
    }
    if (width + 7 <= maxTokens && width + 7 < refusedWidth) {
      Baseline wider = run(padded(texts, width + 7).withMaskOfOnes());
      compareAll(padLengthUnmasked, unmasked, wider, texts);
    }
  }

  /** Masks out one token inside each text; the others must notice. */
  private void probeMaskBit(Baseline base, List<NumberedText> texts) throws OnnxModelException {
    TokenBatch batch = base.batch();
    long[] mask = batch.mask();
    for (int b = 0; b < batch.rows(); b++) {
      mask[b * batch.width() + maskedOut(texts.get(b))] = 0;
    }
    Baseline masked = run(batch.withMask(mask));
    for (int b = 0; b < batch.rows(); b++) {
      NumberedText text = texts.get(b);
      if (text.tokens().length() > 1) {
        oneMaskedOut.compare(base.row(b), masked.row(b), text, maskedOut(text));
      }
    }
  }

  private static int maskedOut(NumberedText text) {
    return (text.tokens().length() - 1) / 2;
  }

  /**
   * Even rows stay while odd rows change, then the reverse: the shapes are those of the baseline.
   */
  private void probeNeighbours(Baseline base, List<NumberedText> texts) throws OnnxModelException {
    TokenBatch batch = base.batch();
    if (batch.rows() < 2) {
      NumberedText text = texts.getFirst();
      Baseline beside = run(withNeighbour(text.tokens(), batch.width()));
      Baseline besideOther = run(withNeighbour(text.tokens(), batch.width()));
      neighbour.compare(beside.row(0), besideOther.row(0), text, -1);
      return;
    }
    for (int kept = 0; kept < 2; kept++) {
      int parity = kept;
      long[] ids =
          randomWhere(batch, (row, token) -> row % 2 != parity && batch.isReal(row, token));
      Baseline changed = run(batch.withIds(ids));
      for (int b = parity; b < batch.rows(); b += 2) {
        neighbour.compare(base.row(b), changed.row(b), texts.get(b), -1);
      }
    }
  }

  private TokenBatch withNeighbour(TokenizedText text, int width) {
    return TokenBatch.rightPadded(List.of(text, text.withIds(otherInside(text))), width, padId);
  }

  /** Each text without any padding: alone, then beside full-length rows of other tokens. */
  private void probeAlone(Baseline base, List<NumberedText> texts) throws OnnxModelException {
    for (int b = 0; b < texts.size(); b++) {
      NumberedText text = texts.get(b);
      int length = text.tokens().length();
      Baseline alone = run(padded(List.of(text), length));
      batch.compare(alone.row(0), base.row(b), text, -1);

      // About as many other tokens as two rows of padding hold: beside "Hi", three rows of three
      // tokens showed only half of what an int8 model really moves.
      int neighbours =
          Math.clamp(2L * base.batch().width() / length, MIN_NEIGHBOURS, MAX_NEIGHBOURS);
      List<TokenizedText> rows = new ArrayList<>(List.of(text.tokens()));
      for (int n = 0; n < neighbours; n++) {
        rows.add(text.tokens().withIds(otherInside(text.tokens())));
      }
      Baseline beside = run(TokenBatch.rightPadded(rows, length, padId));
      noise.compare(alone.row(0), beside.row(0), text, -1);
    }
  }

  /** Other tokens between the same first and last one, which are usually special. */
  private long[] otherInside(TokenizedText text) {
    long[] ids = text.ids();
    for (int s = 1; s < ids.length - 1; s++) {
      ids[s] = random.nextInt(vocabulary);
    }
    return ids;
  }

  private interface Where {
    boolean test(int row, int token);
  }

  private long[] randomWhere(TokenBatch batch, Where where) {
    long[] ids = batch.ids();
    for (int b = 0; b < batch.rows(); b++) {
      for (int s = 0; s < batch.width(); s++) {
        if (where.test(b, s)) {
          ids[b * batch.width() + s] = random.nextInt(vocabulary);
        }
      }
    }
    return ids;
  }

  /** What one plain inference of all the texts so far takes, in these batches. */
  double plainSeconds() {
    return plainNanos / 1e9;
  }

  private void compareAll(Difference difference, Baseline a, Baseline b, List<NumberedText> texts) {
    for (int row = 0; row < texts.size(); row++) {
      difference.compare(a.row(row), b.row(row), texts.get(row), -1);
    }
  }

  private TokenBatch padded(List<NumberedText> texts, int width) {
    return TokenBatch.rightPadded(texts.stream().map(NumberedText::tokens).toList(), width, padId);
  }

  private Baseline run(TokenBatch batch) throws OnnxModelException {
    return new Baseline(batch, session.run(batch, outputs.names()));
  }
}
