package dev.sightline.audit.internal.cache;

import dev.sightline.audit.internal.probe.Runs;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.RawTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Feeds of steps over the cache that the model itself gave for the tokens before. */
public final class CachedSteps {
  private final CacheFinder.Found cache;
  private final CacheLoop loop;

  private CachedSteps(CacheFinder.Found cache, CacheLoop loop) {
    this.cache = cache;
    this.loop = loop;
  }

  /**
   * Finds the caches of a model.
   *
   * @param session of the model, with or without added outputs
   * @param one a batch of one sample without padding
   * @return empty if it takes no cache
   * @throws ModelException if the axes of the caches are not found
   */
  public static Optional<CachedSteps> of(Model model, Runs session, Batch one)
      throws ModelException {
    List<CachePair> pairs =
        CachePair.of(ParsedModel.of(model).graph(), model.inputs(), model.outputs());
    if (pairs.isEmpty()) {
      return Optional.empty();
    }
    CacheFinder.Found found = CacheFinder.find(model, session, pairs, one);
    return Optional.of(
        new CachedSteps(found, new CacheLoop(model.roles(), session, found, List.of())));
  }

  /** Returns the index of the stream whose tokens are cached. */
  public int stream() {
    return cache.stream();
  }

  /**
   * Returns what the model is fed for some positions after those before them.
   *
   * @param full the whole batch
   * @param from the first position of the step
   * @param to one past its last
   */
  public Map<String, RawTensor> feed(Batch full, int from, int to) throws ModelException {
    return loop.firstStep(full, from, to);
  }
}
