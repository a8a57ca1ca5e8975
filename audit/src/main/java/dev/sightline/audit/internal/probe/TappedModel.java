package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.PaddingMass;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The model with its attentions tapped. It looks at small batches whole, and sums attention on
 * padding over all of them inside the graph, so that their probabilities {@code [B, H, Lq, Lk]}
 * never leave the runtime.
 */
public final class TappedModel {
  /** One session for all of them: opening one costs as much as five runs of a batch. */
  private static final Set<Tap> TAPS = EnumSet.of(Tap.PROBABILITIES, Tap.HIDDEN, Tap.PADDING_MASS);

  private final Model model;
  private final Runner runner;
  private final AttentionSnapshot look;
  private final List<Site> sites;
  private final Map<Integer, String> unread;
  private final ModelSession session;
  private final MassTally right;
  private final MassTally left;

  /** Attention on padding when the mask is all ones: the proof that there is something to mask. */
  private final MassTally rightUnmasked;

  private final MassTally leftUnmasked;

  /** The tapped model against the plain one. */
  public final OutputDelta instrumented;

  private TappedModel(Model model, Runner runner, AttentionSnapshot look, ModelSession session) {
    this.model = model;
    this.runner = runner;
    this.look = look;
    this.sites = look.sites();
    this.unread = look.unread();
    this.session = session;
    right = new MassTally(sites);
    left = new MassTally(sites);
    rightUnmasked = new MassTally(sites);
    leftUnmasked = new MassTally(sites);
    instrumented = new OutputDelta(0, runner.outputs());
  }

  /**
   * Opens the model, to be looked at with {@link #at(Model, ModelSession, Runner, Batch)}.
   *
   * @throws ModelException if no attention can be read, with the reason
   */
  public static ModelSession session(Model model) throws ModelException {
    return model.tappedSession(AttentionSnapshot.readable(model), TAPS);
  }

  /**
   * Looks at a few samples.
   *
   * @param session that of {@link #session}, which the caller closes
   * @throws ModelException if no attention can be read, with the reason
   */
  public static TappedModel at(Model model, ModelSession session, Runner runner, Batch shown)
      throws ModelException {
    AttentionSnapshot look = AttentionSnapshot.at(model, session::run, shown);
    if (look.sites().isEmpty()) {
      throw new ModelException(
          "no attention could be read: " + look.unread().values().iterator().next());
    }
    return new TappedModel(model, runner, look, session);
  }

  /** The first look. */
  public AttentionSnapshot look() {
    return look;
  }

  /** Another look. */
  public AttentionSnapshot at(Batch batch) throws ModelException {
    return AttentionSnapshot.at(model, session::run, batch);
  }

  /** Sums over a batch padded on the right, and the same padded on the left. */
  public void probe(RunOutputs base, Batch leftPadded) throws ModelException {
    Map<String, FloatTensor> tapped = run(base.batch(), true);
    instrumented.compare(base, new RunOutputs(base.batch(), tapped));
    right.add(masses(tapped), base.batch());
    rightUnmasked.add(masses(run(base.batch().withMasksOfOnes(), false)), base.batch());
    left.add(masses(run(leftPadded, false)), leftPadded);
    if (!(rightUnmasked.largest() > 0)) { // one side is control enough; causal ones need the left
      leftUnmasked.add(masses(run(leftPadded.withMasksOfOnes(), false)), leftPadded);
    }
  }

  private Map<String, FloatTensor> run(Batch batch, boolean withOutputs) throws ModelException {
    Map<String, RawTensor> feed = AttentionSnapshot.feed(batch, AttentionSnapshot.readable(model));
    List<String> names = new ArrayList<>(withOutputs ? runner.names() : List.of());
    for (Site site : sites) {
      names.add(site.attention().output(Tap.PADDING_MASS));
      feed.put(site.attention().paddingInput(), padding(site.keys(), batch));
    }
    return session.run(feed, names);
  }

  /** 1 at padded keys, {@code [B, Lk]}. */
  private static RawTensor padding(TokenAxis keys, Batch batch) {
    int length = keys.length(batch);
    float[] padding = new float[batch.rows() * length];
    for (int row = 0; row < batch.rows(); row++) {
      for (int k = 0; k < length; k++) {
        padding[row * length + k] = keys.isReal(batch, row, k) ? 0 : 1;
      }
    }
    return RawTensor.of(
        ElementType.FLOAT32, Shape.of(batch.rows(), length), TensorBytes.of(padding));
  }

  private List<FloatTensor> masses(Map<String, FloatTensor> run) {
    return sites.stream()
        .map(site -> AttentionSnapshot.tensor(run, site.attention().output(Tap.PADDING_MASS)))
        .toList();
  }

  public List<Site> sites() {
    return sites;
  }

  public PaddingMass rightMass() {
    return right.result(unread);
  }

  public PaddingMass leftMass() {
    return left.result(unread);
  }

  public double unmasked() {
    return Math.max(rightUnmasked.largest(), leftUnmasked.largest());
  }

  /** Mean share of padding after texts under a mask of ones, over layers and heads. */
  public OptionalDouble unmaskedWeight() {
    return rightUnmasked.result(unread).layers().stream()
        .flatMap(layer -> layer.mean().stream())
        .mapToDouble(mean -> mean)
        .average();
  }
}
