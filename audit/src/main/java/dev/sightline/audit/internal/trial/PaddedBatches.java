package dev.sightline.audit.internal.trial;

import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples of different lengths together, padded though no input says so, and wider than the longest
 * as where the model takes a mask.
 */
record PaddedBatches(Model model, Iterator<Sample> source, long padId, int rows)
    implements TrialBatches {
  @Override
  public @Nullable Batch next() throws IOException {
    List<Sample> samples = new ArrayList<>();
    ModelInputs inputs = model.roles();
    int most = inputs.fixedRows().orElse(rows);
    try {
      while (samples.size() < most && source.hasNext()) {
        samples.add(source.next());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    while (!samples.isEmpty() && inputs.fixedRows().isPresent() && samples.size() < most) {
      samples.add(samples.getLast());
    }
    if (samples.isEmpty()) {
      return null;
    }
    Batch batch = Batch.of(inputs, samples, padId);
    for (int s = 0; s < inputs.streams().size(); s++) {
      if (inputs.streams().get(s).fixedLength().isEmpty()) {
        int width =
            Math.min(batch.width(s) + StreamProbes.SPARE, SampleEncoder.maxTokens(model, s));
        batch = batch.withPadding(s, Padding.RIGHT, width);
      }
    }
    return batch;
  }
}
