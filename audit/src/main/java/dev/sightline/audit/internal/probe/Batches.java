package dev.sightline.audit.internal.probe;

import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Takes samples from a source until a batch is full; the one that did not fit waits. Samples whose
 * streams cannot be masked share a batch only if they are equally long.
 */
public final class Batches {
  /** Samples that run together. */
  private static final int MAX_ROWS = 8;

  /** Floats that one run may hand out (64 MB): bounds the batches of models with large outputs. */
  private static final int MAX_FLOATS = 16 << 20;

  private final Iterator<Sample> source;
  private final Model model;
  private final ModelInputs inputs;
  private final long padId;
  private final int maxTokensOfBatch;
  private final Deque<Sample> waiting = new ArrayDeque<>();
  private int maxRows = MAX_ROWS;
  private boolean exhausted;
  private @Nullable IOException broken;

  public Batches(Iterator<Sample> source, Model model, long padId) {
    this.source = source;
    this.model = model;
    this.inputs = model.roles();
    this.padId = padId;
    this.maxTokensOfBatch = Math.max(1, MAX_FLOATS / floatsPerToken(model));
  }

  /** Floats that a run hands out for each token, as far as the file says. */
  private static int floatsPerToken(Model model) {
    long floats = 0;
    for (TensorSpec output : model.outputs()) {
      int last = output.dims().size() - 1;
      if (output.isFloat() && last >= 1) {
        String dim = output.dims().get(last);
        // An unnamed hidden size is rarely above 1024.
        floats += output.isFixed(last) && dim.length() < 10 ? Long.parseLong(dim) : 1024;
      }
    }
    return Math.clamp(floats, 1, Integer.MAX_VALUE);
  }

  /** The next batch, of as many samples as go into one. */
  public List<Sample> next() throws IOException {
    return next(MAX_ROWS);
  }

  /**
   * The next batch. A source that breaks breaks after the samples that it gave.
   *
   * @param atMost the most samples, unless the model fixes their number
   */
  public List<Sample> next(long atMost) throws IOException {
    List<Sample> batch = new ArrayList<>();
    int most = inputs.fixedRows().orElse((int) Math.min(maxRows, atMost));
    int width = 0;
    Sample sample = read();
    while (sample != null) {
      width = Math.max(width, sample.streams().isEmpty() ? 1 : sample.length(0));
      if (!batch.isEmpty()
          && (batch.size() == most
              || (long) (batch.size() + 1) * width > maxTokensOfBatch
              || !goTogether(inputs, batch.getFirst(), sample))) {
        waiting.addFirst(sample);
        break;
      }
      batch.add(sample);
      sample = read();
    }
    if (batch.isEmpty() && broken != null) {
      throw broken;
    }
    if (!batch.isEmpty() && inputs.fixedRows().isPresent()) {
      while (batch.size() < most) {
        batch.add(batch.getLast());
      }
    }
    return batch;
  }

  /** Whether what no mask can fill up is equally long. */
  public static boolean goTogether(ModelInputs inputs, Sample one, Sample other) {
    for (int s = 0; s < inputs.streams().size(); s++) {
      if (!inputs.streams().get(s).marksPadding() && one.length(s) != other.length(s)) {
        return false;
      }
    }
    return true;
  }

  /**
   * From now on one sample a batch.
   *
   * @param again a batch whose samples are to come again, one by one
   */
  public void oneRow(List<Sample> again) {
    maxRows = 1;
    again.reversed().forEach(waiting::addFirst);
  }

  private @Nullable Sample read() {
    if (!waiting.isEmpty()) {
      return waiting.removeFirst();
    }
    if (exhausted) {
      return null;
    }
    try {
      if (!source.hasNext()) {
        exhausted = true;
        return null;
      }
      Sample sample = source.next();
      requireKnown(sample);
      return sample;
    } catch (UncheckedIOException e) {
      exhausted = true;
      broken = e.getCause();
      return null;
    } catch (IOException e) {
      exhausted = true;
      broken = e;
      return null;
    }
  }

  private void requireKnown(Sample sample) throws ModelException {
    for (int s = 0; s < inputs.streams().size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      if (sample.streams().get(s) instanceof TokenizedText text) {
        OptionalInt unknown = SampleEncoder.firstUnknown(model, stream, text);
        if (unknown.isPresent()) {
          throw new ModelException(
              "sample "
                  + sample.number()
                  + " has the token id "
                  + text.id(unknown.getAsInt())
                  + " in '"
                  + stream
                  + "', but "
                  + model
                  + " knows ids from 0 to "
                  + (model.vocabulary(stream).orElse(Integer.MAX_VALUE) - 1));
        }
      }
    }
  }

  /**
   * The batch that all probes start from: padded on the right, wide enough that every row has
   * padding, and its streams of different widths, so that every tensor's axis tells whose it is.
   */
  public Batch baseline(List<Sample> samples) {
    Batch batch = Batch.of(inputs, samples, padId);
    for (int s = 0; s < inputs.streams().size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      if (!stream.marksPadding() || stream.fixedLength().isPresent()) {
        continue;
      }
      int longest = 0;
      for (Sample sample : samples) {
        longest = Math.max(longest, sample.length(s));
      }
      int width = longest + StreamProbes.SPARE;
      while (isTaken(batch, s, width)) {
        width++;
      }
      batch =
          batch.withPadding(s, Padding.RIGHT, Math.min(width, SampleEncoder.maxTokens(model, s)));
    }
    return batch;
  }

  /** Rows of one length without the padding that their file gives them. */
  static Batch unpadded(ModelInputs inputs, List<Sample> rows, long padId) {
    Batch batch = Batch.of(inputs, rows, padId);
    for (int s = 0; s < inputs.streams().size(); s++) {
      TokenStream stream = inputs.streams().get(s);
      int length = rows.getFirst().length(s);
      if (stream.marksPadding() && stream.fixedLength().isEmpty() && batch.width(s) > length) {
        batch = batch.withPadding(s, Padding.RIGHT, length);
      }
    }
    return batch;
  }

  private boolean isTaken(Batch batch, int stream, int width) {
    for (int other = 0; other < inputs.streams().size(); other++) {
      if (other != stream && batch.width(other) == width) {
        return true;
      }
    }
    return false;
  }
}
