package dev.sightline.audit.internal.cache;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Output;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.PastMask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Probes a decoder as it is used: some tokens at once, then steps with the cache that the model
 * itself gave. Every run is laid out as one run over all tokens, so that each question is a pair of
 * runs as in the other probes.
 */
public final class CacheProbe {
  /** Samples that are probed, and the tokens of each: what is wrong with a cache shows early. */
  private static final int MAX_SAMPLES = 3;

  private static final int MAX_TOKENS = 24;

  /** Fewest tokens: two at once and one step. */
  private static final int MIN_TOKENS = 3;

  /** Tokens that are run in steps: one, then two together, then one. */
  private static final int STEPS = 4;

  /** Padding besides the longest sample, so that each row has some. */
  private static final int SPARE = 3;

  private static final CacheLoop.Edit UNCHANGED = (entry, past) -> past;

  private final Model model;
  private final ModelInputs inputs;
  private final int index;
  private final CacheLoop loop;
  private final StepBatches batches;
  private final CacheNoise noise;
  private final Padding side;
  private final boolean masked;
  private final OutputDelta joint;
  private final OutputDelta padded;
  private final OutputDelta content;
  private final OutputDelta control;
  private final OutputDelta batch;
  private final OutputDelta neighbour;

  private boolean chunks = true;
  private int steps = STEPS;

  private CacheProbe(
      Model model,
      CacheLoop loop,
      CacheFinder.Found found,
      List<Output> outputs,
      Set<String> caches,
      Settings settings) {
    this.model = model;
    this.inputs = model.roles();
    this.index = found.stream();
    this.loop = loop;
    this.noise = new CacheNoise(settings.seed());
    this.batches = new StepBatches(inputs, index, settings.padId(), caches);
    this.masked = inputs.streams().get(index).marksPadding();
    this.side = settings.rightOnly() || takesLengthsOnly(model) ? Padding.RIGHT : Padding.LEFT;
    joint = new OutputDelta(index, outputs);
    padded = new OutputDelta(index, outputs);
    content = new OutputDelta(index, outputs);
    control = new OutputDelta(index, outputs);
    batch = new OutputDelta(index, outputs);
    neighbour = new OutputDelta(index, outputs);
  }

  /**
   * How to probe.
   *
   * @param padId the token id of padding
   * @param rightOnly whether padding is judged on the right alone
   * @param seed of all that is drawn
   */
  public record Settings(long padId, boolean rightOnly, long seed) {}

  /**
   * Probes the cache of a model.
   *
   * @param session of the model as it is
   * @param known the outputs that can be compared
   * @param samples of which some are used
   * @return null if the model takes no cache
   */
  public static @Nullable CacheObservations run(
      Model model,
      ModelSession session,
      List<Output> known,
      List<Sample> samples,
      Settings settings) {
    List<CachePair> pairs =
        CachePair.of(ParsedModel.of(model).graph(), model.inputs(), model.outputs());
    if (pairs.isEmpty()) {
      boolean named = model.inputs().stream().anyMatch(in -> CachePair.isNamedCache(in.name()));
      boolean handsOn = model.outputs().stream().anyMatch(out -> out.name().contains("present"));
      return named && handsOn
          ? CacheObservations.none("no output has the axes of one of the model's caches")
          : null;
    }
    try {
      return run(model, session, pairs, known, samples, settings);
    } catch (ModelException e) {
      return CacheObservations.none(String.valueOf(e.getMessage()));
    }
  }

  private static CacheObservations run(
      Model model,
      ModelSession session,
      List<CachePair> pairs,
      List<Output> known,
      List<Sample> samples,
      Settings settings)
      throws ModelException {
    Set<String> caches = new HashSet<>(pairs.stream().map(pair -> pair.past().name()).toList());
    model.roles().streams().stream()
        .map(TokenStream::mask)
        .filter(mask -> mask != null)
        .forEach(mask -> caches.add(PastMask.key(mask)));
    Sample first = StepBatches.without(samples.getFirst(), caches);
    Batch one = Batch.of(model.roles(), List.of(first), settings.padId());
    CacheFinder.Found found = CacheFinder.find(model, session::run, pairs, one);
    List<Output> outputs = outputs(model, known, found.stream());
    CacheLoop loop = new CacheLoop(model.roles(), session::run, found, outputs);
    CacheProbe probe = new CacheProbe(model, loop, found, outputs, caches, settings);
    boolean chunks = probe.probe(probe.chosen(samples));
    return new CacheObservations(
        probe.index,
        "",
        probe.side,
        takesLengthsOnly(model),
        probe.masked,
        chunks && probe.steps >= STEPS - 1,
        probe.joint,
        probe.padded,
        probe.content,
        probe.control,
        probe.batch,
        probe.neighbour,
        probe::leak);
  }

  /** One vector for each token; else one for the row, if that can be the last token's. */
  private static List<Output> outputs(Model model, List<Output> known, int stream)
      throws ModelException {
    List<Output> perToken =
        known.stream().filter(o -> o.stream() == stream && o.isOnePerToken()).toList();
    List<Output> last =
        known.stream().filter(o -> !o.isPerToken() && o.name().contains("logits")).toList();
    if (perToken.isEmpty() && last.isEmpty()) {
      throw new ModelException("no output of " + model + " has a value for each token");
    }
    return perToken.isEmpty() ? last : perToken;
  }

  private static boolean takesLengths(ModelInputs inputs) {
    return inputs.streams().stream().anyMatch(stream -> stream.lengths() != null);
  }

  /** Whether padding can be on the right alone, since all attentions count keys from the first. */
  private static boolean takesLengthsOnly(Model model) {
    List<AttentionSite> sites = model.attention().found();
    return takesLengths(model.roles())
        || (!sites.isEmpty()
            && sites.stream().allMatch(site -> site.operator().endsWith("GroupQueryAttention")));
  }

  /** Some samples that are long enough, cut, the longest first. */
  private List<Sample> chosen(List<Sample> samples) throws ModelException {
    TokenStream stream = inputs.streams().get(index);
    int most = Math.min(MAX_TOKENS, SampleEncoder.maxTokens(model, index) - SPARE);
    List<Sample> chosen =
        new ArrayList<>(
            samples.stream()
                .filter(sample -> sample.length(index) >= MIN_TOKENS)
                .map(sample -> batches.cut(sample, most))
                .sorted(Comparator.comparingInt((Sample sample) -> -sample.length(index)))
                .limit(MAX_SAMPLES)
                .toList());
    if (chosen.isEmpty() || most < MIN_TOKENS) {
      throw new ModelException(
          "no sample has " + MIN_TOKENS + " tokens in '" + stream + "' to begin with and to go on");
    }
    if (chosen.getLast().length(index) > STEPS + 1) {
      // Its steps have the padding within a short window: none sees further back than it does.
      chosen.add(batches.cut(chosen.getFirst(), STEPS + 1));
    }
    return chosen;
  }

  /** Returns whether a row takes steps of several tokens; several rows may not. */
  private boolean probe(List<Sample> samples) throws ModelException {
    int longest = samples.getFirst().length(index);
    steps = Math.min(STEPS, samples.getLast().length(index) - 1);
    chunks = takesChunks(batches.of(List.of(samples.getFirst())));
    for (Sample sample : samples) {
      Batch plain = batches.of(List.of(sample));
      RunOutputs stepped = stepped(plain, UNCHANGED);
      compare(joint, loop.run(plain, List.of(plain.width(index)), UNCHANGED), 0, stepped, 0);
      if (!masked) {
        compare(control, stepped, 0, stepped(plain, noise(plain, true)), 0);
        continue;
      }
      Batch wide = batches.padded(List.of(sample), longest + SPARE, steps, side);
      RunOutputs base = stepped(wide, UNCHANGED);
      compare(padded, stepped, 0, base, 0);
      compare(content, base, 0, stepped(wide, noise(wide, false)), 0);
      compare(control, base, 0, stepped(wide, noise(wide, true)), 0);
    }
    boolean several = chunks;
    if (inputs.fixedRows().isEmpty()) {
      probeRows(samples);
    }
    return several;
  }

  /** A model may take one token at a time only. */
  private boolean takesChunks(Batch full) throws ModelException {
    try {
      stepped(full, UNCHANGED);
      return true;
    } catch (ModelException e) {
      if (steps < STEPS - 1) {
        throw e; // these are steps of one token
      }
      return false;
    }
  }

  private void probeRows(List<Sample> all) throws ModelException {
    int shortest = all.getLast().length(index);
    List<Sample> samples =
        all.stream()
            .map(sample -> masked ? sample : batches.cut(sample, shortest))
            .filter(sample -> batches.goTogether(all.getFirst(), sample))
            .toList();
    if (samples.size() < 2) {
      return;
    }
    int width = masked ? samples.getFirst().length(index) + SPARE : shortest;
    Batch rows = masked ? batches.padded(samples, width, steps, side) : batches.of(samples);
    chunks = chunks && takesChunks(rows);
    RunOutputs together = stepped(rows, UNCHANGED);
    for (int row = 0; row < samples.size(); row++) {
      List<Sample> one = List.of(samples.get(row));
      Batch alone = masked ? batches.padded(one, width, steps, side) : batches.of(one);
      compare(batch, stepped(batches.asWideAs(alone, rows), UNCHANGED), 0, together, row);
      int kept = row;
      CacheLoop.Edit others = noise.at(rows.rows(), (r, position) -> r != kept);
      compare(neighbour, together, row, stepped(rows, others), row);
    }
  }

  private CacheLoop.Edit noise(Batch of, boolean real) {
    return noise.at(of.rows(), (row, position) -> of.isReal(index, row, position) == real);
  }

  private RunOutputs stepped(Batch full, CacheLoop.Edit edit) throws ModelException {
    return loop.run(full, ends(full.width(index)), edit);
  }

  /** Where each run ends: the beginning, a step of one token, one of several, one of one. */
  private List<Integer> ends(int width) {
    List<Integer> ends = new ArrayList<>();
    for (int end = width - steps; end <= width; end++) {
      boolean inside = steps == STEPS ? end == width - 2 : steps == STEPS - 1 && end == width - 1;
      if (!chunks || !inside) {
        ends.add(end);
      }
    }
    return ends;
  }

  /** At the tokens of the steps. */
  private void compare(OutputDelta delta, RunOutputs a, int rowA, RunOutputs b, int rowB) {
    int first = a.batch().samples().get(rowA).length(index) - steps;
    delta.compare(a, rowA, b, rowB, token -> token >= first);
  }

  private @Nullable Leak leak(Difference difference) {
    Difference.Pair pair = difference.pair();
    if (pair == null) {
      return null;
    }
    Batch full = pair.a().batch();
    int from = full.width(index) - steps;
    try {
      return CacheLeak.first(model, loop, full, index, pair.rowA(), from);
    } catch (ModelException e) {
      return null; // the fault is proved without its place
    }
  }
}
