package dev.sightline.audit.internal.declared;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.internal.declared.AttentionTally.Reals;
import dev.sightline.audit.internal.recover.SampleTokens;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.data.internal.batch.TapGroups;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The proof from inside: the probabilities of every head against the declared mask, cell by cell.
 * It holds the probabilities of a few attentions over one batch at a time.
 */
final class InsideProof {
  private final Model model;
  private final SampleBatches batches;
  private final Expectation expectation;
  private final List<AttentionSite> readable;

  InsideProof(Model model, SampleBatches batches, Expectation expectation) {
    this.model = model;
    this.batches = batches;
    this.expectation = expectation;
    readable =
        model.attention().found().stream()
            .filter(site -> site.taps().contains(Tap.PROBABILITIES))
            .toList();
  }

  /**
   * The attentions, their tokens and their declared masks: one run tells how long they are.
   *
   * @throws IllegalArgumentException if a declared mask does not fit
   */
  List<DeclaredAttention> attentions() throws ModelException {
    Map<AttentionSite, DeclaredAttention> known = new LinkedHashMap<>();
    forEach(
        readable,
        1,
        (site, part, probabilities) -> {
          if (probabilities.shape().rank() != 4) {
            return;
          }
          known.put(
              site,
              declared(
                  site,
                  probabilities.shape().dim(1),
                  probabilities.shape().dim(2),
                  probabilities.shape().dim(3)));
        });
    List<DeclaredAttention> attentions = new ArrayList<>();
    for (AttentionSite site : model.attention().found()) {
      DeclaredAttention attention = known.get(site);
      attentions.add(attention != null ? attention : unread(site));
    }
    return attentions;
  }

  private DeclaredAttention declared(AttentionSite site, int heads, int queries, int keys) {
    MaskShape shape = new MaskShape(batches.samples().size(), heads, queries, keys);
    TokenAxis.Pair axes = axes(site, queries, keys);
    return new DeclaredAttention(
        site,
        axes,
        expectation.over(site.layer(), shape, samples(axes, queries, keys)).orElse(null),
        axes != null
            ? ""
            : "it has "
                + queries
                + " queries and "
                + keys
                + " keys, which are the tokens of no stream: "
                + batches.joint());
  }

  /** What each sample says about its tokens; none if the tokens are unknown. */
  private List<MaskSample> samples(TokenAxis.@Nullable Pair axes, int queries, int keys) {
    List<MaskSample> samples = new ArrayList<>();
    for (int p = 0; axes != null && p < batches.count(Integer.MAX_VALUE); p++) {
      SampleBatches.Part part = batches.part(p);
      Map<String, RawTensor> feed = batches.feed(part.batch());
      for (int row = 0; row < part.rows(); row++) {
        samples.add(SampleTokens.of(model, part.batch(), feed, axes, row, queries, keys));
      }
    }
    return samples;
  }

  private TokenAxis.@Nullable Pair axes(AttentionSite site, int queries, int keys) {
    return TokenAxis.Pair.of(batches.joint(), site.source(), queries, keys, TokenAxis.Past.FED)
        .orElse(null);
  }

  /** Without probabilities nothing says how long it is, unless there is but one stream. */
  private DeclaredAttention unread(AttentionSite site) {
    JointTokens joint = batches.joint();
    String why = "its probabilities cannot be read: " + site.whyNotReadable();
    if (joint.streams() != 1 || joint.past() > 0) {
      return new DeclaredAttention(site, null, null, why);
    }
    int length = joint.size();
    int heads = expectation.of(site.layer()).map(Mask::heads).orElse(1);
    MaskShape shape = new MaskShape(batches.samples().size(), heads, length, length);
    return new DeclaredAttention(
        site, axes(site, length, length), expectation.over(site.layer(), shape).orElse(null), why);
  }

  /** Judges every attention that has a declared mask and can be read. */
  List<Attention> judge(List<DeclaredAttention> attentions, List<String> names)
      throws ModelException {
    Map<AttentionSite, AttentionTally> tallies = new LinkedHashMap<>();
    Map<AttentionSite, TokenAxis.Pair> axesOf = new LinkedHashMap<>();
    for (DeclaredAttention attention : attentions) {
      BoundMask mask = attention.mask();
      TokenAxis.Pair axes = attention.axes();
      if (mask != null && axes != null && attention.isReadable()) {
        tallies.put(
            attention.site(),
            new AttentionTally(
                attention, mask, named(axes.queries(), names), named(axes.keys(), names)));
        axesOf.put(attention.site(), axes);
      }
    }
    forEach(
        List.copyOf(tallies.keySet()),
        batches.count(Integer.MAX_VALUE),
        (site, part, probabilities) -> {
          AttentionTally tally = tallies.get(site);
          TokenAxis.Pair axes = axesOf.get(site);
          if (tally != null && axes != null) {
            int[] queries = axes.queries().tokens(batches.joint());
            int[] keys = axes.keys().tokens(batches.joint());
            for (int row = 0; row < part.rows(); row++) {
              int r = row;
              Reals reals =
                  (query, index) ->
                      part.isReal(batches.joint(), r, query ? queries[index] : keys[index]);
              tally.add(probabilities, row, part.first() + row, reals);
            }
          }
        });
    List<Attention> results = new ArrayList<>();
    for (DeclaredAttention attention : attentions) {
      AttentionTally tally = tallies.get(attention.site());
      results.add(tally == null ? notJudged(attention) : tally.result());
    }
    return results;
  }

  private List<String> named(TokenAxis axis, List<String> names) {
    return java.util.Arrays.stream(axis.tokens(batches.joint())).mapToObj(names::get).toList();
  }

  private static Attention notJudged(DeclaredAttention attention) {
    BoundMask mask = attention.mask();
    return new Attention(
        attention.site().layer(),
        attention.site().node(),
        mask == null ? "" : mask.mask().toString(),
        attention.isReadable() ? State.NOT_DECLARED : State.NOT_READABLE,
        attention.isReadable() ? "no mask is declared for it" : attention.whyNotReadable(),
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        null,
        0);
  }

  /** Takes one attention's probabilities over one batch. */
  @FunctionalInterface
  private interface Taker {
    void take(AttentionSite site, SampleBatches.Part part, FloatTensor probabilities);
  }

  private void forEach(List<AttentionSite> sites, int parts, Taker taker) throws ModelException {
    if (sites.isEmpty()) {
      return;
    }
    try (ModelSession session = model.tappedSession(sites, Set.of(Tap.PROBABILITIES))) {
      for (int p = 0; p < parts; p++) {
        SampleBatches.Part part = batches.part(p);
        Map<String, RawTensor> feed = batches.feed(part.batch());
        for (List<AttentionSite> some : TapGroups.of(sites, batches.joint(), batches.rows(), 1)) {
          Map<String, FloatTensor> run =
              session.run(feed, some.stream().map(site -> site.output(Tap.PROBABILITIES)).toList());
          for (AttentionSite site : some) {
            @Nullable FloatTensor probabilities = run.get(site.output(Tap.PROBABILITIES));
            if (probabilities != null) {
              taker.take(site, part, probabilities);
            }
          }
        }
      }
    }
  }
}
