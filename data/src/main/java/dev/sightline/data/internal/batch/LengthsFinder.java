package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds integers {@code [B]} that count the real tokens of each row, whatever they are called. In a
 * right model what is at the position of that number and after it changes no other output, what is
 * before it does, and under a larger number both do. In a wrong one, where padding is seen, numbers
 * from the width of the row on are still all alike, and smaller ones are not.
 */
final class LengthsFinder {
  private static final int FEWEST_TOKENS = 6;

  /** Beyond the width of a row. */
  private static final int MORE = 7;

  private static final long SEED = 42;

  /** A position that changes no more than itself, as a share of all; two where they overlap. */
  private static final double ONE = 2.5;

  private final Model model;
  private final ModelSession session;
  private final TensorSpec input;
  private final int stream;
  private final Batch batch;
  private final RandomTokens tokens;
  private final List<String> outputs;

  private LengthsFinder(
      Model model,
      ModelSession session,
      TensorSpec input,
      int stream,
      Batch batch,
      RandomTokens tokens) {
    this.model = model;
    this.session = session;
    this.input = input;
    this.stream = stream;
    this.batch = batch;
    this.tokens = tokens;
    this.outputs = ParsedModel.of(model).comparableOutputs();
  }

  /** Returns the model with the lengths that its runs show. */
  static Model resolve(Model model, long padId) {
    Model resolved = model;
    for (TensorSpec input : model.roles().others()) {
      for (int s = 0; s < model.roles().streams().size() && isCandidate(input); s++) {
        if (!resolved.roles().streams().get(s).marksPadding()
            && counts(resolved, input, s, padId)) {
          resolved = resolved.withLengths(s, input);
          break;
        }
      }
    }
    return resolved;
  }

  private static boolean isCandidate(TensorSpec input) {
    return input.dims().size() == 1
        && !input.isFixed(0)
        && !input.name().toLowerCase(Locale.ROOT).contains("prefix")
        && input.isInteger();
  }

  private static boolean counts(Model model, TensorSpec input, int stream, long padId) {
    RandomTokens tokens = new RandomTokens(model, padId, SEED);
    try (ModelSession session = model.session()) {
      Sample sample = tokens.samples(1).getFirst();
      int length = sample.length(stream);
      if (length < FEWEST_TOKENS) {
        return false;
      }
      Batch batch = SampleTrial.alone(model, sample, padId);
      LengthsFinder finder = new LengthsFinder(model, session, input, stream, batch, tokens);
      return finder.hidesFrom(length / 2, length) || finder.isAlikeFrom(length);
    } catch (ModelException e) {
      return false; // refused: nothing is known, as without a try
    }
  }

  private boolean hidesFrom(int count, int length) throws ModelException {
    double hidden = changedShare(count, count);
    return hidden <= ONE / length
        && changedShare(count, count - 1) > hidden
        && changedShare(length, count) > hidden;
  }

  private boolean isAlikeFrom(int length) throws ModelException {
    Map<String, FloatTensor> all = session.run(feed(batch, length), outputs);
    return changedShare(all, session.run(feed(batch, length + MORE), outputs)) == 0
        && changedShare(all, session.run(feed(batch, length / 2), outputs)) > 0;
  }

  /** The share of output values that change with one position, under a number of tokens. */
  private double changedShare(int count, int changed) throws ModelException {
    TokenStream of = model.roles().streams().get(stream);
    Batch other =
        batch.withDrawn(
            stream,
            (row, position) -> position == batch.position(stream, row, changed),
            tokens.of(of, batch.samples().getFirst()));
    return changedShare(
        session.run(feed(batch, count), outputs), session.run(feed(other, count), outputs));
  }

  private double changedShare(Map<String, FloatTensor> a, Map<String, FloatTensor> b) {
    long all = 0;
    long different = 0;
    for (String output : outputs) {
      float[] before = values(a.get(output));
      float[] after = values(b.get(output));
      all += before.length;
      for (int i = 0; i < before.length; i++) {
        different += before[i] == after[i] ? 0 : 1;
      }
    }
    return all == 0 ? 1 : (double) different / all;
  }

  private Map<String, RawTensor> feed(Batch fed, int count) {
    Map<String, RawTensor> feed = fed.feed();
    long[] counts = new long[fed.rows()];
    Arrays.fill(counts, count);
    feed.put(
        input.name(),
        RawTensor.of(ElementType.INT64, Shape.of(counts.length), TensorBytes.of(counts)));
    return feed;
  }

  private static float[] values(@Nullable FloatTensor tensor) {
    return tensor == null ? new float[0] : tensor.data();
  }
}
