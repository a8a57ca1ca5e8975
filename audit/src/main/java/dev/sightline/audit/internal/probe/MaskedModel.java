package dev.sightline.audit.internal.probe;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.onnx.internal.graph.AttentionEdit.Refusal;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The model with another mask at some of its attentions: a key is seen if the batch's mask says
 * that it is a token and, in a causal stream, if it is not after the query. The cells are inputs of
 * the changed model, made for each batch.
 */
public final class MaskedModel implements AutoCloseable {
  private final List<Site> sites;
  private final Set<Integer> causal;
  private final RuntimeSession session;

  private MaskedModel(List<Site> sites, Set<Integer> causal, RuntimeSession session) {
    this.sites = sites;
    this.causal = causal;
    this.session = session;
  }

  /**
   * Starts the model.
   *
   * @param sites the attentions that get the mask
   * @param causal the streams whose tokens must not see later ones, by index
   * @throws ModelException if an attention cannot be given a mask, with its node and the reason, or
   *     if the runtime refuses the changed model
   */
  public static MaskedModel of(Model model, List<Site> sites, Set<Integer> causal)
      throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    AttentionEdit edit = parsed.edit();
    for (Site site : sites) {
      String cells = cells(site);
      GraphBuilder input = edit.builder("input");
      input.input(
          cells, ElementType.BOOL, cells + ".rows", "1", cells + ".queries", cells + ".keys");
      edit.add(input.graph());
      Optional<Refusal> refusal = edit.put(site.layer(), cells, OptionalDouble.empty());
      if (refusal.isPresent()) {
        throw new ModelException(refusal.get().node() + ": " + refusal.get().reason());
      }
    }
    return new MaskedModel(
        sites, Set.copyOf(causal), RuntimeSession.start(parsed, edit.model(), Use.CHANGED));
  }

  private static String cells(Site site) {
    return "sightline.cells." + site.layer();
  }

  /** Runs a batch with the mask that it says. */
  public Map<String, FloatTensor> run(Batch batch, Collection<String> outputs)
      throws ModelException {
    Map<String, RawTensor> feed = batch.feed();
    List<long[]> masks = new ArrayList<>();
    for (int stream = 0; stream < batch.joint().streams(); stream++) {
      masks.add(batch.mask(stream));
    }
    for (Site site : sites) {
      feed.put(cells(site), allowed(site, batch, masks));
    }
    return session.run(feed, outputs);
  }

  /** {@code [B, 1, Lq, Lk]}. */
  private RawTensor allowed(Site site, Batch batch, List<long[]> masks) {
    int queries = site.queries().length(batch);
    int keys = site.keys().length(batch);
    boolean looksBack = site.isSelf() && causal.stream().anyMatch(site.keys()::isStream);
    byte[] cells = new byte[batch.rows() * queries * keys];
    for (int row = 0; row < batch.rows(); row++) {
      for (int k = 0; k < keys; k++) {
        TokenAxis.Position key = site.keys().at(batch, k);
        boolean isToken =
            key.stream() == JointTokens.PAST
                || masks.get(key.stream())[row * batch.width(key.stream()) + key.index()] != 0;
        if (!isToken) {
          continue;
        }
        for (int q = looksBack ? k : 0; q < queries; q++) {
          cells[(row * queries + q) * keys + k] = 1;
        }
      }
    }
    return RawTensor.of(
        ElementType.BOOL, Shape.of(batch.rows(), 1, queries, keys), TensorBytes.of(cells));
  }

  @Override
  public void close() {
    session.close();
  }
}
