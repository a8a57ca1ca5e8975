package dev.sightline.audit.internal.judge;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Localiser;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.Site;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.Reached;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.data.Padding;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a fault enters: by attention on padding, else by the first place where two runs differ. */
public final class Leaks {
  private final Observations seen;
  private final @Nullable PaddingMass right;
  private final @Nullable PaddingMass left;

  Leaks(Observations seen) {
    this.seen = seen;
    TappedModel inside = seen.inside();
    PaddingMass after = inside == null ? null : inside.rightMass();
    PaddingMass before = inside == null ? null : inside.leftMass();
    Sides asked = seen.sides().orElse(Sides.BOTH);
    right = asked.include(Padding.RIGHT) ? after : before;
    left = asked.include(Padding.LEFT) ? before : after;
  }

  /** The first attention whose real queries attend to a stream's padding; null if none does. */
  @Nullable Leak onPadding(int stream) {
    Leak leak = first(right, layersOver(stream));
    return leak != null ? leak : first(left, layersOver(stream));
  }

  /** Whether every attention over the stream could be read. */
  boolean seesAllOver(int stream) {
    return seen.inside() != null
        && right != null
        && right.layers().stream().allMatch(layer -> layer.reason() == null)
        && !layersOver(stream).isEmpty();
  }

  private Set<Integer> layersOver(int stream) {
    TappedModel inside = seen.inside();
    return inside == null
        ? Set.of()
        : inside.sites().stream()
            .filter(site -> site.keys().contains(stream))
            .map(Site::layer)
            .collect(Collectors.toSet());
  }

  private @Nullable Leak first(@Nullable PaddingMass mass, Set<Integer> layers) {
    if (mass == null) {
      return null;
    }
    for (PaddingMass.Layer layer : mass.layers()) {
      int worst = -1;
      for (int h = 0; h < layer.max().size(); h++) {
        double share = layer.max().get(h);
        if (share != 0 && (worst < 0 || !(share <= layer.max().get(worst)))) {
          worst = h;
        }
      }
      if (worst >= 0 && layers.contains(layer.layer())) {
        return in(layer.layer(), worst, layer.max().get(worst));
      }
    }
    return null;
  }

  /** A leak in an attention. */
  Leak in(int layer, int head, double share) {
    AttentionSite site = seen.model().attention().found().get(layer);
    return Leak.ofAttention(layer, head, share).in(site.operator(), site.node(), queries(layer));
  }

  /** The input whose tokens are an attention's queries; empty where there is one input. */
  private String queries(int layer) {
    TappedModel inside = seen.inside();
    List<TokenStream> streams = seen.model().roles().streams();
    if (inside == null || streams.size() < 2) {
      return "";
    }
    for (Site site : inside.sites()) {
      for (int s = 0; s < streams.size(); s++) {
        if (site.layer() == layer && site.queries().isStream(s)) {
          return streams.get(s).name();
        }
      }
    }
    return "";
  }

  /** Where a difference that is a fault of a stream enters; null if that is not known. */
  @Nullable Leak of(int stream, Difference difference) {
    Leak byMass = onPadding(stream);
    if (byMass != null && !Double.isNaN(difference.largest())) {
      return byMass;
    }
    Leak entry = entry(difference, false);
    return entry == null ? byMass : entry;
  }

  /**
   * Where two runs first differ.
   *
   * @param rowsMix whether they differ in other rows of the batch
   */
  @Nullable Leak entry(Difference difference, boolean rowsMix) {
    Localiser.Entry entry = seen.entries().of(difference, rowsMix);
    return entry == null
        ? null
        : new Leak(
            entry.layer(),
            entry.head(),
            Double.isNaN(entry.difference())
                ? OptionalDouble.of(Double.NaN)
                : OptionalDouble.empty(),
            entry.outside(),
            entry.operator(),
            entry.node(),
            entry.layer().isEmpty() ? "" : queries(entry.layer().getAsInt()));
  }

  /** The cause of a fault of a stream that enters at a leak. */
  Cause reached(@Nullable Leak leak, int stream, Difference difference) {
    boolean finite = !Double.isNaN(difference.largest());
    return new Reached(finite, leak == null && seesAllOver(stream));
  }

  /** Layers that give padding something, as in {@code 0, 2}; empty for none. */
  public List<Integer> layersOnPadding() {
    return java.util.stream.Stream.of(right, left)
        .filter(mass -> mass != null)
        .flatMap(mass -> mass.layers().stream())
        .filter(layer -> layer.max().stream().anyMatch(share -> share != 0))
        .map(PaddingMass.Layer::layer)
        .distinct()
        .sorted()
        .toList();
  }

  public @Nullable PaddingMass right() {
    return right;
  }

  public @Nullable PaddingMass left() {
    return left;
  }
}
