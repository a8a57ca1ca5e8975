package dev.sightline.audit;

import dev.sightline.audit.internal.probe.AttentionSnapshot;
import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.Site;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses what is shown: a few short samples, and of them one, padded where the fault shows. */
final class Pictures {
  /** Tokens of the text in the picture: a 28 x 28 square for each head can still be read. */
  private static final int TOKENS = 24;

  private static final int SAMPLES = 4;

  private Pictures() {}

  /** A few samples, the longest that fit first, cut to what a picture can show. */
  static List<Sample> shortened(ModelInputs inputs, List<Sample> samples) {
    if (inputs.streams().isEmpty()) {
      return samples;
    }
    List<Sample> shown =
        samples.stream()
            .sorted(
                Comparator.comparingInt(
                    (Sample sample) -> Math.abs(Math.min(sample.length(0), 2 * TOKENS) - TOKENS)))
            .limit(inputs.fixedRows().orElse(SAMPLES))
            .toList();
    List<Sample> cut = new ArrayList<>();
    for (Sample sample : shown) {
      Sample now = sample;
      for (int s = 0; s < inputs.streams().size(); s++) {
        if (sample.streams().get(s) instanceof TokenizedText text
            && text.length() > TOKENS
            && inputs.streams().get(s).fixedLength().isEmpty()) {
          now = now.with(s, text.first(TOKENS));
        }
      }
      cut.add(now);
    }
    // Streams without a mask have to stay equally long.
    return cut.stream()
        .filter(sample -> Batches.goTogether(inputs, cut.getFirst(), sample))
        .toList();
  }

  /**
   * The sample that changed most if a verdict is FAIL, padded on the left where only that shows the
   * fault; null if no stream has an attention of its own.
   */
  static @Nullable AttentionPicture of(
      Model model, TappedModel inside, List<Finding> findings, @Nullable Sample worst, long padId)
      throws ModelException {
    boolean failed = findings.stream().anyMatch(f -> f.verdict() instanceof Verdict.Fail);
    if (!failed || worst == null) {
      return picture(inside.look(), model.roles(), findings);
    }
    int rows = model.roles().fixedRows().orElse(1);
    List<Sample> shown = shortened(model.roles(), Collections.nCopies(rows, worst));
    Padding side = onlyBeside(findings) ? Padding.LEFT : Padding.RIGHT;
    Batch batch = Batch.of(model.roles(), shown, padId);
    for (int s = 0; s < model.roles().streams().size(); s++) {
      boolean free = model.roles().streams().get(s).fixedLength().isEmpty();
      if (model.roles().streams().get(s).marksPadding() && free) {
        // Streams of different widths, so that an axis tells whose it is.
        int width = batch.width(s) + StreamProbes.SPARE + s;
        batch = batch.withPadding(s, side, Math.min(width, SampleEncoder.maxTokens(model, s)));
      }
    }
    return picture(inside.at(batch), model.roles(), findings);
  }

  private static boolean onlyBeside(List<Finding> findings) {
    return findings.stream()
            .anyMatch(f -> f.probe() == Probe.SIDE_CONTENT && f.verdict() instanceof Verdict.Fail)
        && findings.stream()
            .noneMatch(f -> f.probe() == Probe.PAD_CONTENT && f.verdict() instanceof Verdict.Fail);
  }

  /** The first row of the look, over the first stream that any attention is within. */
  private static @Nullable AttentionPicture picture(
      AttentionSnapshot look, ModelInputs inputs, List<Finding> findings) throws ModelException {
    Site first =
        look.sites().stream()
            .filter(site -> site.isSelf() && site.queries().isOneStream())
            .findFirst()
            .orElse(null);
    if (first == null) {
      return null;
    }
    int stream = first.queries().first();
    Sample sample = look.batch().samples().getFirst();
    int width = trimmed(look.batch(), stream, sample);
    List<String> tokens = new ArrayList<>();
    boolean[] padding = new boolean[width];
    for (int s = 0; s < width; s++) {
      padding[s] = !look.batch().isReal(stream, 0, s);
      tokens.add("padding");
    }
    for (int t = 0; t < sample.length(stream); t++) {
      tokens.set(look.batch().position(stream, 0, t), sample.streams().get(stream).spelling(t));
    }
    List<AttentionPicture.Layer> layers = new ArrayList<>();
    List<Site> own =
        look.sites().stream()
            .filter(site -> site.queries().isStream(stream) && site.keys().isStream(stream))
            .toList();
    look.forEach(
        own, (site, p) -> layers.add(new AttentionPicture.Layer(site.layer(), corner(p, width))));
    boolean causal = isCausal(inputs.streams().get(stream).name(), findings);
    return new AttentionPicture(sample.label(), tokens, padding, causal, layers);
  }

  /** Whether these tokens must not look ahead: a decoder's answer is not its encoder's. */
  private static boolean isCausal(String stream, List<Finding> findings) {
    return findings.stream()
        .filter(f -> f.probe() == Probe.CAUSALITY)
        .filter(f -> f.stream().isEmpty() || f.stream().equals(stream))
        .anyMatch(f -> f.verdict() instanceof Verdict.Pass || f.verdict() instanceof Verdict.Fail);
  }

  /** Beside a longer text, a row has more padding than a picture needs. */
  private static int trimmed(Batch batch, int stream, Sample sample) {
    int last = batch.position(stream, 0, sample.length(stream) - 1);
    return Math.min(batch.width(stream), last + 1 + StreamProbes.SPARE);
  }

  private static FloatTensor corner(FloatTensor p, int width) {
    int heads = p.shape().dim(1);
    float[] data = new float[heads * width * width];
    for (int h = 0; h < heads; h++) {
      for (int q = 0; q < width; q++) {
        System.arraycopy(p.data(), p.offset(0, h, q), data, (h * width + q) * width, width);
      }
    }
    return FloatTensor.of(Shape.of(1, heads, width, width), data);
  }
}
