package dev.sightline.audit.internal.recover;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TapGroups;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.MaskObservation;
import dev.sightline.mask.MaskSample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.graph.MaskPart;
import dev.sightline.onnx.internal.graph.MaskPoint;
import dev.sightline.onnx.internal.graph.Taps;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the cells of every attention and head over some runs. The scores of a few attentions are
 * held at a time.
 */
final class MaskReader {
  private final Model model;
  private final boolean weak;
  private final Map<AttentionSite, SiteCells> cells = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  MaskReader(Model model) {
    this(model, false);
  }

  /** Reads what weak fills are meant to forbid as forbidden, if that is asked for. */
  MaskReader(Model model, boolean weak) {
    this.model = model;
    this.weak = weak;
  }

  /** What was seen of an attention. */
  static final class SiteCells {
    private final Map<Integer, List<MaskObservation>> byHead = new TreeMap<>();
    private final List<Boolean> padded = new ArrayList<>();
    private int heads;
    private boolean changing;
    private boolean guessed;
    private boolean hasPenalty = true;
    private @Nullable Float penalty;

    /** What each head was seen to allow, sample by sample. */
    Map<Integer, List<MaskObservation>> byHead() {
      return byHead;
    }

    /** For each sample whether some row of its batch had padding. */
    List<Boolean> padded() {
      return padded;
    }

    /** Whether it has other numbers of heads in other runs, so that its axes are no tokens. */
    boolean isChanging() {
      return changing;
    }

    /** Whether no stream has its lengths, so that its own cells say which keys are real. */
    boolean isGuessed() {
      return guessed;
    }

    /** What is added to the scores of padded keys without forbidding them; null if nothing is. */
    @Nullable Float penalty() {
      return hasPenalty ? penalty : null;
    }
  }

  /**
   * Runs the model.
   *
   * @return what was seen, by attention, in order of execution
   * @throws ModelException if it refuses all runs
   */
  Map<AttentionSite, SiteCells> read(List<MaskRun> runs) throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    List<AttentionSite> sites =
        model.attention().found().stream()
            .filter(site -> parsed.tapPoint(site).mask() != null)
            .toList();
    if (sites.isEmpty()) {
      return cells;
    }
    Taps taps = parsed.taps();
    Map<AttentionSite, List<String>> names = new LinkedHashMap<>();
    for (AttentionSite site : sites) {
      MaskPoint point = parsed.tapPoint(site).mask();
      if (point != null) {
        names.put(site, taps.mask(site, point));
      }
    }
    List<String> refused = new ArrayList<>();
    ModelException last = null;
    try (RuntimeSession session =
        RuntimeSession.start(parsed, graph(parsed, taps, names), Use.CHANGED)) {
      for (MaskRun run : runs) {
        try {
          read(session, run, names);
        } catch (ModelException e) {
          refused.add(run.batch().toString());
          last = e;
        }
      }
      if (refused.size() < runs.size()) {
        readSteps(session, runs, names);
      }
    }
    if (last != null && refused.size() == runs.size()) {
      throw last;
    }
    if (last != null) {
      notes.add(
          "the model does not run "
              + refused.size()
              + " of "
              + runs.size()
              + " batches, those of widths "
              + String.join(", ", refused));
    }
    return cells;
  }

  /** Steps over a cache need the cache; else the part that the masks are made of is enough. */
  private ModelProto graph(ParsedModel parsed, Taps taps, Map<AttentionSite, List<String>> names) {
    ModelProto whole = parsed.with(taps.graph().graph());
    boolean caches = !CachePair.of(parsed.graph(), model.inputs(), model.outputs()).isEmpty();
    return caches
        ? whole
        : MaskPart.of(whole, names.values().stream().flatMap(List::stream).toList());
  }

  /** What cannot be run in steps was read at once all the same. */
  private void readSteps(
      RuntimeSession session, List<MaskRun> runs, Map<AttentionSite, List<String>> names) {
    try {
      for (MaskRun step : MaskRuns.steps(model, session::run, runs)) {
        read(session, step, names);
      }
    } catch (ModelException e) {
      notes.add("no step over a cache was read: " + e.getMessage());
    }
  }

  List<String> notes() {
    return notes;
  }

  private void read(RuntimeSession session, MaskRun run, Map<AttentionSite, List<String>> names)
      throws ModelException {
    List<AttentionSite> sites = List.copyOf(names.keySet());
    for (List<AttentionSite> some :
        TapGroups.of(sites, run.batch().joint(), run.batch().rows(), 2)) {
      List<String> wanted =
          some.stream().flatMap(site -> names.getOrDefault(site, List.of()).stream()).toList();
      Map<String, FloatTensor> tensors = session.run(run.feed(), wanted);
      for (AttentionSite site : some) {
        take(site, run, tensors.get(Taps.maskScores(site)), tensors.get(Taps.maskWeights(site)));
      }
    }
  }

  private void take(
      AttentionSite site,
      MaskRun run,
      @Nullable FloatTensor scores,
      @Nullable FloatTensor weights) {
    FloatTensor shape = weights != null ? weights : scores;
    if (shape == null || shape.shape().rank() != 4) {
      return;
    }
    int queries = shape.shape().dim(2);
    int keys = shape.shape().dim(3);
    boolean sameShape = scores != null && scores.shape().equals(shape.shape());
    FloatTensor counted = sameShape ? scores : null;
    if (counted == null && weights == null) {
      return;
    }
    MaskRun.Step step = run.step().orElse(null);
    if (step != null && (queries != step.to() - step.from() || keys != step.to())) {
      return; // of other tokens than those in the cache
    }
    SiteCells own = cells.computeIfAbsent(site, s -> new SiteCells());
    Optional<TokenAxis.Pair> axes =
        step != null
            ? Optional.empty()
            : TokenAxis.Pair.of(
                    run.batch().joint(), site.source(), queries, keys, TokenAxis.Past.ANY)
                .filter(pair -> isCertain(run.batch().joint(), pair.keys()));
    own.changing |= own.heads > 0 && own.heads != shape.shape().dim(1);
    own.heads = shape.shape().dim(1);
    for (int row = 0; row < Math.min(run.rows(), shape.shape().dim(0)); row++) {
      own.padded.add(run.padded());
      MaskSample sample = null;
      MaskObservation ofFirst = null;
      boolean[][] first = {};
      for (int head = 0; head < shape.shape().dim(1); head++) {
        List<MaskObservation> ofHead = own.byHead.computeIfAbsent(head, h -> new ArrayList<>());
        if (ofFirst != null && isLikeFirst(counted, row, head) && isLikeFirst(weights, row, head)) {
          ofHead.add(ofFirst);
          continue;
        }
        BitSet allowed = CellReader.allowed(weak, counted, weights, row, head);
        if (sample == null) {
          first = rows(allowed, queries, keys);
          own.guessed |= axes.isEmpty() && step == null;
          sample =
              step != null
                  ? SampleTokens.ofStep(run.batch(), step, row)
                  : axes.isPresent()
                      ? SampleTokens.of(
                          model, run.batch(), run.feed(), axes.get(), row, queries, keys)
                      : guessed(allowed, queries, keys);
        }
        MaskObservation seen = MaskObservation.of(sample, rows(allowed, queries, keys));
        ofHead.add(seen);
        ofFirst = ofFirst == null ? seen : ofFirst;
      }
      if (sample != null && counted != null) {
        if (weak) {
          noteFill(own, counted, row, sample, first);
        } else {
          notePenalty(own, counted, row, sample);
        }
      }
    }
  }

  /** Most masks are the same for all heads. */
  private static boolean isLikeFirst(@Nullable FloatTensor tensor, int row, int head) {
    if (tensor == null) {
      return true;
    }
    int size = tensor.shape().dim(2) * tensor.shape().dim(3);
    int first = tensor.offset(row, 0);
    int other = tensor.offset(row, head);
    float[] data = tensor.data();
    return Arrays.equals(data, first, first + size, data, other, other + size);
  }

  private static boolean[][] rows(BitSet cells, int queries, int keys) {
    boolean[][] rows = new boolean[queries][keys];
    for (int q = 0; q < queries; q++) {
      for (int k = 0; k < keys; k++) {
        rows[q][k] = cells.get(q * keys + k);
      }
    }
    return rows;
  }

  /**
   * Whether lengths tell which tokens an axis has. Beside tokens that no stream feeds, a stream of
   * one length always may be absent as well.
   */
  private static boolean isCertain(JointTokens joint, TokenAxis axis) {
    return axis.past() == 0 || axis.past() == joint.past() || joint.streams() == 1;
  }

  /** Frames and patches of unknown padding: what no query sees is padding. */
  private static MaskSample guessed(BitSet allowed, int queries, int keys) {
    boolean[] real = new boolean[keys];
    for (int q = 0; q < queries; q++) {
      for (int k = 0; k < keys; k++) {
        real[k] |= allowed.get(q * keys + k);
      }
    }
    return queries == keys
        ? MaskSample.self(keys).realKeys(real)
        : MaskSample.cross(queries, keys).realKeys(real);
  }

  /** A fill that is too weak: padded keys are lower than all real ones, and not forbidden. */
  private static void notePenalty(SiteCells own, FloatTensor scores, int row, MaskSample sample) {
    note(own, -CellReader.GAP, scores, row, sample, (q, k) -> !sample.isRealKey(k));
  }

  /** The fill of what a weak mask is meant to forbid, padded keys among it. */
  private static void noteFill(
      SiteCells own, FloatTensor scores, int row, MaskSample sample, boolean[][] allowed) {
    for (int q = 0; q < sample.queries(); q++) {
      for (int k = 0; k < sample.keys() && sample.isRealQuery(q); k++) {
        own.hasPenalty &= sample.isRealKey(k) || !allowed[q][k];
      }
    }
    note(own, Double.NEGATIVE_INFINITY, scores, row, sample, (q, k) -> !allowed[q][k]);
  }

  /** Cells of a sample. */
  private interface Cells {
    boolean contain(int query, int key);
  }

  /** What the scores of some cells are below all others by, if it is less than 0 and not least. */
  private static void note(
      SiteCells own, double least, FloatTensor scores, int row, MaskSample sample, Cells lower) {
    float lowest = Float.POSITIVE_INFINITY;
    float highest = Float.NEGATIVE_INFINITY;
    for (int q = 0; q < sample.queries(); q++) {
      for (int k = 0; k < sample.keys() && sample.isRealQuery(q); k++) {
        float score = scores.data()[scores.offset(row, 0, q) + k];
        if (lower.contain(q, k)) {
          highest = Math.max(highest, score);
        } else {
          lowest = Math.min(lowest, score);
        }
      }
    }
    float penalty = highest - lowest;
    if (Float.isInfinite(highest) || Float.isInfinite(lowest)) {
      return;
    }
    own.hasPenalty &= penalty <= -1 && penalty > least;
    if (own.hasPenalty) {
      own.penalty = own.penalty == null ? penalty : Math.max(own.penalty, penalty);
    }
  }
}
