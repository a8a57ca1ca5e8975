package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Finds the axis of rows of caches and other inputs whose axes have no names, as in {@code [?, ?,
 * 4, 8]}: where two rows are refused with the usual axis, another one is tried. Inputs of one form
 * have the same axes.
 */
final class RowAxisFinder {
  private static final long SEED = 42;

  /** Forms that are tried, each with all others: a model has keys, values, and rarely a third. */
  private static final int MOST_FORMS = 3;

  private RowAxisFinder() {}

  static Model resolve(Model model, long padId) {
    Map<List<String>, List<String>> forms = forms(model);
    if (forms.isEmpty() || forms.size() > MOST_FORMS || model.roles().fixedRows().isPresent()) {
      return model;
    }
    try (ModelSession session = model.session()) {
      Sample sample = new RandomTokens(model, padId, SEED).samples(1).getFirst();
      if (runs(model, session, sample, padId)) {
        return model;
      }
      List<Map<String, Integer>> choices = List.of(Map.of());
      for (Map.Entry<List<String>, List<String>> form : forms.entrySet()) {
        choices =
            choices.stream()
                .flatMap(choice ->
                    free(form.getKey()).mapToObj(axis -> with(choice, form.getValue(), axis)))
                .toList();
      }
      for (Map<String, Integer> choice : choices) {
        Model other = model.withRowAxes(choice);
        if (runs(other, session, sample, padId)) {
          return other;
        }
      }
      return model;
    } catch (ModelException e) {
      return model; // no sample can be drawn, or the model does not start: nothing is known
    }
  }

  /** The names of inputs with several axes that may count rows, by their axes. */
  private static Map<List<String>, List<String>> forms(Model model) {
    Map<List<String>, List<String>> forms = new LinkedHashMap<>();
    for (TensorSpec input : model.roles().others()) {
      List<String> dims = input.dims();
      if (dims.stream().filter(dim -> dim.equals("?")).count() > 1) {
        forms.computeIfAbsent(dims, d -> new ArrayList<>()).add(input.name());
      }
    }
    return forms;
  }

  private static IntStream free(List<String> dims) {
    return IntStream.range(0, dims.size()).filter(axis -> dims.get(axis).equals("?"));
  }

  private static Map<String, Integer> with(
      Map<String, Integer> choice, List<String> inputs, int axis) {
    Map<String, Integer> more = new HashMap<>(choice);
    inputs.forEach(input -> more.put(input, axis));
    return new TreeMap<>(more);
  }

  private static boolean runs(Model model, ModelSession session, Sample sample, long padId) {
    Batch two = Batch.of(model.roles(), List.of(sample, sample), padId);
    return SampleTrial.runs(model, session, two);
  }
}
