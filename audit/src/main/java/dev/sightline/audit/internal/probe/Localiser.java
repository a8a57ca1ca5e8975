package dev.sightline.audit.internal.probe;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Finds where two runs of the same samples first differ at a real token. Its session opens when it
 * is first asked: most audits find nothing to look for.
 */
public final class Localiser implements AutoCloseable {
  private final Model model;
  private final List<Site> tapped;
  private @Nullable ModelSession session;

  public Localiser(Model model, List<Site> sites) {
    this.model = model;
    this.tapped = sites.stream().filter(s -> s.attention().taps().contains(Tap.CONTEXT)).toList();
  }

  /**
   * A first difference.
   *
   * @param layer the attention that shows it first
   * @param head the head of it that differs most; empty if what the attention reads differs already
   * @param difference the largest difference of a value there; NaN if one is not finite
   */
  public record Entry(int layer, OptionalInt head, double difference) {}

  /** Empty if no attention that can be read shows it. */
  public Optional<Entry> first(Difference difference) throws ModelException {
    Difference.Pair pair = difference.pair();
    if (tapped.isEmpty() || pair == null) {
      return Optional.empty();
    }
    RunOutputs a = run(pair.a().batch());
    RunOutputs b = run(pair.b().batch());
    for (Site site : tapped) {
      Optional<Entry> entry =
          Double.isNaN(difference.largest())
              ? notFinite(site, b)
              : differs(site, a, pair.rowA(), b, pair.rowB());
      if (entry.isPresent()) {
        return entry;
      }
    }
    return Optional.empty();
  }

  private RunOutputs run(Batch batch) throws ModelException {
    if (session == null) {
      session =
          model.tappedSession(
              tapped.stream().map(Site::attention).toList(), EnumSet.of(Tap.CONTEXT, Tap.HIDDEN));
    }
    List<String> names = new ArrayList<>();
    for (Site site : tapped) {
      names.add(site.attention().output(Tap.CONTEXT));
      if (site.attention().taps().contains(Tap.HIDDEN)) {
        names.add(site.attention().output(Tap.HIDDEN));
      }
    }
    return new RunOutputs(batch, session.run(batch.feed(), names));
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }

  /**
   * Anywhere, at padding too: a row without a key breaks there, and spreads from the next layer.
   */
  private static Optional<Entry> notFinite(Site site, RunOutputs run) {
    FloatTensor context = run.output(site.attention().output(Tap.CONTEXT));
    int heads = context.shape().dim(1);
    int perHead = context.shape().dim(2) * context.shape().dim(3);
    for (int i = 0; i < context.data().length; i++) {
      if (!Float.isFinite(context.data()[i])) {
        return Optional.of(
            new Entry(site.layer(), OptionalInt.of(i / perHead % heads), Double.NaN));
      }
    }
    return Optional.empty();
  }

  private static Optional<Entry> differs(
      Site site, RunOutputs a, int rowA, RunOutputs b, int rowB) {
    if (site.attention().taps().contains(Tap.HIDDEN)) {
      String hidden = site.attention().output(Tap.HIDDEN);
      double[] before = largestByHead(site, hidden, a, rowA, b, rowB, 1);
      if (isDifference(before[0])) {
        return Optional.of(new Entry(site.layer(), OptionalInt.empty(), before[0]));
      }
    }
    String context = site.attention().output(Tap.CONTEXT);
    int heads = a.output(context).shape().dim(1);
    double[] byHead = largestByHead(site, context, a, rowA, b, rowB, heads);
    int worst = 0;
    for (int h = 0; h < heads; h++) {
      if (!(byHead[h] <= byHead[worst]) && !Double.isNaN(byHead[worst])) {
        worst = h;
      }
    }
    return isDifference(byHead[worst])
        ? Optional.of(new Entry(site.layer(), OptionalInt.of(worst), byHead[worst]))
        : Optional.empty();
  }

  /** Beyond what another order of sums makes of values around 1. */
  private static boolean isDifference(double difference) {
    return !(difference <= 1e-4);
  }

  /** From {@code [B, H, L, D]}, or {@code [B, L, D]} with one head. */
  private static double[] largestByHead(
      Site site, String tap, RunOutputs a, int rowA, RunOutputs b, int rowB, int heads) {
    double[] largest = new double[heads];
    TokenAxis axis = site.queries();
    if (!axis.isOneStream()) {
      return largest;
    }
    FloatTensor x = a.output(tap);
    FloatTensor y = b.output(tap);
    int size = x.shape().dim(-1);
    int stream = axis.first();
    for (int t = 0; t < a.batch().samples().get(rowA).length(stream); t++) {
      for (int h = 0; h < heads; h++) {
        int slotX = (rowA * heads + h) * x.shape().dim(-2) + a.batch().slot(stream, rowA, t);
        int slotY = (rowB * heads + h) * y.shape().dim(-2) + b.batch().slot(stream, rowB, t);
        for (int d = 0; d < size; d++) {
          double difference = Math.abs(x.data()[slotX * size + d] - y.data()[slotY * size + d]);
          largest[h] = Math.max(largest[h], difference);
        }
      }
    }
    return largest;
  }
}
