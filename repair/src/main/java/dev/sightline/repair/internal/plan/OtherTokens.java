package dev.sightline.repair.internal.plan;

import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Axes of attentions that hold tokens besides those of the streams, always the same number of them:
 * learned queries, registers, the scene that a policy sees, a state. Two widths of the same sample
 * tell how many; which end they are at, a changed token tells.
 */
final class OtherTokens {
  /** Odd and different for each stream, so that no two sums of widths grow alike. */
  private static final int[] WIDER = {3, 7, 15, 31};

  /** A key whose own token changed moves far more than rounding does; shares are float32. */
  private static final double MOVED = 1e-3;

  private final Model model;
  private final ModelSession session;
  private final Batch narrow;
  private final Batch wide;
  private final long padId;
  private final Map<String, FloatTensor> run;
  private final Map<String, FloatTensor> wideRun;
  private final List<String> outputs;
  private final Map<Integer, Map<String, FloatTensor>> changedRuns = new HashMap<>();

  OtherTokens(
      Model model,
      ModelSession session,
      Batch batch,
      long padId,
      Map<String, FloatTensor> run,
      List<String> outputs)
      throws ModelException {
    this.model = model;
    this.session = session;
    this.narrow = batch;
    this.padId = padId;
    this.run = run;
    this.outputs = List.copyOf(outputs);
    Batch wider = batch;
    for (int s = 0; s < Math.min(WIDER.length, model.roles().streams().size()); s++) {
      if (model.roles().streams().get(s).fixedLength().isEmpty()) {
        wider = wider.withPadding(s, Padding.RIGHT, batch.width(s) + WIDER[s]);
      }
    }
    wide = wider;
    wideRun = session.run(wide.feed(), outputs);
  }

  /** The tokens of sites that have others; a site that cannot be read is not among them. */
  Map<AttentionSite, SiteAxes.Axes> of(List<AttentionSite> sites) throws ModelException {
    Map<AttentionSite, SiteAxes.Axes> found = new LinkedHashMap<>();
    for (AttentionSite site : sites) {
      FloatTensor a = run.get(site.output(Tap.PROBABILITIES));
      FloatTensor b = wideRun.get(site.output(Tap.PROBABILITIES));
      if (a == null || b == null) {
        continue;
      }
      TokenAxis queries = axis(a.shape().dim(2), b.shape().dim(2)).orElse(null);
      TokenAxis keys = axis(a.shape().dim(3), b.shape().dim(3)).orElse(null);
      if (queries == null || keys == null) {
        continue;
      }
      TokenAxis.Pair pair = new TokenAxis.Pair(queries, keys, false);
      if (keys.streams().isEmpty() || keys.past() == 0) {
        found.put(site, new SiteAxes.Axes(pair, false));
        continue;
      }
      Optional<Boolean> last = othersAreLast(site, keys);
      if (last.isEmpty()) {
        // What came before mixed the tokens; the same keys are in the same order.
        last =
            found.values().stream()
                .filter(each -> each.pair().keys().equals(keys))
                .map(SiteAxes.Axes::othersLast)
                .findFirst();
      }
      last.ifPresent(end -> found.put(site, new SiteAxes.Axes(pair, end)));
    }
    return found;
  }

  /** What makes an axis so long at both widths; of several readings the one of fewer streams. */
  private Optional<TokenAxis> axis(int length, int widerLength) {
    int streams = model.roles().streams().size();
    if (length == widerLength) {
      return Optional.of(new TokenAxis(length, 0, -1));
    }
    for (int count = 1; count <= streams; count++) {
      for (int first = 0; first + count <= streams; first++) {
        int others = length - width(narrow.joint(), first, count);
        if (others >= 0 && others == widerLength - width(wide.joint(), first, count)) {
          return Optional.of(new TokenAxis(others, first, first + count - 1));
        }
      }
    }
    return Optional.empty();
  }

  private static int width(JointTokens joint, int first, int count) {
    int width = 0;
    for (int s = first; s < first + count; s++) {
      width += joint.width(s);
    }
    return width;
  }

  /**
   * Whether the other keys come after the tokens. The last token is another in a second run: of the
   * two keys that it can be, one gets another share against the rest. Empty if neither or both do.
   */
  private Optional<Boolean> othersAreLast(AttentionSite site, TokenAxis keys)
      throws ModelException {
    OptionalInt changed =
        keys.streams().stream()
            .mapToInt(s -> s)
            .filter(s -> narrow.joint().width(s) > 0)
            .reduce((a, b) -> b);
    if (changed.isEmpty()) {
      return Optional.empty();
    }
    int stream = changed.getAsInt();
    String output = site.output(Tap.PROBABILITIES);
    FloatTensor before = run.get(output);
    FloatTensor after = changedRun(stream).get(output);
    if (before == null || after == null || !before.shape().equals(after.shape())) {
      return Optional.empty();
    }
    double[] moved = moved(before, after);
    int atEnd = moved.length - 1;
    boolean othersFirst = moved[atEnd] > MOVED;
    boolean othersLast = moved[atEnd - keys.past()] > MOVED;
    return othersFirst == othersLast ? Optional.empty() : Optional.of(othersLast);
  }

  /** The run with another last token of a stream, the same for all sites. */
  private Map<String, FloatTensor> changedRun(int stream) throws ModelException {
    Map<String, FloatTensor> known = changedRuns.get(stream);
    if (known == null) {
      int token = narrow.width(stream) - 1;
      Batch other =
          narrow.withDrawn(
              stream,
              (row, position) -> position == token,
              new RandomTokens(model, padId, 1)
                  .of(model.roles().streams().get(stream), narrow.samples().getFirst()));
      known = session.run(other.feed(), outputs);
      changedRuns.put(stream, known);
    }
    return known;
  }

  /**
   * How far the share of each key moved against the others', the median over heads and queries of
   * the change of its logarithm, less the median of all keys.
   */
  private static double[] moved(FloatTensor before, FloatTensor after) {
    int keys = before.shape().dim(3);
    int rows = before.shape().dim(1) * before.shape().dim(2); // the first batch row
    double[][] byKey = new double[keys][rows];
    for (int row = 0; row < rows; row++) {
      double[] changes = new double[keys];
      for (int k = 0; k < keys; k++) {
        int at = row * keys + k;
        changes[k] = Math.log(after.data()[at]) - Math.log(before.data()[at]);
      }
      double shift = median(changes);
      for (int k = 0; k < keys; k++) {
        byKey[k][row] = Math.abs(changes[k] - shift);
      }
    }
    return Arrays.stream(byKey).mapToDouble(OtherTokens::median).toArray();
  }

  private static double median(double[] values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    return finite.length == 0 ? 0 : finite[finite.length / 2];
  }
}
