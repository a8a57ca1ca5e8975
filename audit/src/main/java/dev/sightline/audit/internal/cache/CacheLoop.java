package dev.sightline.audit.internal.cache;

import dev.sightline.audit.internal.probe.Output;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runs;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a batch as a decoder is used: the first positions at once, then the others a few at a time,
 * each run with the cache that the run before it gave. The result is laid out as that of one run
 * over the whole batch, so that both can be compared.
 */
final class CacheLoop {
  private final Runs session;
  private final CacheFinder.Found cache;
  private final StepInputs inputs;
  private final List<Output> outputs;

  /**
   * A loop over a session that stays the caller's to close.
   *
   * @param outputs what is compared: a value for each token of the cached stream, or for a row
   */
  CacheLoop(ModelInputs roles, Runs session, CacheFinder.Found cache, List<Output> outputs) {
    this.session = session;
    this.cache = cache;
    this.inputs = new StepInputs(roles, cache.stream(), entryNames(cache));
    this.outputs = outputs;
  }

  private static Set<String> entryNames(CacheFinder.Found cache) {
    Set<String> names = new LinkedHashSet<>();
    cache.entries().forEach(entry -> names.add(entry.past()));
    return names;
  }

  /** Changes a cache before the first step. */
  @FunctionalInterface
  interface Edit {
    /** Returns the cache {@code [..., P, ...]} that is fed instead. */
    FloatTensor change(CacheEntry entry, FloatTensor past);
  }

  /** What a run hands to the next, and what it gave. */
  private record Step(Map<String, FloatTensor> past, Map<String, FloatTensor> outputs) {}

  /**
   * Runs a batch.
   *
   * @param full the whole batch, steps included
   * @param ends one past the last position of each run, ascending, the last one the width
   * @param edit applied once, to what the first run gave
   */
  RunOutputs run(Batch full, List<Integer> ends, Edit edit) throws ModelException {
    Map<String, RawTensor> feed = full.feed();
    Map<String, FloatTensor> past = Map.of();
    Map<String, List<FloatTensor>> parts = new HashMap<>();
    int from = 0;
    for (int to : ends) {
      Step step = step(full, feed, past, from, to);
      for (Output output : outputs) {
        parts.computeIfAbsent(output.name(), n -> new ArrayList<>()).add(get(step, output.name()));
      }
      past = from == 0 && to < full.width(cache.stream()) ? edited(step.past, edit) : step.past;
      from = to;
    }
    Map<String, FloatTensor> joined = new LinkedHashMap<>();
    for (Output output : outputs) {
      List<FloatTensor> all = parts.getOrDefault(output.name(), List.of());
      joined.put(
          output.name(), output.isPerToken() ? Axes.concat(all, output.axis()) : all.getLast());
    }
    return new RunOutputs(full, joined);
  }

  private Step step(
      Batch full, Map<String, RawTensor> feed, Map<String, FloatTensor> past, int from, int to)
      throws ModelException {
    Map<String, RawTensor> given = inputs.of(full, feed, from, to);
    given.putAll(raw(past));
    List<String> names = new ArrayList<>(outputs.stream().map(Output::name).toList());
    cache.entries().stream()
        .map(CacheEntry::present)
        .filter(n -> !names.contains(n))
        .forEach(names::add);
    Map<String, FloatTensor> run = session.run(given, names);
    return new Step(handedOn(run, past), run);
  }

  private Map<String, RawTensor> raw(Map<String, FloatTensor> past) {
    Map<String, RawTensor> raw = new LinkedHashMap<>();
    past.forEach((name, tensor) -> raw.put(name, RawTensor.ofFloats(tensor, ElementType.FLOAT32)));
    return raw;
  }

  private Map<String, FloatTensor> handedOn(
      Map<String, FloatTensor> run, Map<String, FloatTensor> before) {
    Map<String, FloatTensor> past = new LinkedHashMap<>();
    for (CacheEntry entry : cache.entries()) {
      FloatTensor first = before.get(entry.past());
      FloatTensor present = run.get(entry.present());
      if (present == null) {
        throw new IllegalStateException("the run has no output " + entry.present());
      }
      past.put(entry.past(), entry.onlyFirst() && first != null ? first : present);
    }
    return past;
  }

  private Map<String, FloatTensor> edited(Map<String, FloatTensor> past, Edit edit) {
    Map<String, FloatTensor> changed = new LinkedHashMap<>(past);
    for (CacheEntry entry : cache.entries()) {
      FloatTensor tensor = past.get(entry.past());
      if (entry.grows() && tensor != null) {
        changed.put(entry.past(), edit.change(entry, tensor));
      }
    }
    return changed;
  }

  private static FloatTensor get(Step step, String output) {
    FloatTensor tensor = step.outputs.get(output);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + output);
    }
    return tensor;
  }

  /** The feed of the first step, for a look inside it. */
  Map<String, RawTensor> firstStep(Batch full, int from, int to) throws ModelException {
    Map<String, RawTensor> feed = full.feed();
    Map<String, RawTensor> given = inputs.of(full, feed, from, to);
    given.putAll(raw(step(full, feed, Map.of(), 0, from).past));
    return given;
  }
}
