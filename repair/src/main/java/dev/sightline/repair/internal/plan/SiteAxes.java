package dev.sightline.repair.internal.plan;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tokens the queries and keys of each attention are. The graph does not say so; the lengths
 * in a run do, of a sample whose streams have different ones.
 */
public final class SiteAxes {
  private final Map<Integer, Axes> axes;

  private SiteAxes(Map<Integer, Axes> axes) {
    this.axes = axes;
  }

  /**
   * The tokens of an attention. Where no stream feeds some of them, {@link TokenAxis#past} is the
   * number of those.
   *
   * @param othersLast whether they come after the tokens of the streams
   */
  public record Axes(TokenAxis.Pair pair, boolean othersLast) {}

  /**
   * Runs a sample.
   *
   * @throws ModelException if the model refuses it
   */
  public static SiteAxes of(Model model, Sample sample, long padId) throws ModelException {
    List<AttentionSite> sites =
        model.attention().found().stream()
            .filter(site -> site.taps().contains(Tap.PROBABILITIES))
            .toList();
    Batch batch = Batch.of(model.roles(), List.of(sample), padId);
    Map<Integer, Axes> axes = new HashMap<>();
    if (!sites.isEmpty()) {
      List<String> outputs = sites.stream().map(site -> site.output(Tap.PROBABILITIES)).toList();
      try (ModelSession session = model.tappedSession(sites, Set.of(Tap.PROBABILITIES))) {
        Map<String, FloatTensor> run = session.run(batch.feed(), outputs);
        for (AttentionSite site : sites) {
          FloatTensor probabilities = run.get(site.output(Tap.PROBABILITIES));
          if (probabilities != null) {
            read(batch, site, probabilities.shape())
                .ifPresent(pair -> axes.put(site.layer(), new Axes(pair, false)));
          }
        }
        List<AttentionSite> unread =
            sites.stream().filter(site -> !axes.containsKey(site.layer())).toList();
        if (!unread.isEmpty() && batch.joint().past() == 0) {
          new OtherTokens(model, session, batch, padId, run, outputs)
              .of(unread)
              .forEach((site, own) -> axes.put(site.layer(), own));
        }
      }
    }
    // An operator that cannot be read is that of a model of one text, if it has but one.
    boolean oneStream = model.roles().streams().size() == 1;
    for (AttentionSite site : model.attention().found()) {
      if (oneStream && !site.taps().contains(Tap.PROBABILITIES)) {
        TokenAxis all = new TokenAxis(0, 0, 0);
        axes.put(site.layer(), new Axes(new TokenAxis.Pair(all, all, false), false));
      }
    }
    return new SiteAxes(axes);
  }

  private static Optional<TokenAxis.Pair> read(Batch batch, AttentionSite site, Shape shape) {
    return TokenAxis.Pair.of(
        batch.joint(), site.source(), shape.dim(2), shape.dim(3), TokenAxis.Past.FED);
  }

  /** The tokens of an attention; empty if its lengths are those of no inputs. */
  public Optional<Axes> of(int layer) {
    return Optional.ofNullable(axes.get(layer));
  }
}
