package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.PaddingNorms;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TapGroups;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A look at every attention over a small batch: all probabilities, and what the queries are made
 * from. Those of a few short texts are held; where they are too large for that, they are read again
 * whenever they are asked for, a few attentions at a time.
 */
public final class AttentionSnapshot {
  private final Runs session;
  private final List<AttentionSite> readable;
  private final Batch batch;
  private final List<Site> sites = new ArrayList<>();
  private final Map<Integer, String> unread = new LinkedHashMap<>();

  /** {@code [B, Lq, D]} by layer, of those sites that have one. */
  private final Map<Integer, FloatTensor> hidden = new LinkedHashMap<>();

  /** {@code [B, H, Lq, Lk]} for each site; empty if they are too large to hold. */
  private final List<FloatTensor> held = new ArrayList<>();

  private AttentionSnapshot(Runs session, List<AttentionSite> readable, Batch batch) {
    this.session = session;
    this.readable = readable;
    this.batch = batch;
  }

  /** What the model was fed. */
  public Batch batch() {
    return batch;
  }

  /** The attentions that could be read. */
  public List<Site> sites() {
    return sites;
  }

  /** Why the others could not be read, by layer. */
  public Map<Integer, String> unread() {
    return unread;
  }

  /** Takes the probabilities of an attention. */
  @FunctionalInterface
  public interface Reader {
    /** Takes {@code [B, H, Lq, Lk]}, which are not to be kept. */
    void take(Site site, FloatTensor probabilities);
  }

  /**
   * The attentions that can be read.
   *
   * @throws ModelException if there are none, with the reason
   */
  static List<AttentionSite> readable(Model model) throws ModelException {
    List<AttentionSite> found = model.attention().found();
    List<AttentionSite> readable =
        found.stream().filter(site -> site.taps().contains(Tap.PROBABILITIES)).toList();
    if (readable.isEmpty()) {
      throw new ModelException(
          found.isEmpty()
              ? "no attention was found in the graph"
              : "no attention could be read: " + found.getFirst().whyNotReadable());
    }
    return readable;
  }

  /**
   * Looks at a batch.
   *
   * @param session with all attentions tapped that can be read
   */
  static AttentionSnapshot at(Model model, Runs session, Batch batch) throws ModelException {
    List<AttentionSite> readable = readable(model);
    AttentionSnapshot look = new AttentionSnapshot(session, readable, batch);
    model.attention().found().stream()
        .filter(site -> !readable.contains(site))
        .forEach(site -> look.unread.put(site.layer(), site.whyNotReadable()));
    List<List<AttentionSite>> groups = groups(readable, batch);
    for (List<AttentionSite> group : groups) {
      look.read(model, group, groups.size() == 1);
    }
    return look;
  }

  private static <S> List<List<S>> groups(List<S> sites, Batch batch) {
    return TapGroups.of(sites, batch.joint(), batch.rows(), 1);
  }

  private void read(Model model, List<AttentionSite> group, boolean hold) throws ModelException {
    List<String> names = new ArrayList<>();
    for (AttentionSite site : group) {
      names.add(site.output(Tap.PROBABILITIES));
      if (site.taps().contains(Tap.HIDDEN)) {
        names.add(site.output(Tap.HIDDEN));
      }
    }
    Map<String, FloatTensor> run = session.run(feed(batch, readable), names);
    for (AttentionSite site : group) {
      FloatTensor tensor = tensor(run, site.output(Tap.PROBABILITIES));
      Optional<Site> placed = placed(site, tensor.shape(), batch, model.roles());
      if (placed.isEmpty()) {
        unread.put(
            site.layer(),
            "its probabilities have shape "
                + tensor.shape()
                + ", which fits no tokens of a batch "
                + batch);
        continue;
      }
      sites.add(placed.get());
      if (hold) {
        held.add(tensor);
      }
      if (site.taps().contains(Tap.HIDDEN)) {
        hidden.put(site.layer(), tensor(run, site.output(Tap.HIDDEN)));
      }
    }
  }

  /**
   * Hands out the probabilities of attentions.
   *
   * @param some those of {@link #sites()} that are wanted
   * @throws ModelException if the model refuses to run again
   */
  public void forEach(List<Site> some, Reader reader) throws ModelException {
    if (!held.isEmpty()) {
      some.forEach(site -> reader.take(site, held.get(sites.indexOf(site))));
      return;
    }
    for (List<Site> group : groups(some, batch)) {
      List<String> names =
          group.stream().map(site -> site.attention().output(Tap.PROBABILITIES)).toList();
      Map<String, FloatTensor> run = session.run(feed(batch, readable), names);
      for (int i = 0; i < group.size(); i++) {
        reader.take(group.get(i), tensor(run, names.get(i)));
      }
    }
  }

  /** A batch where nothing is summed, or what is summed is said later. */
  static Map<String, RawTensor> feed(Batch batch, List<AttentionSite> sites) {
    Map<String, RawTensor> feed = batch.feed();
    RawTensor none =
        RawTensor.of(ElementType.FLOAT32, Shape.of(1, 1), TensorBytes.of(new float[1]));
    sites.forEach(site -> feed.put(site.paddingInput(), none));
    return feed;
  }

  private static Optional<Site> placed(
      AttentionSite site, Shape shape, Batch batch, ModelInputs inputs) {
    if (shape.rank() != 4 || shape.dim(0) != batch.rows()) {
      return Optional.empty();
    }
    TokenAxis.Past past = inputs.others().isEmpty() ? TokenAxis.Past.NONE : TokenAxis.Past.ANY;
    return TokenAxis.Pair.of(batch.joint(), site.source(), shape.dim(2), shape.dim(3), past)
        .map(axes -> new Site(site, axes.queries(), axes.keys()));
  }

  static FloatTensor tensor(Map<String, FloatTensor> run, String output) {
    FloatTensor tensor = run.get(output);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + output);
    }
    return tensor;
  }

  /** Returns the vector lengths at each attention that reads one stream that is padded here. */
  public List<PaddingNorms> paddingNorms(List<Integer> masked) {
    List<PaddingNorms> norms = new ArrayList<>();
    for (Site site : sites) {
      FloatTensor vectors = hidden.get(site.layer());
      boolean padded = masked.stream().anyMatch(site.queries()::isStream);
      // SqueezeBERT keeps its channels before its positions: [B, D, L].
      if (vectors != null
          && padded
          && vectors.shape().rank() == 3
          && vectors.shape().dim(1) == site.queries().length(batch)) {
        paddingNorms(site, vectors, batch).ifPresent(norms::add);
      }
    }
    return norms;
  }

  /** Empty if the batch has no padding there, or nothing else. */
  private static Optional<PaddingNorms> paddingNorms(Site site, FloatTensor hidden, Batch batch) {
    double[] sum = new double[2];
    long[] count = new long[2];
    int size = hidden.shape().dim(2);
    for (int row = 0; row < batch.rows(); row++) {
      for (int s = 0; s < hidden.shape().dim(1); s++) {
        double squares = 0;
        int from = hidden.offset(row, s);
        for (int d = 0; d < size; d++) {
          squares += (double) hidden.data()[from + d] * hidden.data()[from + d];
        }
        int kind = site.queries().isReal(batch, row, s) ? 1 : 0;
        sum[kind] += Math.sqrt(squares);
        count[kind]++;
      }
    }
    return count[0] == 0 || count[1] == 0
        ? Optional.empty()
        : Optional.of(new PaddingNorms(site.layer(), sum[0] / count[0], sum[1] / count[1]));
  }
}
