package dev.sightline.audit;

import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSite.Tap;
import dev.sightline.onnx.Batch;
import dev.sightline.onnx.ModelInputs;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * A look at every attention over a small batch: all probabilities, and what the queries are made
 * from. It is for a few short texts, since they are held whole.
 *
 * @param batch what the model was fed
 * @param sites the attentions that could be read
 * @param unread why the others could not be, by layer
 * @param probabilities {@code [B, H, Lq, Lk]} for each site
 * @param hidden {@code [B, Lq, D]} by layer, of those sites that have one
 */
record Look(
    Batch batch,
    List<Site> sites,
    Map<Integer, String> unread,
    List<FloatTensor> probabilities,
    Map<Integer, FloatTensor> hidden) {

  /** A session that can look. */
  static OnnxSession open(OnnxModel model) throws OnnxModelException {
    List<AttentionSite> readable = readable(model);
    if (readable.isEmpty()) {
      throw new OnnxModelException(
          model.attention().found().isEmpty()
              ? "no attention was found in the graph"
              : "no attention could be read: "
                  + model.attention().found().getFirst().whyNotReadable());
    }
    return model.openTapped(readable, EnumSet.of(Tap.PROBABILITIES, Tap.HIDDEN));
  }

  private static List<AttentionSite> readable(OnnxModel model) {
    return model.attention().found().stream()
        .filter(site -> site.taps().contains(Tap.PROBABILITIES))
        .toList();
  }

  static Look at(OnnxModel model, OnnxSession session, Batch batch) throws OnnxModelException {
    List<AttentionSite> readable = readable(model);
    List<String> names = new ArrayList<>();
    for (AttentionSite site : readable) {
      names.add(site.output(Tap.PROBABILITIES));
      if (site.taps().contains(Tap.HIDDEN)) {
        names.add(site.output(Tap.HIDDEN));
      }
    }
    Map<String, FloatTensor> run = session.run(batch, names);
    List<Site> sites = new ArrayList<>();
    List<FloatTensor> probabilities = new ArrayList<>();
    Map<Integer, FloatTensor> hidden = new java.util.LinkedHashMap<>();
    Map<Integer, String> unread = new java.util.LinkedHashMap<>();
    model.attention().found().stream()
        .filter(site -> !readable.contains(site))
        .forEach(site -> unread.put(site.layer(), site.whyNotReadable()));
    for (AttentionSite site : readable) {
      FloatTensor tensor = tensor(run, site.output(Tap.PROBABILITIES));
      var placed = placed(site, tensor.shape(), batch, model.roles());
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
      probabilities.add(tensor);
      if (site.taps().contains(Tap.HIDDEN)) {
        hidden.put(site.layer(), tensor(run, site.output(Tap.HIDDEN)));
      }
    }
    return new Look(batch, sites, unread, probabilities, hidden);
  }

  private static java.util.Optional<Site> placed(
      AttentionSite site, Shape shape, Batch batch, ModelInputs inputs) {
    if (shape.rank() != 4 || shape.dim(0) != batch.rows()) {
      return java.util.Optional.empty();
    }
    boolean self = site.source() == AttentionSite.Source.SELF;
    return Axis.of(shape.dim(2), batch, inputs, -1)
        .flatMap(queries ->
            Axis.of(shape.dim(3), batch, inputs, self ? queries.first() : -1)
                .map(keys -> new Site(site, queries, keys)));
  }

  static FloatTensor tensor(Map<String, FloatTensor> run, String output) {
    FloatTensor tensor = run.get(output);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + output);
    }
    return tensor;
  }
}
