package dev.sightline.repair.internal.proof;

import dev.sightline.audit.internal.recover.MaskRecovery;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.mask.MaskObservation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.internal.plan.OwnCells;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Two models over samples without padding. Node by node, without the runtime's optimiser, a mask
 * that hides nothing new changes no bit; with it the graphs are fused in different ways, and differ
 * by rounding.
 */
public final class Sameness {
  private static final int RUNS = 9;

  private final Model old;
  private final Model changed;
  private final List<Sample> samples;
  private final long padId;

  /** A comparison over samples, each run alone. */
  public Sameness(Model old, Model changed, List<Sample> samples, long padId) {
    this.old = old;
    this.changed = changed;
    this.samples = List.copyOf(samples);
    this.padId = padId;
  }

  /**
   * What was found.
   *
   * @param samples how many samples were run
   * @param values how many numbers were compared
   * @param different how many of them are not the same bit by bit, without the optimiser
   * @param largest the largest difference without the optimiser
   * @param optimised the largest difference with the optimiser on
   * @param rounding what the optimiser itself changes in the old model
   * @param magnitude the largest output of the old model
   * @param ratio the time of the new model as a multiple of the old one's, the fastest of nine runs
   */
  public record Compared(
      int samples,
      long values,
      long different,
      double largest,
      double optimised,
      double rounding,
      double magnitude,
      double ratio) {}

  /**
   * The attentions whose masks are not the same without padding.
   *
   * @throws ModelException if a model refuses the sample
   */
  public Set<Integer> otherMasks() throws ModelException {
    Set<Integer> other = new TreeSet<>();
    List<Sample> longest =
        samples.stream()
            .max((a, b) -> Integer.compare(tokens(a), tokens(b)))
            .map(List::of)
            .orElse(List.of());
    Map<Integer, Map<Integer, List<MaskObservation>>> before =
        MaskRecovery.cells(old, longest, padId);
    Map<Integer, Map<Integer, List<MaskObservation>>> after =
        MaskRecovery.cells(changed, longest, padId);
    for (Integer layer : before.keySet()) {
      if (after.containsKey(layer)
          && !unpadded(before.get(layer)).equals(unpadded(after.get(layer)))) {
        other.add(layer);
      }
    }
    return other;
  }

  /** What each head allows where all tokens are real. */
  private static Map<Integer, List<MaskObservation>> unpadded(
      @Nullable Map<Integer, List<MaskObservation>> heads) {
    Map<Integer, List<MaskObservation>> some = new TreeMap<>();
    if (heads != null) {
      heads.forEach((head, seen) ->
          some.put(head, seen.stream().filter(o -> OwnCells.isUnpadded(o)).toList()));
    }
    return some;
  }

  private static int tokens(Sample sample) {
    return sample.streams().stream().mapToInt(tokens -> tokens.length()).sum();
  }

  /**
   * Runs both.
   *
   * @throws ModelException if a model refuses a sample
   */
  public Compared run() throws ModelException {
    List<String> outputs = ParsedModel.of(old).comparableOutputs();
    List<Map<String, FloatTensor>> plain = run(old, Use.UNFUSED, outputs);
    List<Map<String, FloatTensor>> plainAfter = run(changed, Use.UNFUSED, outputs);
    List<Map<String, FloatTensor>> fused;
    List<Map<String, FloatTensor>> fusedAfter;
    double ratio;
    try (RuntimeSession one = session(old, Use.PLAIN);
        RuntimeSession two = session(changed, Use.PLAIN)) {
      fused = run(one, old, outputs);
      fusedAfter = run(two, changed, outputs);
      ratio = ratio(one, two, outputs);
    }
    long values = 0;
    long different = 0;
    for (int s = 0; s < samples.size(); s++) {
      for (String output : outputs) {
        float[] a = data(plain.get(s), output);
        float[] b = data(plainAfter.get(s), output);
        values += a.length;
        for (int n = 0; n < a.length; n++) {
          different += n >= b.length || isOther(a[n], b[n]) ? 1 : 0;
        }
      }
    }
    return new Compared(
        samples.size(),
        values,
        different,
        largest(plain, plainAfter),
        largest(fused, fusedAfter),
        largest(plain, fused),
        magnitude(plain),
        ratio);
  }

  private static boolean isOther(float a, float b) {
    return Float.floatToIntBits(a) != Float.floatToIntBits(b);
  }

  private static float[] data(Map<String, FloatTensor> run, String output) {
    return Objects.requireNonNull(run.get(output)).data();
  }

  private List<Map<String, FloatTensor>> run(Model model, Use use, List<String> outputs)
      throws ModelException {
    try (RuntimeSession session = session(model, use)) {
      return run(session, model, outputs);
    }
  }

  private static RuntimeSession session(Model model, Use use) throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    return RuntimeSession.start(parsed, parsed.proto(), use);
  }

  private List<Map<String, FloatTensor>> run(
      RuntimeSession session, Model model, List<String> outputs) throws ModelException {
    List<Map<String, FloatTensor>> runs = new ArrayList<>();
    for (Sample sample : samples) {
      runs.add(session.run(feed(model, sample), outputs));
    }
    return runs;
  }

  private Map<String, RawTensor> feed(Model model, Sample sample) {
    return Batch.of(model.roles(), List.of(sample), padId).feed();
  }

  /** The fastest runs, in turns: a busy machine makes runs slower and never faster. */
  private double ratio(RuntimeSession one, RuntimeSession two, List<String> outputs)
      throws ModelException {
    Sample sample = samples.getFirst();
    Map<String, RawTensor> feedOne = feed(old, sample);
    Map<String, RawTensor> feedTwo = feed(changed, sample);
    long fastestOne = Long.MAX_VALUE;
    long fastestTwo = Long.MAX_VALUE;
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      one.run(feedOne, outputs);
      long middle = System.nanoTime();
      two.run(feedTwo, outputs);
      long end = System.nanoTime();
      fastestOne = Math.min(fastestOne, middle - start);
      fastestTwo = Math.min(fastestTwo, end - middle);
    }
    return (double) fastestTwo / Math.max(1, fastestOne);
  }

  private static double largest(
      List<Map<String, FloatTensor>> ones, List<Map<String, FloatTensor>> others) {
    double largest = 0;
    for (int s = 0; s < ones.size(); s++) {
      for (String output : ones.get(s).keySet()) {
        float[] a = data(ones.get(s), output);
        float[] b = data(others.get(s), output);
        for (int n = 0; n < Math.min(a.length, b.length); n++) {
          double difference = Math.abs((double) a[n] - b[n]);
          boolean bothNaN = Float.isNaN(a[n]) && Float.isNaN(b[n]);
          largest = bothNaN ? largest : Math.max(largest, difference);
        }
      }
    }
    return largest;
  }

  private static double magnitude(List<Map<String, FloatTensor>> runs) {
    double largest = 0;
    for (Map<String, FloatTensor> run : runs) {
      for (FloatTensor tensor : run.values()) {
        for (float value : tensor.data()) {
          largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
      }
    }
    return largest;
  }
}
