package dev.sightline.audit.internal.declared;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The proof from outside: the content of each input token is replaced, one after the other, and
 * what changes is compared with what the declared masks let it reach. Between runs of equal shapes
 * a float32 model repeats its arithmetic to the bit, so that unmoved means exactly 0.
 *
 * <p>A run replaces the same token in all rows of a batch.
 */
public final class OutsideProof {
  /** The most input tokens that are replaced; of more, this many, evenly spread. */
  static final int MOST_REPLACED = 64;

  /** The most batch rows that are looked at. */
  public static final int MOST_ROWS = 32;

  private final Model model;
  private final SampleBatches batches;
  private final JointTokens joint;
  private final List<DeclaredAttention> attentions;
  private final Replacement replacement;
  private final int[] replaced;
  private final List<String> fetched;
  private final List<float[]> movedByRow = new ArrayList<>();
  private final TreeSet<String> moving = new TreeSet<>();
  private @Nullable List<OutputTokens> outputs;

  OutsideProof(
      Model model,
      SampleBatches batches,
      List<DeclaredAttention> attentions,
      Replacement replacement) {
    this.model = model;
    this.batches = batches;
    this.joint = batches.joint();
    this.attentions = attentions;
    this.replacement = replacement;
    int size = joint.size();
    int chosen = Math.min(size, MOST_REPLACED);
    replaced = IntStream.range(0, chosen).map(i -> (int) ((long) i * size / chosen)).toArray();
    fetched = OutputTokens.comparable(model);
  }

  /** A reason why nothing can be concluded. */
  static final class NoProof extends Exception {
    private static final long serialVersionUID = 1L;

    NoProof(String reason) {
      super(reason);
    }
  }

  /**
   * Runs the model once for each token and batch.
   *
   * @throws NoProof if its results are not repeatable, or nothing can be compared
   */
  ReachTally run(List<String> names) throws ModelException, NoProof {
    if (fetched.isEmpty()) {
      throw new NoProof("the model gives no floating-point output [batch, ...] to compare");
    }
    int parts = batches.count(MOST_ROWS);
    try (ModelSession session = model.session()) {
      for (int p = 0; p < parts; p++) {
        SampleBatches.Part part = batches.part(p);
        Map<String, RawTensor> feed = batches.feed(part.batch());
        Map<String, FloatTensor> plain = session.run(feed, fetched);
        List<OutputTokens> known = outputs(plain);
        requireRepeatable(plain, session.run(feed, fetched));
        int first = movedByRow.size();
        for (int row = 0; row < part.rows(); row++) {
          movedByRow.add(new float[universe(known) * replaced.length]);
        }
        for (int i = 0; i < replaced.length; i++) {
          Map<String, FloatTensor> other =
              session.run(replacement.feed(part.batch(), replaced[i]), fetched);
          for (int row = 0; row < part.rows(); row++) {
            compare(known, plain, other, row, i, movedByRow.get(first + row));
          }
        }
      }
    }
    return tally(outputs == null ? List.of() : outputs, names);
  }

  /** Tokens, and after them every output, so that a pooled one has a number too. */
  private int universe(List<OutputTokens> known) {
    return joint.size() + known.size();
  }

  private List<OutputTokens> outputs(Map<String, FloatTensor> run) {
    List<OutputTokens> known = outputs;
    if (known == null) {
      known = new ArrayList<>();
      for (TensorSpec spec : model.outputs()) {
        FloatTensor tensor = run.get(spec.name());
        if (tensor != null && tensor.shape().dim(0) == batches.part(0).batch().rows()) {
          known.add(OutputTokens.of(model.roles(), spec, tensor.shape(), joint, actor()));
        }
      }
      outputs = known;
    }
    return known;
  }

  /** The stream that acts in the end: the last one among the last attention's queries. */
  private int actor() {
    TokenAxis.Pair axes = attentions.getLast().axes();
    return axes == null ? 0 : axes.queries().last();
  }

  private static void requireRepeatable(Map<String, FloatTensor> a, Map<String, FloatTensor> b)
      throws NoProof {
    for (Map.Entry<String, FloatTensor> output : a.entrySet()) {
      FloatTensor again = b.get(output.getKey());
      if (again == null || !Arrays.equals(output.getValue().data(), again.data())) {
        throw new NoProof(
            "two runs of the same batch give different values of '" + output.getKey() + "'");
      }
    }
  }

  private void compare(
      List<OutputTokens> known,
      Map<String, FloatTensor> plain,
      Map<String, FloatTensor> other,
      int row,
      int input,
      float[] changed) {
    for (int n = 0; n < known.size(); n++) {
      OutputTokens output = known.get(n);
      FloatTensor a = plain.get(output.name());
      FloatTensor b = other.get(output.name());
      if (a == null || b == null) {
        continue;
      }
      int[] tokens = tokens(output, n);
      for (int t = 0; t < tokens.length; t++) {
        float change = output.difference(a, b, row, t);
        int cell = tokens[t] * replaced.length + input;
        changed[cell] = Math.max(changed[cell], change);
        if (change != 0) {
          moving.add(output.name());
        }
      }
    }
  }

  private int[] tokens(OutputTokens output, int number) {
    return output.isPooled() ? new int[] {joint.size() + number} : output.tokens();
  }

  private ReachTally tally(List<OutputTokens> known, List<String> names) {
    TreeSet<Integer> universe = new TreeSet<>();
    for (int n = 0; n < known.size(); n++) {
      // What changes with no token, such as a mask that is an output, depends on no token.
      if (moving.contains(known.get(n).name())) {
        Arrays.stream(tokens(known.get(n), n)).forEach(universe::add);
      }
    }
    int[] judged = universe.stream().mapToInt(Integer::intValue).toArray();
    ReachTally tally =
        new ReachTally(
            Arrays.stream(judged)
                .mapToObj(t -> t < joint.size() ? names.get(t) : known.get(t - joint.size()).name())
                .toList(),
            Arrays.stream(replaced).mapToObj(names::get).toList());
    int sample = 0;
    for (int p = 0; sample < movedByRow.size(); p++) {
      SampleBatches.Part part = batches.part(p);
      for (int row = 0; row < part.rows(); row++, sample++) {
        tally.add(cells(tally.row(sample), part, row, judged, movedByRow.get(sample)));
      }
    }
    return tally;
  }

  private CellPicture.Cells cells(
      CellPicture.Cells cells, SampleBatches.Part part, int row, int[] judged, float[] changed) {
    DeclaredReach reach = new DeclaredReach(joint, attentions, cells.sample);
    for (int i = 0; i < replaced.length; i++) {
      cells.paddedColumns[i] = !part.isReal(joint, row, replaced[i]);
    }
    for (int o = 0; o < judged.length; o++) {
      boolean pooled = judged[o] >= joint.size();
      cells.paddedRows[o] = !pooled && !part.isReal(joint, row, judged[o]);
      for (int i = 0; i < replaced.length; i++) {
        int cell = o * replaced.length + i;
        // A pooled output may depend on everything that is real.
        cells.declared[cell] =
            pooled ? !cells.paddedColumns[i] : reach.reaches(judged[o], replaced[i]);
        cells.observed[cell] = changed[judged[o] * replaced.length + i];
      }
    }
    return cells;
  }

  /** The outputs whose values change with some token. */
  List<String> moving() {
    return List.copyOf(moving);
  }

  /** How many tokens were replaced. */
  int replaced() {
    return replaced.length;
  }
}
