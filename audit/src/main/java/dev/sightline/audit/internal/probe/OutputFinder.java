package dev.sightline.audit.internal.probe;

import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds which axis of an output counts what. A graph does not say it reliably, and one length can
 * equal another by chance, so the model is run with one row and with two, and once for each stream
 * with more positions: the axes that follow are the ones.
 */
final class OutputFinder {
  /** Fewest positions that a longer run has more. */
  private static final int LEAST = 3;

  private final Model model;
  private final ModelSession session;
  private final ModelInputs inputs;
  private final List<Candidate> candidates;
  private final Pooling pooling;
  private final List<String> names;
  private final boolean oneRow;

  /**
   * A tensor that may be comparable.
   *
   * @param fixed the axes whose length the file fixes
   */
  private record Candidate(String name, ElementType type, Set<Integer> fixed) {
    static Candidate of(TensorSpec spec) {
      ElementType type =
          Objects.requireNonNull(spec.type(), "only outputs of floats are candidates");
      Set<Integer> fixed = new HashSet<>();
      for (int axis = 0; axis < spec.dims().size(); axis++) {
        if (spec.isFixed(axis)) {
          fixed.add(axis);
        }
      }
      return new Candidate(spec.name(), type, fixed);
    }
  }

  private OutputFinder(
      Model model,
      ModelSession session,
      List<Candidate> candidates,
      Pooling pooling,
      boolean oneRow) {
    this.model = model;
    this.session = session;
    this.pooling = pooling;
    this.inputs = model.roles();
    this.candidates = candidates;
    this.names = candidates.stream().map(Candidate::name).toList();
    this.oneRow = oneRow;
  }

  /**
   * Finds the outputs.
   *
   * @param batch whose streams have different widths, as far as the model lets them
   * @param pooling how a reader makes an embedding of a text from outputs for its tokens
   * @param oneRow whether the model is to be fed one row at a time
   * @throws ModelException if none of them belongs to tokens or to a row as a whole, or the model
   *     refuses the batch
   */
  static List<Output> find(
      Model model, ModelSession session, Batch batch, Pooling pooling, boolean oneRow)
      throws ModelException {
    List<Output> outputs =
        new OutputFinder(model, session, candidates(model), pooling, oneRow).find(batch);
    if (outputs.isEmpty()) {
      throw new ModelException(
          model + " gives no output with a row for each row of the batch " + batch);
    }
    return outputs;
  }

  /**
   * Finds the axes of tensors inside a model that a session hands out in float32.
   *
   * @param names what to fetch; those without an axis of rows are left out of the answer
   */
  static List<Output> inside(
      Model model, ModelSession session, Batch batch, List<String> names, boolean oneRow)
      throws ModelException {
    List<Candidate> candidates =
        names.stream().map(name -> new Candidate(name, ElementType.FLOAT32, Set.of())).toList();
    return new OutputFinder(model, session, candidates, Pooling.MEAN, oneRow).find(batch);
  }

  /** The outputs that may be comparable, which only a run can tell. */
  private static List<Candidate> candidates(Model model) throws ModelException {
    List<TensorSpec> floats =
        model.outputs().stream()
            .filter(output -> output.isFloat() && output.dims().size() >= 2)
            .filter(output -> model.isMadeFromTokens(output.name()))
            .toList();
    // Keys and values for a cache are large and say no more than the outputs made from them.
    Set<String> caches = new HashSet<>();
    CachePair.of(model.graph(), model.inputs(), model.outputs())
        .forEach(pair -> caches.add(pair.present()));
    List<TensorSpec> small =
        floats.stream()
            .filter(output -> output.dims().size() < 4 && !caches.contains(output.name()))
            .toList();
    List<TensorSpec> chosen = small.isEmpty() ? floats : small;
    if (chosen.isEmpty()) {
      throw new ModelException(
          model
              + " gives nothing to compare; expected a floating-point output [batch, sequence, ...]"
              + " or [batch, size] made from its tokens, but it gives "
              + model.outputs());
    }
    return chosen.stream().map(Candidate::of).toList();
  }

  /** The shapes of the outputs as the sizes of the batch change. */
  private record Shapes(
      Batch batch,
      Map<String, FloatTensor> base,
      Map<String, FloatTensor> oneRow,
      Map<Integer, Wider> wider) {}

  /**
   * A run with more positions.
   *
   * @param by how many
   */
  private record Wider(int by, Map<String, FloatTensor> run) {}

  private List<Output> find(Batch batch) throws ModelException {
    Shapes shapes = shapes(batch);
    List<Output> outputs = new ArrayList<>();
    for (Candidate candidate : candidates) {
      int rowAxis = rowAxis(shapes, candidate.name());
      if (rowAxis != Output.NONE) {
        Shape shape = shape(shapes.base, candidate.name());
        outputs.add(withKind(output(shapes, candidate, rowAxis), shape));
      }
    }
    return outputs;
  }

  private Output withKind(Output output, Shape shape) {
    if (output.isPairwise()) {
      return output;
    }
    int size = 1;
    for (int a = 0; a < shape.rank(); a++) {
      size *= a == output.rowAxis() || a == output.axis() ? 1 : shape.dim(a);
    }
    OptionalInt vocabulary =
        output.isPerToken()
            ? model.vocabulary(inputs.streams().get(output.stream()))
            : OptionalInt.empty();
    return output.as(OutputKind.of(output.name(), size, vocabulary, output.isPerToken()), pooling);
  }

  private Shapes shapes(Batch batch) throws ModelException {
    Batch few = batch;
    Map<String, FloatTensor> single = Map.of();
    if (oneRow) {
      few = batch.first(1);
    } else if (inputs.fixedRows().isEmpty()) {
      few = batch.withRowTwice();
      single = session.run(few.first(1).feed(), names); // the same sample, so of the same width
    }
    Map<String, FloatTensor> base = session.run(few.feed(), names);
    Map<Integer, Wider> wider = new TreeMap<>();
    for (int s = 0; s < inputs.streams().size(); s++) {
      int stream = s;
      wider(few, s).ifPresent(run -> wider.put(stream, run));
    }
    return new Shapes(few, base, single, wider);
  }

  /**
   * Twice as wide if the model allows it: a model that joins many positions into one shows a few
   * more of them nowhere. Empty where the file or the model fixes the length.
   */
  private Optional<Wider> wider(Batch batch, int stream) {
    int width = batch.width(stream);
    int most = SampleEncoder.maxTokens(model, stream);
    int by = Math.min(Math.max(LEAST, width), most - width);
    if (inputs.streams().get(stream).fixedLength().isPresent() || by < LEAST) {
      return Optional.empty();
    }
    try {
      Batch wider = batch.withPadding(stream, Padding.RIGHT, width + by);
      return Optional.of(new Wider(by, session.run(wider.feed(), names)));
    } catch (ModelException e) {
      return Optional.empty(); // the file leaves the length free, the model does not
    }
  }

  /** The axis that counts rows; none if no axis does, or two do, as in all pairs of rows. */
  private static int rowAxis(Shapes shapes, String name) {
    Shape base = shape(shapes.base, name);
    if (shapes.oneRow.isEmpty()) { // nothing to compare the rows with
      return base.rank() >= 2 && base.dim(0) == shapes.batch.rows() ? 0 : Output.NONE;
    }
    List<Integer> axes = changed(base, shape(shapes.oneRow, name));
    boolean counts = axes.size() == 1 && base.dim(axes.getFirst()) == shapes.batch.rows();
    return counts && base.rank() >= 2 ? axes.getFirst() : Output.NONE;
  }

  private static Shape shape(Map<String, FloatTensor> run, String name) {
    FloatTensor tensor = run.get(name);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + name);
    }
    return tensor.shape();
  }

  /** The axes of another length; none where the number of axes differs. */
  private static List<Integer> changed(Shape a, Shape b) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; a.rank() == b.rank() && axis < a.rank(); axis++) {
      if (a.dim(axis) != b.dim(axis)) {
        axes.add(axis);
      }
    }
    return axes;
  }

  private Output output(Shapes shapes, Candidate candidate, int rowAxis) {
    Shape base = shape(shapes.base, candidate.name());
    Output found = null;
    for (Map.Entry<Integer, Wider> each : shapes.wider.entrySet()) {
      Shape wider = shape(each.getValue().run(), candidate.name());
      List<Integer> axes = changed(base, wider);
      if (axes.isEmpty() || axes.size() > 2 || axes.contains(rowAxis)) {
        continue;
      }
      if (found != null) { // the tokens of several streams, one after another
        return Output.ofRows(candidate.name(), rowAxis, candidate.type());
      }
      int axis = axes.getFirst();
      int lead = base.dim(axis) - shapes.batch.width(each.getKey());
      boolean onePerToken = lead >= 0 && wider.dim(axis) - base.dim(axis) == each.getValue().by();
      found =
          new Output(
              candidate.name(),
              each.getKey(),
              rowAxis,
              axis,
              axes.size() == 2 ? axes.getLast() : Output.NONE,
              onePerToken ? lead : 0,
              onePerToken ? FrameCounts.ONE_PER_TOKEN : new FrameCounts(),
              candidate.type(),
              OutputKind.EMBEDDING,
              pooling);
    }
    return found != null ? found : byLength(shapes, candidate, rowAxis);
  }

  /** Where no longer input could be tried: an axis as long as a stream. */
  private Output byLength(Shapes shapes, Candidate candidate, int rowAxis) {
    Shape base = shape(shapes.base, candidate.name());
    for (int a = 0; a < base.rank(); a++) {
      for (int s = 0; s < inputs.streams().size(); s++) {
        TokenStream stream = inputs.streams().get(s);
        boolean sameLength = base.dim(a) == shapes.batch.width(s);
        boolean freeOrSame = !candidate.fixed().contains(a) || stream.fixedLength().isPresent();
        if (a != rowAxis && sameLength && freeOrSame && !shapes.wider.containsKey(s)) {
          return new Output(
              candidate.name(),
              s,
              rowAxis,
              a,
              Output.NONE,
              0,
              FrameCounts.ONE_PER_TOKEN,
              candidate.type(),
              OutputKind.EMBEDDING,
              pooling);
        }
      }
    }
    return Output.ofRows(candidate.name(), rowAxis, candidate.type());
  }
}
