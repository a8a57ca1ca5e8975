package dev.sightline.repair.internal.plan;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.graph.PositionEdit;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.repair.internal.graph.ModelTensors;
import dev.sightline.repair.internal.graph.Nodes;
import dev.sightline.repair.internal.plan.SlotPositions.Found;
import dev.sightline.repair.internal.plan.SlotPositions.Slots;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives each token the number that it has among the real tokens of its row, {@code cumsum(mask) -
 * 1} and at least 0, where the model takes the number of its slot; where the model has an input for
 * positions that nothing reads, what that input says.
 */
public final class TokenPositions implements FurtherEdit {
  private final Model model;
  private final @Nullable String addedMask;
  private final List<Found> found;
  private final boolean byRows;

  private TokenPositions(
      Model model, @Nullable String addedMask, List<Found> found, boolean byRows) {
    this.model = model;
    this.addedMask = addedMask;
    this.found = List.copyOf(found);
    this.byRows = byRows;
  }

  /**
   * Finds the positions of a model, and the way in which they can be replaced.
   *
   * @param samples some without padding
   * @param addedMask the name of a mask input that is added to the first stream; null for none
   * @param fromMask whether the mask may say them; else only inputs for positions that are ignored
   * @throws IllegalArgumentException with the reason, if there are none that can be replaced
   */
  public static TokenPositions of(
      Model model, List<Sample> samples, long padId, @Nullable String addedMask, boolean fromMask)
      throws ModelException {
    List<Found> found =
        SlotPositions.of(model, samples, padId).stream()
            .filter(each -> isKnown(model, each.stream(), addedMask, fromMask))
            .toList();
    boolean hasEmbeddings = !ParsedModel.of(model).edit().positions().fusedEmbeddings().isEmpty();
    if (found.isEmpty() && !hasEmbeddings) {
      throw new IllegalArgumentException(whyNone(model, fromMask));
    }
    ParsedModel parsed = ParsedModel.of(model);
    boolean hasCache = !CachePair.of(parsed.graph(), model.inputs(), model.outputs()).isEmpty();
    boolean isGiven =
        found.stream().anyMatch(f -> model.roles().streams().get(f.stream()).positions() != null);
    Sample sample = samples.getFirst();
    Optional<String> refused = Optional.empty();
    for (boolean rows : new boolean[] {false, true}) {
      TokenPositions way = new TokenPositions(model, addedMask, found, rows);
      if (rows && (hasCache || isGiven)) {
        // A row that is not among those of this run may be asked for.
        break;
      }
      refused = way.whyNot(sample, padId);
      if (refused.isEmpty()) {
        return way;
      }
    }
    throw new IllegalArgumentException(
        "the positions at "
            + parsed.edit().positions().label(found.getFirst().tensor())
            + " cannot be replaced: "
            + refused.orElse(""));
  }

  private static boolean isKnown(
      Model model, int index, @Nullable String addedMask, boolean fromMask) {
    TokenStream stream = model.roles().streams().get(index);
    return stream.positions() != null
        || (fromMask && (stream.marksPadding() || (index == 0 && addedMask != null)));
  }

  private static String whyNone(Model model, boolean fromMask) {
    List<String> given =
        model.roles().streams().stream()
            .map(TokenStream::positions)
            .filter(input -> input != null)
            .map(TensorSpec::name)
            .toList();
    if (!given.isEmpty() && fromMask) {
      return "its positions are the input "
          + String.join(", ", given)
          + ": feed it cumsum(mask) - 1, the graph has nothing to compute them from";
    }
    String first =
        model.attention().found().stream()
            .findFirst()
            .map(site -> " before its first attention, " + site.node())
            .orElse("");
    return "no positions that count the slots of a row were found"
        + first
        + ": they are made from distances inside attention, or not at all";
  }

  /** What goes wrong with the numbers that the slots have anyway; empty if nothing does. */
  private Optional<String> whyNot(Sample sample, long padId) throws ModelException {
    ParsedModel parsed = ParsedModel.of(model);
    AttentionEdit edit = parsed.edit();
    Nodes nodes = new Nodes(edit.builder("positions.try"), model.opset());
    try {
      put(edit, nodes, stream -> slots(nodes, stream));
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    edit.add(nodes.graph().graph());
    int rows = model.roles().fixedRows().orElse(2);
    Batch batch = Batch.of(model.roles(), Collections.nCopies(rows, sample), padId);
    Map<String, FloatTensor> was = run(parsed, parsed.proto(), batch);
    Map<String, FloatTensor> is;
    try {
      is = run(parsed, edit.model(), batch);
    } catch (ModelException e) {
      // The nodes after them may take one row alone: then this way is none.
      return Optional.of(String.valueOf(e.getMessage()));
    }
    for (Map.Entry<String, FloatTensor> output : was.entrySet()) {
      FloatTensor other = is.get(output.getKey());
      if (other == null || !Arrays.equals(output.getValue().data(), other.data())) {
        return Optional.of("with the same numbers '" + output.getKey() + "' is another one");
      }
    }
    return Optional.empty();
  }

  private static Map<String, FloatTensor> run(ParsedModel parsed, ModelProto proto, Batch batch)
      throws ModelException {
    try (RuntimeSession session = RuntimeSession.start(parsed, proto, Use.UNFUSED)) {
      return session.run(batch.feed(), parsed.comparableOutputs());
    }
  }

  /** Numbers of a stream's tokens, int64 {@code [B, S]}. */
  private interface Numbers {
    String of(int stream);
  }

  @Override
  public Change apply(AttentionEdit edit, Nodes nodes) {
    put(edit, nodes, stream -> numbers(nodes, stream));
    List<String> names =
        found.stream().map(each -> edit.positions().label(each.tensor())).distinct().toList();
    if (names.isEmpty()) {
      names = edit.positions().fusedEmbeddings();
    }
    String node =
        names.getFirst() + (names.size() > 1 ? " and " + (names.size() - 1) + " more" : "");
    return new Change("positions", node, "the slot of a row, padding included", source());
  }

  /** As in {@code cumsum(attention_mask) - 1}. */
  private String source() {
    return new TreeSet<>(streams())
        .stream()
            .map(s -> {
              TokenStream stream = model.roles().streams().get(s);
              TensorSpec given = stream.positions();
              TensorSpec padding = stream.paddingInput();
              String mask = padding == null ? String.valueOf(addedMask) : padding.name();
              return given != null
                  ? given.name()
                  : stream.mask() == null && stream.lengths() != null
                      ? "the number among the first " + mask
                      : "cumsum(" + (stream.paddingIsOne() ? "not " : "") + mask + ") - 1";
            })
            .collect(Collectors.joining(", "));
  }

  private List<Integer> streams() {
    return found.isEmpty() ? List.of(0) : found.stream().map(Found::stream).toList();
  }

  private void put(AttentionEdit edit, Nodes nodes, Numbers numbers) {
    PositionEdit positions = edit.positions();
    for (Found each : found) {
      Slots slots = each.slots().orElse(null);
      if (byRows) {
        if (each.resultRank() < 3 || each.axis() + each.resultRank() - each.rank() < 1) {
          throw new IllegalArgumentException("its axes are not [B, S, ...]");
        }
        positions.takeRows(
            each.tensor(), each.rank(), each.axis(), each.resultRank(), numbers.of(each.stream()));
        continue;
      }
      if (slots == null) {
        throw new IllegalArgumentException("they are not looked up by the number of a slot");
      }
      TreeSet<String> together = new TreeSet<>();
      found.stream()
          .filter(f -> f.slots().map(Slots::tensor).equals(Optional.of(slots.tensor())))
          .forEach(f -> together.add(f.tensor()));
      if (!positions.leadsOnlyTo(slots.tensor(), together)) {
        throw new IllegalArgumentException("something else is computed from them as well");
      }
      String other = numbers.of(each.stream());
      String shifted = slots.first() == 0 ? other : nodes.shifted(other, slots.first());
      positions.number(
          slots.tensor(), together, nodes.cast(shifted, positions.elementType(slots.tensor())));
    }
    if (!positions.fusedEmbeddings().isEmpty()) {
      positions.giveEmbeddings(nodes.cast(numbers.of(0), ElementType.INT32));
    }
  }

  private String numbers(Nodes nodes, int index) {
    TokenStream stream = model.roles().streams().get(index);
    TensorSpec given = stream.positions();
    if (given != null) {
      return nodes.cast(given.name(), ElementType.INT64);
    }
    String real = ModelTensors.realTokens(nodes, model, index, addedMask);
    if (real == null) {
      throw new IllegalArgumentException(
          "nothing says which tokens of " + stream + " are padding; --add-input attention_mask");
    }
    return nodes.numbersOfTrue(real, nodes.size(stream.name(), stream.axis()));
  }

  private String slots(Nodes nodes, int index) {
    TokenStream stream = model.roles().streams().get(index);
    return nodes.slots(
        nodes.size(stream.name(), stream.rowAxis()), nodes.size(stream.name(), stream.axis()));
  }
}
