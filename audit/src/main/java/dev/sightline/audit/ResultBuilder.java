package dev.sightline.audit;

import dev.sightline.audit.internal.cache.CacheObservations;
import dev.sightline.audit.internal.judge.Conclusions;
import dev.sightline.audit.internal.judge.Judge;
import dev.sightline.audit.internal.judge.Leaks;
import dev.sightline.audit.internal.probe.AttentionSnapshot;
import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.FutureAttention;
import dev.sightline.audit.internal.probe.Localiser;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Counterfactual;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.audit.result.Verdict;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Has the observations of a run judged, and puts the result together. */
final class ResultBuilder {
  private final Model model;
  private final AuditSettings options;
  private final SampleOrigin origin;
  private final Notes notes;
  private final SampleCounts counts;
  private final long startedNanos;

  ResultBuilder(
      Model model,
      AuditSettings options,
      SampleOrigin origin,
      Notes notes,
      SampleCounts counts,
      long startedNanos) {
    this.model = model;
    this.options = options;
    this.origin = origin;
    this.notes = notes;
    this.counts = counts;
    this.startedNanos = startedNanos;
  }

  /**
   * The result of a run.
   *
   * @param inside the attention of the model; null if it could not be read
   * @param whyNotInside why not; empty if it could
   * @param cache the probes of a key/value cache; null if the model has none
   * @param conformance the comparison with declared masks; null if none is declared
   * @param mask the masks that the model implements; null if they could not be read
   */
  AuditResult build(
      ModelProbes probes,
      @Nullable TappedModel inside,
      String whyNotInside,
      @Nullable CacheObservations cache,
      @Nullable Conformance conformance,
      @Nullable ModelMask mask)
      throws ModelException {
    AttentionSnapshot look = inside == null ? null : inside.look();
    try (Localiser localiser = new Localiser(model, look == null ? List.of() : look.sites())) {
      Observations seen =
          observations(
              probes,
              inside,
              whyNotInside,
              (difference, rowsMix) -> entry(localiser, difference, rowsMix));
      Judge judge = new Judge(seen, cache);
      List<Finding> findings = new ArrayList<>(judge.findings());
      Counterfactual counterfactual =
          CounterfactualRun.of(
              model,
              options,
              probes,
              inside,
              this::judgeChanged,
              findings,
              wrong(judge, seen, findings));
      if (conformance != null) {
        findings.add(0, new Finding(Probe.DECLARED_INSIDE, conformance.inside()));
        findings.add(1, new Finding(Probe.DECLARED_OUTSIDE, conformance.outside()));
      }
      Difference noise = probes.rows.noise.atTokens();
      AttentionPicture picture = picture(inside, findings, worst(probes)); // may add a note
      return new AuditResult(
          facts(probes.runner),
          conditions(probes),
          Conclusions.of(findings, model.quantizesDynamically(), counts.longestInput()),
          findings,
          noise.compared() == 0
              ? null
              : new NoiseFloor(probes.rows.noise.largest(), noise.compared()),
          judge.batchRule(),
          model.attention(),
          worse(judge.leaks()),
          inside == null ? OptionalDouble.empty() : inside.unmaskedWeight(),
          look == null ? List.of() : look.paddingNorms(model.roles().maskedStreams()),
          picture,
          conformance,
          mask,
          null,
          counterfactual);
    }
  }

  /** The findings of a model with another mask, whose attention is not read. */
  private List<Finding> judgeChanged(ModelProbes changed) throws ModelException {
    return new Judge(observations(changed, null, "", (difference, rowsMix) -> null), null)
        .findings();
  }

  /** The attentions that attend to padding, or to later tokens in a stream that must not. */
  private Set<Integer> wrong(Judge judge, Observations seen, List<Finding> findings) {
    Set<Integer> layers = new TreeSet<>(judge.leaks().layersOnPadding());
    List<TokenStream> streams = model.roles().streams();
    for (Finding finding : findings) {
      if (finding.probe() == Probe.CAUSALITY && finding.verdict() instanceof Verdict.Fail) {
        seen.future()
            .forEach((stream, future) -> {
              if (streams.size() == 1 || streams.get(stream).name().equals(finding.stream())) {
                future.attendingAhead().forEach(head -> layers.add(head.layer()));
              }
            });
      }
    }
    return layers;
  }

  private Observations observations(
      ModelProbes probes,
      @Nullable TappedModel inside,
      String whyNotInside,
      Observations.Entries entries)
      throws ModelException {
    Map<Integer, FutureAttention> future = new TreeMap<>();
    if (inside != null) {
      for (int stream = 0; stream < model.roles().streams().size(); stream++) {
        FutureAttention own = new FutureAttention(stream);
        own.add(inside.look());
        future.put(stream, own);
      }
    }
    return new Observations(
        model,
        options.pooling(),
        options.sides(),
        options.tokenizerPadsLeft(),
        Math.max(probes.runner.epsilon(), ParsedModel.of(model).coarsestEpsilon()),
        probes.streams,
        probes.unmasked,
        probes.rows,
        probes.causality,
        future,
        inside,
        whyNotInside,
        probes.fused,
        entries);
  }

  private Localiser.@Nullable Entry entry(
      Localiser localiser, Difference difference, boolean rowsMix) {
    try {
      return localiser.first(difference, rowsMix).orElse(null);
    } catch (ModelException e) {
      notes.add("the place where a fault enters could not be looked for: " + e.getMessage());
      return null;
    }
  }

  /** The sample that padding or the future changes most; null if neither changes any. */
  private static @Nullable Sample worst(ModelProbes probes) {
    List<Difference> faults = new ArrayList<>();
    for (StreamProbes stream : probes.streams) {
      for (Padding side : Padding.values()) {
        faults.add(stream.on(side).content().atTokens());
      }
    }
    if (faults.stream().allMatch(fault -> fault.largest() == 0)) {
      for (CausalityProbe stream : probes.causality.values()) {
        faults.add(stream.before.own);
      }
    }
    Difference worst =
        faults.stream().max(Comparator.comparingDouble(Difference::largest)).orElse(null);
    Difference.Pair pair = worst == null ? null : worst.pair();
    return pair == null ? null : pair.a().batch().samples().get(pair.rowA());
  }

  /** A picture, or null: the verdicts do not depend on it. */
  private @Nullable AttentionPicture picture(
      @Nullable TappedModel inside, List<Finding> findings, @Nullable Sample worst) {
    try {
      return inside == null ? null : Pictures.of(model, inside, findings, worst, options.padId());
    } catch (ModelException e) {
      notes.add("there is no picture of the attention: " + e.getMessage());
      return null;
    }
  }

  /** Attention on padding on the side where there is more of it. */
  private static @Nullable PaddingMass worse(Leaks leaks) {
    PaddingMass right = leaks.right();
    PaddingMass left = leaks.left();
    return right != null && left != null && left.max().orElse(0) > right.max().orElse(0)
        ? left
        : right;
  }

  private ModelFacts facts(Runner runner) throws ModelException {
    return new ModelFacts(
        model.name(),
        model.producer(),
        model.opset(),
        model.fileBytes(),
        model.sha256(),
        model.quantizesDynamically(),
        model.inputs(),
        model.outputs(),
        runner.names());
  }

  private Conditions conditions(ModelProbes probes) {
    return new Conditions(
        origin,
        counts.samples(),
        counts.probed(),
        counts.tokens(),
        counts.longest(),
        counts.shortest(),
        notes.all(),
        options.seed(),
        "ONNX Runtime " + ModelSession.runtimeVersion(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        (System.nanoTime() - startedNanos) / 1e9,
        probes.forwardPassSeconds());
  }
}
