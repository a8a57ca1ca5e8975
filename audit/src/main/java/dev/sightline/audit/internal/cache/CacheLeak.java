package dev.sightline.audit.internal.cache;

import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the head with which a step attends to the cache of padding. */
final class CacheLeak {
  private CacheLeak() {}

  /**
   * Looks inside a step of one token.
   *
   * @param full the batch of the whole loop
   * @param row the row to look at
   * @param from the position of the step's token
   * @return the first layer that attends to padding, and its worst head; null if none does
   */
  static @Nullable Leak first(
      Model model, CacheLoop loop, Batch full, int stream, int row, int from)
      throws ModelException {
    List<AttentionSite> sites =
        model.attention().found().stream()
            .filter(site -> site.taps().contains(Tap.PROBABILITIES))
            .toList();
    if (sites.isEmpty()) {
      return null;
    }
    Map<String, RawTensor> feed = loop.firstStep(full, from, from + 1);
    List<String> names = sites.stream().map(site -> site.output(Tap.PROBABILITIES)).toList();
    try (ModelSession tapped = model.tappedSession(sites, EnumSet.of(Tap.PROBABILITIES))) {
      Map<String, FloatTensor> run = tapped.run(feed, names);
      for (AttentionSite site : sites) {
        FloatTensor probabilities = run.get(site.output(Tap.PROBABILITIES));
        Leak leak =
            probabilities == null ? null : leak(site, probabilities, full, stream, row, from);
        if (leak != null) {
          return leak;
        }
      }
    }
    return null;
  }

  /** From probabilities {@code [B, H, 1, P + 1]}; null where an axis counts something else. */
  private static @Nullable Leak leak(
      AttentionSite site, FloatTensor probabilities, Batch full, int stream, int row, int from) {
    Shape shape = probabilities.shape();
    if (shape.rank() != 4 || shape.dim(0) != full.rows() || shape.dim(3) != from + 1) {
      return null;
    }
    int worst = -1;
    double most = 0;
    for (int head = 0; head < shape.dim(1); head++) {
      double mass = 0;
      int at = probabilities.offset(row, head, 0);
      for (int position = 0; position < from; position++) {
        mass += full.isReal(stream, row, position) ? 0 : probabilities.data()[at + position];
      }
      if (mass > most) {
        worst = head;
        most = mass;
      }
    }
    return worst < 0 ? null : Leak.ofAttention(site.layer(), worst, most);
  }
}
