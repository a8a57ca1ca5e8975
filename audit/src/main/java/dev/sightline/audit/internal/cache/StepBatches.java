package dev.sightline.audit.internal.cache;

import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Batches whose last tokens are run in steps: they are in the same positions in every row. */
final class StepBatches {
  private final ModelInputs inputs;
  private final int index;
  private final long padId;
  private final Set<String> caches;

  /**
   * Batches of a stream.
   *
   * @param caches inputs that samples give no values for
   */
  StepBatches(ModelInputs inputs, int index, long padId, Set<String> caches) {
    this.inputs = inputs;
    this.index = index;
    this.padId = padId;
    this.caches = caches;
  }

  /** Returns the sample without values for some inputs. */
  static Sample without(Sample sample, Set<String> inputs) {
    Map<String, RawTensor> others = new HashMap<>(sample.others());
    others.keySet().removeAll(inputs);
    return new Sample(
        sample.number(), sample.label(), sample.streams(), sample.placements(), others);
  }

  /** Returns the sample with its first tokens alone, which a batch may put anywhere. */
  Sample cut(Sample sample, int most) {
    Tokens tokens = sample.streams().get(index);
    int count = Math.min(most, tokens.length());
    List<Tokens> streams = new ArrayList<>(sample.streams());
    streams.set(
        index,
        switch (tokens) {
          case TokenizedText text -> text.first(count);
          case Vectors vectors -> vectors.slice(0, count);
        });
    List<Optional<Sample.Placement>> anywhere =
        Collections.nCopies(streams.size(), Optional.<Sample.Placement>empty());
    Map<String, RawTensor> others = without(sample, caches).others();
    return new Sample(sample.number(), sample.label(), streams, anywhere, others);
  }

  /** Returns a batch without padding, if all samples are equally long. */
  Batch of(List<Sample> samples) {
    int rows = inputs.fixedRows().orElse(samples.size());
    List<Sample> all = new ArrayList<>(samples);
    while (all.size() < rows) {
      all.add(samples.getLast());
    }
    return Batch.of(inputs, all, padId);
  }

  /**
   * Returns a batch with padding before each row's tokens, or between those that run at once and
   * the steps, as where a beginning was padded on the right.
   *
   * @param steps how many of the last tokens are run in steps
   */
  Batch padded(List<Sample> samples, int width, int steps, Padding side) {
    if (side == Padding.LEFT) {
      return of(samples).withPadding(index, Padding.LEFT, width);
    }
    List<Sample> placed = new ArrayList<>();
    for (Sample sample : samples) {
      int length = sample.length(index);
      int first = length - steps;
      List<Integer> positions =
          IntStream.range(0, length).map(t -> t < first ? t : t + width - length).boxed().toList();
      placed.add(sample.withPlacement(index, new Sample.Placement(positions, width)));
    }
    return of(placed);
  }

  /** Returns the batch with the other streams as wide as in another batch. */
  Batch asWideAs(Batch batch, Batch other) {
    Batch wide = batch;
    for (int s = 0; s < inputs.streams().size(); s++) {
      if (s != index && wide.width(s) < other.width(s) && inputs.streams().get(s).marksPadding()) {
        wide = wide.withPadding(s, Padding.RIGHT, other.width(s));
      }
    }
    return wide;
  }

  /** Returns whether streams that cannot be padded are equally long in both samples. */
  boolean goTogether(Sample one, Sample other) {
    for (int s = 0; s < inputs.streams().size(); s++) {
      boolean free = s == index || inputs.streams().get(s).marksPadding();
      if (!free && one.length(s) != other.length(s)) {
        return false;
      }
    }
    return true;
  }
}
