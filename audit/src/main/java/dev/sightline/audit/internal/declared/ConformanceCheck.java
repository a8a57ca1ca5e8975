package dev.sightline.audit.internal.declared;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.result.Cause.Attentions;
import dev.sightline.audit.result.Cause.Forbidden;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.Narrower;
import dev.sightline.audit.result.Cause.NoPath;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.Offence;
import dev.sightline.audit.result.Conformance.Reach;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** Runs both proofs and puts them into words. */
public final class ConformanceCheck {
  private final Model model;
  private final SampleBatches batches;
  private final Expectation expectation;
  private final Segments segments;
  private final IntFunction<String> implemented;
  private final Replacement replacement;
  private final List<String> notes = new ArrayList<>();

  /**
   * Checks a model.
   *
   * @param samples the batch rows; a mask that tells batch rows apart speaks of them in this order
   * @param padId the token id of padding
   * @param random draws the content that tokens are replaced by
   * @param implemented the mask that the model implements in an attention, as text
   * @throws IllegalArgumentException if the declared masks, the segments or the samples do not fit
   *     the model, or if there are more than {@link Conformance#MOST_TOKENS} tokens
   * @throws ModelException if the model refuses to run
   */
  public static Conformance run(
      Model model,
      List<Sample> samples,
      long padId,
      Expectation expectation,
      Segments segments,
      RandomTokens random,
      IntFunction<String> implemented)
      throws ModelException {
    return new ConformanceCheck(model, samples, padId, expectation, segments, random, implemented)
        .run();
  }

  private ConformanceCheck(
      Model model,
      List<Sample> samples,
      long padId,
      Expectation expectation,
      Segments segments,
      RandomTokens random,
      IntFunction<String> implemented) {
    this.model = model;
    this.implemented = implemented;
    this.expectation = expectation;
    this.segments = segments;
    batches = new SampleBatches(model, samples, padId);
    if (batches.joint().size() > Conformance.MOST_TOKENS) {
      throw new IllegalArgumentException(
          "every pair of tokens is looked at, so there may be "
              + Conformance.MOST_TOKENS
              + " of them in a row, but there are "
              + batches.joint().size()
              + " ("
              + batches.joint()
              + "); give shorter samples");
    }
    expectation.requireWithin(model.attention().found().size());
    replacement = new Replacement(batches, random);
  }

  private Conformance run() throws ModelException {
    InsideProof inside = new InsideProof(model, batches, expectation);
    List<DeclaredAttention> attentions = inside.attentions();
    List<String> names = names(attentions);
    NarrowerPairs narrower = new NarrowerPairs(model, batches, attentions, names);
    List<Attention> judged =
        inside.judge(attentions, names).stream().map(a -> with(narrower, a)).toList();
    noteAttentions(attentions);
    Verdict insideVerdict = inside(judged, narrower);
    Reach reach = Reach.NOTHING;
    Verdict outsideVerdict;
    try {
      requireOutsideProof(attentions);
      OutsideProof outside = new OutsideProof(model, batches, attentions, replacement);
      ReachTally tally = outside.run(names);
      reach = tally.result(outside.moving());
      outsideVerdict = outside(reach, tally);
      noteReach(reach);
    } catch (OutsideProof.NoProof e) {
      outsideVerdict = new NoData(new NotMeasured(String.valueOf(e.getMessage())));
    }
    return new Conformance(
        batches.samples().size(), names, judged, reach, insideVerdict, outsideVerdict, notes);
  }

  private static Attention with(NarrowerPairs narrower, Attention attention) {
    long count = narrower.of(attention.attention()).count();
    boolean only =
        count > 0 && (attention.state() == State.CONFORMS || attention.state() == State.UNUSED);
    return attention.narrower(only ? State.NARROWER : attention.state(), count);
  }

  /** From the segments that were given, else from the groups of the declared masks. */
  private List<String> names(List<DeclaredAttention> attentions) {
    if (!segments.isEmpty()) {
      return TokenNames.of(segments, batches.joint());
    }
    List<String> plain = batches.joint().plainNames();
    List<String> names = new ArrayList<>(plain);
    for (DeclaredAttention attention : attentions) {
      if (attention.mask() == null || attention.axes() == null) {
        continue;
      }
      List<String> labels = attention.mask().mask().labels();
      int[] keys = attention.axes().keys().tokens(batches.joint());
      if (labels.size() != keys.length) {
        continue;
      }
      List<String> numbered = TokenNames.numbered(labels);
      for (int k = 0; k < keys.length; k++) {
        if (names.get(keys[k]).equals(plain.get(keys[k]))) {
          names.set(keys[k], numbered.get(k));
        }
      }
    }
    return names;
  }

  private void noteAttentions(List<DeclaredAttention> attentions) {
    List<Integer> undeclared =
        attentions.stream()
            .filter(a -> expectation.of(a.site().layer()).isEmpty())
            .map(a -> a.site().layer())
            .toList();
    if (!undeclared.isEmpty()) {
      notes.add(
          "no mask is declared for "
              + listed(undeclared)
              + ": not checked, and taken to let everything through");
    }
    for (DeclaredAttention attention : attentions) {
      TokenAxis.Pair axes = attention.axes();
      if (axes != null && axes.ambiguous()) {
        notes.add(
            "attention "
                + attention.site().layer()
                + ": streams of equal length leave open whose tokens it is about; taken are "
                + axes.queries().names(batches.joint())
                + " as queries and "
                + axes.keys().names(batches.joint())
                + " as keys");
      }
    }
    int rejected = model.attention().rejected().size();
    if (rejected > 0) {
      notes.add(
          rejected
              + " more parts of the graph looked like attention and were not taken as such: "
              + model.attention().rejected().getFirst());
    }
  }

  private static String listed(List<Integer> attentions) {
    return (attentions.size() == 1 ? "attention " : "attentions ")
        + attentions.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static List<Integer> of(List<Attention> judged, State state) {
    return judged.stream().filter(a -> a.state() == state).map(Attention::attention).toList();
  }

  private Verdict inside(List<Attention> judged, NarrowerPairs narrower) {
    List<Attention> seen =
        judged.stream()
            .filter(a -> a.state() != State.NOT_DECLARED && a.state() != State.NOT_READABLE)
            .toList();
    List<Integer> offending = of(judged, State.OFFENDS);
    List<Integer> unused = of(judged, State.UNUSED);
    List<Integer> unread =
        judged.stream()
            .filter(a -> a.state() == State.NOT_READABLE)
            .filter(a -> expectation.of(a.attention()).isPresent())
            .map(Attention::attention)
            .toList();
    if (seen.isEmpty()) {
      return new NoData(
          judged.isEmpty()
              ? Kind.NO_ATTENTION
              : unread.isEmpty() ? Kind.NOTHING_DECLARED : unread(judged, unread, false));
    }
    Evidence evidence = evidence(seen);
    if (!offending.isEmpty()) {
      Attention first = judged.get(offending.getFirst());
      Offence worst = first.worst().getFirst();
      long all = seen.stream().mapToLong(Attention::offences).sum();
      return new Fail(new Forbidden(all, offending, worst), evidence, leak(model, worst));
    }
    List<Integer> less = of(judged, State.NARROWER);
    Offence first = less.isEmpty() ? null : narrower.of(less.getFirst()).first();
    if (first != null) {
      long all = seen.stream().mapToLong(Attention::narrower).sum();
      return new Fail(
          new Narrower(all, less, first, implemented.apply(less.getFirst())), evidence, null);
    }
    if (!unread.isEmpty()) {
      return new NoData(unread(judged, unread, true));
    }
    if (!unused.isEmpty()) {
      return new Inconclusive(new Attentions(State.UNUSED, unused, "", false), evidence);
    }
    return seen.stream().allMatch(a -> a.forbidden() == 0)
        ? new Inconclusive(Kind.NOTHING_FORBIDDEN, evidence)
        : new Pass(Kind.UNCHANGED, evidence);
  }

  private static Verdict.Leak leak(Model model, Offence worst) {
    AttentionSite site = model.attention().found().get(worst.attention());
    return Verdict.Leak.ofAttention(worst.attention(), worst.head(), worst.probability())
        .in(site.operator(), site.node(), "");
  }

  private static Attentions unread(
      List<Attention> judged, List<Integer> unread, boolean othersConform) {
    return new Attentions(
        State.NOT_READABLE, unread, judged.get(unread.getFirst()).reason(), othersConform);
  }

  private Evidence evidence(List<Attention> seen) {
    double largest = 0;
    double used = Double.POSITIVE_INFINITY;
    long forbidden = 0;
    Offence worst = null;
    for (Attention attention : seen) {
      for (Offence offence : attention.worst()) {
        if (worst == null || Float.compare(offence.probability(), worst.probability()) > 0) {
          worst = offence;
        }
        largest = Math.max(largest, offence.probability());
      }
      used = Math.min(used, attention.largestAllowed());
      forbidden += attention.forbidden();
    }
    Place place = null;
    if (worst != null) {
      Sample sample = batches.samples().get(worst.row());
      place =
          new Place(
              sample.number(),
              sample.label(),
              OptionalInt.of(worst.query()),
              worst.queryName(),
              "attention " + worst.attention(),
              "[" + batches.rows() + ", " + batches.joint().size() + "]");
    }
    return new Evidence(
        largest,
        new Limit(0, Exact.FORBIDDEN_KEY),
        forbidden,
        place,
        null,
        new Control(Change.ALLOWED_KEY, used));
  }

  private void requireOutsideProof(List<DeclaredAttention> attentions) throws OutsideProof.NoProof {
    if (attentions.isEmpty()) {
      throw new OutsideProof.NoProof("no attention was found in the graph");
    }
    if (attentions.stream().allMatch(a -> a.mask() == null)) {
      throw new OutsideProof.NoProof("no mask is declared for any attention of the model");
    }
    if (model.quantizesDynamically()) {
      throw new OutsideProof.NoProof(
          "the model rounds each tensor to 8 bits by the largest value in the whole batch, so that"
              + " every token changes every other a little, whatever its masks");
    }
    for (DeclaredAttention attention : attentions) {
      if (attention.axes() == null) {
        throw new OutsideProof.NoProof(
            "the tokens are not known of attention "
                + attention.site().layer()
                + ", as "
                + attention.whyNotReadable());
      }
    }
  }

  private static Verdict outside(Reach reach, ReachTally tally) {
    if (reach.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    Evidence evidence =
        new Evidence(
            tally.largestLeak(),
            new Limit(0, Exact.EQUAL_SHAPES),
            reach.unreachable(),
            null,
            null,
            new Control(Change.TOKEN_WITH_A_PATH, tally.largestDeclared()));
    if (reach.leaks() > 0) {
      return new Fail(new NoPath(reach.leaks(), reach.worst().getFirst()), evidence, null);
    }
    if (reach.unreachable() == 0) {
      return new Inconclusive(Kind.ALL_REACHABLE, evidence);
    }
    return tally.largestDeclared() > 0
        ? new Pass(Kind.UNCHANGED, evidence)
        : new Inconclusive(Kind.CONTROL_UNCHANGED, evidence);
  }

  private void noteReach(Reach reach) {
    if (reach.replaced() < batches.joint().size()) {
      notes.add(
          "of "
              + batches.joint().size()
              + " input tokens "
              + reach.replaced()
              + " evenly spread ones were replaced");
    }
    if (reach.rows() < batches.samples().size()) {
      notes.add(
          "tokens were replaced in the first "
              + reach.rows()
              + " of "
              + batches.samples().size()
              + " samples");
    }
    if (reach.unmoved() > 0) {
      notes.add(
          reach.unmoved()
              + " pairs of an output token and an input token have a path and do not change: no"
              + " fault, a model may not use it");
    }
  }
}
