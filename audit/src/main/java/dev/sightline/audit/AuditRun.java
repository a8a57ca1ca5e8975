package dev.sightline.audit;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.cache.CacheObservations;
import dev.sightline.audit.internal.cache.CacheProbe;
import dev.sightline.audit.internal.declared.ConformanceCheck;
import dev.sightline.audit.internal.judge.Conclusions;
import dev.sightline.audit.internal.judge.Judge;
import dev.sightline.audit.internal.judge.Leaks;
import dev.sightline.audit.internal.probe.AttentionSnapshot;
import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.FutureAttention;
import dev.sightline.audit.internal.probe.Localiser;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RowCheck;
import dev.sightline.audit.internal.probe.RowProbes;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One run of an audit: feeds the batches to all probes and collects what they find. */
final class AuditRun {
  private static final int MAX_NOTES = 20;

  /** Samples that a declared mask is held against. */
  private static final int MAX_DECLARED = 64;

  /** Tokens of a sample of which every pair is looked at. */
  private static final int MAX_PAIRS = 64;

  private final Model model;
  private final ModelInputs inputs;
  private final AuditSettings options;
  private final LongConsumer progress;
  private final Collection<String> sampleNotes;
  private final @Nullable Declared declared;

  private final List<String> notes = new ArrayList<>();
  private int furtherNotes;
  private int batchesDone;
  private String whyNotInside = "";
  private @Nullable CacheObservations cache;
  private long samples;
  private long probed;
  private long tokens;
  private int longest;

  /** The most tokens of any input. */
  private int longestInput;

  private int shortest = Integer.MAX_VALUE;
  private long forwardPassNanos;

  /**
   * A run that has not begun.
   *
   * @param progress told the number of samples done, batch by batch
   * @param furtherNotes read when the run ends
   */
  AuditRun(
      Model model,
      AuditSettings options,
      @Nullable Declared declared,
      LongConsumer progress,
      Collection<String> furtherNotes) {
    this.model = model;
    this.inputs = model.roles();
    this.options = options;
    this.declared = declared;
    this.progress = progress;
    this.sampleNotes = furtherNotes;
  }

  /** Masks that the user declares, and what their tokens are called. */
  record Declared(Expectation expectation, Segments segments) {}

  /**
   * Runs all probes over all samples.
   *
   * @throws ModelException if the model cannot run them, or there is none
   * @throws IOException if the source cannot be read
   */
  AuditResult run(Iterable<Sample> source) throws IOException {
    long started = System.nanoTime();
    for (TokenStream stream : inputs.streams()) {
      if (stream.paddingIsOne() && stream.mask() != null) {
        note("'" + stream.mask().name() + "' is 1 at padding and 0 at real tokens");
      }
    }
    Iterator<Sample> samples = source.iterator();
    List<Sample> ahead = readAhead(samples);
    Batches batches = new Batches(joined(ahead, samples), model, options.padId());
    List<Sample> first = batches.next(options.mostProbed());
    if (first.isEmpty()) {
      throw new ModelException("there is no text to audit with; expected at least one");
    }
    ModelMask mask = mask(first);
    Conformance conformance = conformance(ahead, mask); // a declaration can fail to fit
    try (ModelSession plain = model.session()) {
      Pooling pooling = options.pooling().orElse(Pooling.MEAN);
      RandomTokens draws = options.randomTokens(model);
      RowCheck rows =
          RowCheck.of(model, plain, batches.baseline(first), draws, pooling, options.padId());
      if (rows.oneRow()) {
        batches.oneRow(first);
        first = batches.next(1);
      }
      Runner runner = Runner.of(model, plain, batches.baseline(first), pooling, rows.oneRow());
      Probes probes = new Probes(runner, draws, rows);
      cache =
          CacheProbe.run(
              model,
              plain,
              runner.outputs(),
              first,
              new CacheProbe.Settings(
                  options.padId(),
                  options.sides().map(asked -> asked == Sides.RIGHT).orElse(false),
                  options.seed()));
      try (TappedModel inside = lookInside(runner, first, batches)) {
        List<Sample> batch = first;
        while (!batch.isEmpty()) {
          feed(batch, batches, probes, inside);
          progress.accept(batch.getLast().number());
          batch = nextOrEnd(batches);
        }
        return result(runner, probes, inside, conformance, mask, started);
      }
    }
  }

  /** All that is probed from outside. */
  private final class Probes {
    private final Runner runner;
    private final RowProbes rows;
    private final List<StreamProbes> streams = new ArrayList<>();
    private final Map<Integer, CausalityProbe> causality = new TreeMap<>();
    private final Map<Integer, OutputDelta> unmasked = new TreeMap<>();
    private final OutputDelta fused;

    Probes(Runner runner, RandomTokens draws, RowCheck check) {
      this.runner = runner;
      rows = new RowProbes(runner, draws, inputs, options.padId(), check);
      fused = new OutputDelta(0, runner.outputs());
      for (int s = 0; s < inputs.streams().size(); s++) {
        int stream = s;
        if (inputs.streams().get(s).marksPadding()) {
          int most = SampleEncoder.maxTokens(model, s);
          streams.add(
              new StreamProbes(
                  runner, draws, s, inputs.streams().get(s), most, AuditRun.this::note));
        } else if (inputs.streams().get(s).fixedLength().isEmpty()) {
          unmasked.put(s, new OutputDelta(s, runner.outputs()));
        }
        if (runner.outputs().stream().anyMatch(output -> output.stream() == stream)) {
          causality.put(s, new CausalityProbe(runner, draws, s, inputs.streams().get(s)));
        }
      }
    }

    RunOutputs probe(Batch baseline) throws ModelException {
      RunOutputs base = runner.run(baseline);
      rows.probeNeighbours(base);
      List<RunOutputs> alone = rows.probeAlone(base);
      for (StreamProbes stream : streams) {
        stream.probe(base, alone);
      }
      for (CausalityProbe stream : causality.values()) {
        stream.probe(base);
        stream.probeAlone(alone);
      }
      padUnmasked(base);
      if (batchesDone == 0) {
        compareWithSingleNodes(base);
      }
      long before = System.nanoTime();
      RunOutputs again = runner.run(baseline); // warm by now
      forwardPassNanos += System.nanoTime() - before;
      return again;
    }

    /** The one question that is worth asking of many texts. */
    void compareAlone(Batch baseline) throws ModelException {
      RunOutputs base = runner.run(baseline);
      List<RunOutputs> alone = rows.compareAlone(base, model.quantizesDynamically());
      for (StreamProbes stream : streams) {
        stream.compareAlone(base, alone);
      }
    }

    /** What filling up does where nobody can say that it is no text. */
    private void padUnmasked(RunOutputs base) throws ModelException {
      for (Map.Entry<Integer, OutputDelta> entry : unmasked.entrySet()) {
        int stream = entry.getKey();
        int width = base.batch().width(stream) + StreamProbes.SPARE;
        if (width <= SampleEncoder.maxTokens(model, stream)) {
          RunOutputs wider = runner.run(base.batch().withPadding(stream, Padding.RIGHT, width));
          entry.getValue().compare(base, wider);
        }
      }
    }

    private void compareWithSingleNodes(RunOutputs base) {
      ParsedModel parsed = ParsedModel.of(model);
      try (RuntimeSession unfused = RuntimeSession.start(parsed, parsed.proto(), Use.UNFUSED)) {
        fused.compare(
            base, new RunOutputs(base.batch(), unfused.run(base.batch().feed(), runner.names())));
      } catch (ModelException e) {
        note("the model was not run node by node: " + e.getMessage());
      }
    }
  }

  /** Null if no attention can be read; {@code whyNotInside} then says why. */
  private @Nullable TappedModel lookInside(Runner runner, List<Sample> first, Batches batches) {
    try {
      return TappedModel.open(model, runner, batches.baseline(Pictures.shortened(inputs, first)));
    } catch (ModelException e) {
      whyNotInside = String.valueOf(e.getMessage());
      return null;
    }
  }

  /** A batch that the model refuses is passed over, unless it is the first: the others count. */
  private void feed(
      List<Sample> batch, Batches batches, Probes probes, @Nullable TappedModel inside)
      throws ModelException {
    boolean all = samples < options.mostProbed();
    count(batch);
    try {
      Batch baseline = batches.baseline(batch);
      if (all) {
        probe(baseline, probes, inside);
        probed = samples;
      } else {
        probes.compareAlone(baseline);
      }
    } catch (ModelException e) {
      if (batchesDone == 0) {
        throw e;
      }
      note(
          "texts "
              + batch.getFirst().number()
              + " to "
              + batch.getLast().number()
              + " were passed over: "
              + e.getMessage());
    }
  }

  private void probe(Batch baseline, Probes probes, @Nullable TappedModel inside)
      throws ModelException {
    RunOutputs base = probes.probe(baseline);
    if (inside != null) {
      inside.probe(base, leftPadded(base.batch()));
    }
    batchesDone++;
  }

  private void count(List<Sample> batch) {
    for (Sample sample : batch) {
      int length = sample.streams().isEmpty() ? 0 : sample.length(0);
      samples++;
      tokens += length;
      longest = Math.max(longest, length);
      for (int s = 0; s < sample.streams().size(); s++) {
        longestInput = Math.max(longestInput, sample.length(s));
      }
      shortest = Math.min(shortest, length);
    }
  }

  private Batch leftPadded(Batch batch) {
    Batch left = batch;
    for (int stream : inputs.maskedStreams()) {
      if (inputs.streams().get(stream).lengths() != null) {
        continue; // they count from the start of a row
      }
      left = left.withPadding(stream, Padding.LEFT, batch.width(stream));
    }
    return left;
  }

  /** A source that breaks ends the audit, but what was seen before stands. */
  private List<Sample> nextOrEnd(Batches batches) {
    try {
      long left = options.mostProbed() - samples;
      return batches.next(left > 0 ? left : Integer.MAX_VALUE);
    } catch (IOException e) {
      note("the audit ended after text " + samples + ": " + e.getMessage());
      return List.of();
    }
  }

  /** The samples that a declared mask is held against; none if nothing is declared. */
  private List<Sample> readAhead(Iterator<Sample> source) throws IOException {
    List<Sample> ahead = new ArrayList<>();
    try {
      while (declared != null && ahead.size() < MAX_DECLARED && source.hasNext()) {
        ahead.add(source.next());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return ahead;
  }

  private static Iterator<Sample> joined(List<Sample> ahead, Iterator<Sample> rest) {
    Iterator<Sample> first = ahead.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return first.hasNext() || rest.hasNext();
      }

      @Override
      public Sample next() {
        return first.hasNext() ? first.next() : rest.next();
      }
    };
  }

  /** The masks that the model implements; null if they could not be read, which a note says. */
  private @Nullable ModelMask mask(List<Sample> samples) {
    if (model.attention().found().isEmpty()) {
      return null;
    }
    try {
      return ImplementedMask.of(model, options.randomTokens(model), options.padId(), 0).result();
    } catch (ModelException e) {
      try {
        return ImplementedMask.of(model, samples, options.padId()).result();
      } catch (ModelException again) {
        note("the mask was not read back: " + again.getMessage());
        return null;
      }
    }
  }

  /**
   * Over all samples in their order, since a mask may tell rows apart; unless one is too long to be
   * looked at pair by pair, then over a few, cut.
   */
  private @Nullable Conformance conformance(List<Sample> samples, @Nullable ModelMask mask)
      throws ModelException {
    if (declared == null) {
      return null;
    }
    boolean fits = true;
    for (Sample sample : samples) {
      boolean placed = sample.placements().stream().anyMatch(Optional::isPresent);
      fits &= placed || sample.streams().stream().allMatch(s -> s.length() <= MAX_PAIRS);
    }
    Conformance conformance =
        ConformanceCheck.run(
            model,
            fits ? samples : Pictures.shortened(inputs, samples),
            options.padId(),
            declared.expectation(),
            declared.segments(),
            options.randomTokens(model),
            layer ->
                mask == null || layer >= mask.layers().size()
                    ? "unknown"
                    : MaskText.of(mask.layers().get(layer)));
    conformance.notes().forEach(this::note);
    return conformance;
  }

  private AuditResult result(
      Runner runner,
      Probes probes,
      @Nullable TappedModel inside,
      @Nullable Conformance conformance,
      @Nullable ModelMask mask,
      long started)
      throws ModelException {
    Map<Integer, FutureAttention> future = new TreeMap<>();
    AttentionSnapshot look = inside == null ? null : inside.look();
    if (look != null) {
      for (int stream = 0; stream < inputs.streams().size(); stream++) {
        FutureAttention own = new FutureAttention(stream);
        own.add(look);
        future.put(stream, own);
      }
    }
    try (Localiser localiser = new Localiser(model, look == null ? List.of() : look.sites())) {
      Observations seen =
          new Observations(
              model,
              options.pooling(),
              options.sides(),
              options.tokenizerPadsLeft(),
              Math.max(runner.epsilon(), ParsedModel.of(model).coarsestEpsilon()),
              probes.streams,
              probes.unmasked,
              probes.rows,
              probes.causality,
              future,
              inside,
              whyNotInside,
              probes.fused,
              (difference, rowsMix) -> entry(localiser, difference, rowsMix));
      return result(
          runner, probes, look, inside, new Judge(seen, cache), conformance, mask, started);
    }
  }

  private AuditResult result(
      Runner runner,
      Probes probes,
      @Nullable AttentionSnapshot look,
      @Nullable TappedModel inside,
      Judge judge,
      @Nullable Conformance conformance,
      @Nullable ModelMask mask,
      long started)
      throws ModelException {
    List<Finding> findings = new ArrayList<>(judge.findings());
    if (conformance != null) {
      findings.add(0, new Finding(Probe.DECLARED_INSIDE, conformance.inside()));
      findings.add(1, new Finding(Probe.DECLARED_OUTSIDE, conformance.outside()));
    }
    Difference noise = probes.rows.noise.atTokens();
    AttentionPicture picture = picture(inside, findings, worst(probes)); // may add a note
    return new AuditResult(
        facts(runner),
        conditions(started),
        Conclusions.of(findings, model.quantizesDynamically(), longestInput),
        findings,
        noise.compared() == 0
            ? null
            : new NoiseFloor(probes.rows.noise.largest(), noise.compared()),
        model.attention(),
        worse(judge.leaks()),
        inside == null ? OptionalDouble.empty() : inside.unmaskedWeight(),
        look == null ? List.of() : look.paddingNorms(inputs.maskedStreams()),
        picture,
        conformance,
        mask,
        null);
  }

  /** The sample that padding or the future moved most; null if neither moved any. */
  private static @Nullable Sample worst(Probes probes) {
    List<Difference> faults = new ArrayList<>();
    for (StreamProbes stream : probes.streams) {
      for (Padding side : Padding.values()) {
        faults.add(stream.on(side).content().atTokens());
      }
    }
    if (faults.stream().allMatch(fault -> fault.largest() == 0)) {
      probes.causality.values().forEach(stream -> faults.add(stream.before.own));
    }
    Difference worst =
        faults.stream().max(Comparator.comparingDouble(Difference::largest)).orElse(null);
    Difference.Pair pair = worst == null ? null : worst.pair();
    return pair == null ? null : pair.a().batch().samples().get(pair.rowA());
  }

  /** What was proved does not depend on a picture of it. */
  private @Nullable AttentionPicture picture(
      @Nullable TappedModel inside, List<Finding> findings, @Nullable Sample worst) {
    try {
      return inside == null ? null : Pictures.of(model, inside, findings, worst, options.padId());
    } catch (ModelException e) {
      note("there is no picture of the attention: " + e.getMessage());
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

  private Localiser.@Nullable Entry entry(
      Localiser localiser, Difference difference, boolean rowsMix) {
    try {
      return localiser.first(difference, rowsMix).orElse(null);
    } catch (ModelException e) {
      note("the place where a fault enters could not be looked for: " + e.getMessage());
      return null;
    }
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

  private Conditions conditions(long started) {
    sampleNotes.forEach(this::note);
    List<String> shownNotes = new ArrayList<>(notes);
    if (furtherNotes > 0) {
      shownNotes.add("and " + furtherNotes + " more of these");
    }
    return new Conditions(
        options.origin(),
        samples,
        probed,
        tokens,
        longest,
        shortest,
        shownNotes,
        options.seed(),
        "ONNX Runtime " + ModelSession.runtimeVersion(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        (System.nanoTime() - started) / 1e9,
        forwardPassNanos == 0 ? OptionalDouble.empty() : OptionalDouble.of(forwardPassNanos / 1e9));
  }

  /** Adds a remark for the result's conditions: what was left out or cut, and why. */
  void note(String note) {
    if (notes.size() < MAX_NOTES) {
      notes.add(note);
    } else {
      furtherNotes++;
    }
  }
}
