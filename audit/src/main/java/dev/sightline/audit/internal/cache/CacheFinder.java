package dev.sightline.audit.internal.cache;

import dev.sightline.audit.internal.probe.Runs;
import dev.sightline.data.Padding;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds which axis of a cache counts what. The names of the axes are the exporter's, so the model
 * is run with one row and with two, and once for each stream with more positions: what it hands on
 * shows the axes.
 */
final class CacheFinder {
  private static final int WIDER_BY = 3;

  private final Runs session;
  private final ModelInputs inputs;
  private final List<CachePair> pairs;
  private final List<String> presents;

  private CacheFinder(Model model, Runs session, List<CachePair> pairs) {
    this.session = session;
    this.inputs = model.roles();
    this.pairs = pairs;
    this.presents = pairs.stream().map(CachePair::present).toList();
  }

  /**
   * What a decoder caches.
   *
   * @param stream the stream whose tokens are cached
   */
  record Found(int stream, List<CacheEntry> entries) {}

  /**
   * Finds the axes of the caches.
   *
   * @param batch of one sample without padding
   * @throws ModelException if the model refuses it, or no cache grows with its tokens
   */
  static Found find(Model model, Runs session, List<CachePair> pairs, Batch batch)
      throws ModelException {
    return new CacheFinder(model, session, pairs).find(batch);
  }

  private Found find(Batch batch) throws ModelException {
    Map<String, FloatTensor> base = session.run(batch.feed(), presents);
    Map<String, FloatTensor> twice =
        inputs.fixedRows().isPresent()
            ? Map.of()
            : session.run(batch.withRowTwice().feed(), presents);
    List<Map<String, FloatTensor>> wider = new ArrayList<>();
    for (int s = 0; s < inputs.streams().size(); s++) {
      wider.add(
          inputs.streams().get(s).fixedLength().isPresent()
              ? Map.of()
              : session.run(
                  batch.withPadding(s, Padding.RIGHT, batch.width(s) + WIDER_BY).feed(), presents));
    }
    for (int s = 0; s < wider.size(); s++) {
      List<CacheEntry> entries = new ArrayList<>();
      for (CachePair pair : pairs) {
        entries.add(entry(pair, base, twice, wider, s, batch.width(s)));
      }
      if (entries.stream().anyMatch(CacheEntry::grows)) {
        return new Found(s, entries);
      }
    }
    throw new ModelException(
        "what the model hands on as '" + presents.getFirst() + "' does not grow with its tokens");
  }

  private static CacheEntry entry(
      CachePair pair,
      Map<String, FloatTensor> base,
      Map<String, FloatTensor> twice,
      List<Map<String, FloatTensor>> wider,
      int stream,
      int width) {
    String present = pair.present();
    int rowAxis = changed(base, twice, present, 0);
    int tokenAxis = changed(base, wider.get(stream), present, WIDER_BY);
    FloatTensor tensor = base.get(present);
    if (tokenAxis != CacheEntry.NONE
        && (tensor == null || tensor.shape().dim(tokenAxis) != width)) {
      tokenAxis = CacheEntry.NONE;
    }
    String name = pair.past().name().toLowerCase(Locale.ROOT);
    boolean onlyFirst = name.contains("encoder") || name.contains("cross");
    for (int s = 0; s < wider.size(); s++) {
      onlyFirst |= s != stream && changed(base, wider.get(s), present, 0) != CacheEntry.NONE;
    }
    return new CacheEntry(
        pair.past().name(), present, rowAxis, tokenAxis, onlyFirst && tokenAxis == CacheEntry.NONE);
  }

  /** The one axis that is longer, by a number if that is not 0. */
  private static int changed(
      Map<String, FloatTensor> base, Map<String, FloatTensor> other, String output, int by) {
    FloatTensor a = base.get(output);
    FloatTensor b = other.get(output);
    if (a == null || b == null || a.shape().rank() != b.shape().rank()) {
      return CacheEntry.NONE;
    }
    int found = CacheEntry.NONE;
    Shape x = a.shape();
    Shape y = b.shape();
    for (int axis = 0; axis < x.rank(); axis++) {
      if (x.dim(axis) != y.dim(axis) && (by == 0 || y.dim(axis) - x.dim(axis) == by)) {
        if (found != CacheEntry.NONE) {
          return CacheEntry.NONE;
        }
        found = axis;
      }
    }
    return found;
  }
}
