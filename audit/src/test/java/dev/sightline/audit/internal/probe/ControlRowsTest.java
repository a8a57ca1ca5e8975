package dev.sightline.audit.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.TinyEncoder;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ControlRowsTest {
  private static final int[] LENGTHS = {4, 9, 3, 12, 6};

  private final Model model;
  private final TokenStream stream;
  private final RandomTokens draws;
  private final Batch batch;

  ControlRowsTest() throws ModelException {
    model = Model.parse(TinyEncoder.correct(), "tiny");
    stream = model.roles().streams().getFirst();
    draws = new RandomTokens(model, 0, 1);
    List<Sample> samples = new ArrayList<>();
    for (int length : LENGTHS) {
      int number = samples.size() + 1;
      samples.add(new Sample(number, "text " + number, List.of(draws.tokens(stream, length))));
    }
    batch = Batch.of(model.roles(), samples, 0).withPadding(0, Padding.RIGHT, 16);
  }

  @Test
  void rows_areTheShortestAndTheLongestAsTheyAreInTheBatch() throws ModelException {
    assertThat(ControlRows.of(batch)).containsExactly(2, 3);
    Batch drawn =
        batch.withDrawn(
            0,
            (row, position) -> !batch.isReal(0, row, position),
            draws.of(stream, batch.samples().getFirst()));
    long[] positions = LongStream.range(0, 5 * 16).map(i -> i % 7).toArray();
    Batch all = drawn.withPositionIds(0, positions).withMaskOfOnes(0);

    Batch few = all.rows(2, 3);

    assertThat(few.samples()).containsExactly(batch.samples().get(2), batch.samples().get(3));
    assertThat(few.positionIds(0)).isEqualTo(Arrays.copyOfRange(positions, 32, 64));
    assertThat(few.position(0, 1, 11)).isEqualTo(11);
    all.feed()
        .forEach((input, tensor) -> {
          long[] whole = tensor.toLongs();
          int row = whole.length / all.rows();
          assertThat(Objects.requireNonNull(few.feed().get(input)).toLongs())
              .as(input)
              .isEqualTo(Arrays.copyOfRange(whole, 2 * row, 4 * row));
        });
    assertThat(few.feed().values().iterator().next().toLongs()).doesNotContain(0);
  }

  @Test
  void twoRows_areAllThereAre() {
    Batch two = batch.rows(1, 0);
    assertThat(two.samples()).containsExactly(batch.samples().get(1), batch.samples().getFirst());
    assertThat(two.rows(ControlRows.of(two))).isSameAs(two);
  }

  @Test
  void controlThatFewRowsShow_isNotAskedOfTheOthers() throws ModelException {
    List<Batch> unmasked = new ArrayList<>();
    StreamProbes probes = probe(unmasked, false);
    assertThat(unmasked).isNotEmpty().allMatch(run -> run.rows() == 2);
    assertControlled(probes);
  }

  /** Otherwise a test that could have failed would count as one that could not. */
  @Test
  void controlThatFewRowsDoNotShow_isAskedOfAll() throws ModelException {
    List<Batch> unmasked = new ArrayList<>();
    StreamProbes probes = probe(unmasked, true);
    assertThat(unmasked).filteredOn(run -> run.rows() == LENGTHS.length).hasSize(6);
    assertControlled(probes);
  }

  private static void assertControlled(StreamProbes probes) {
    for (Padding side : Padding.values()) {
      assertThat(probes.on(side).content().largest()).as("content, %s", side).isZero();
      assertThat(probes.on(side).unmasked().largest()).as("unmasked, %s", side).isPositive();
      if (side != Padding.INTERIOR) {
        assertThat(probes.on(side).contentUnmasked().largest()).as("%s", side).isPositive();
      }
    }
    assertThat(probes.lengthUnmasked.largest()).isPositive();
    assertThat(probes.oneMaskedOut.largest()).isPositive();
  }

  /**
   * Probes the encoder.
   *
   * @param unmasked gets all runs under a mask of ones
   * @param fewShowNothing whether runs of two rows give zeros
   */
  private StreamProbes probe(List<Batch> unmasked, boolean fewShowNothing) throws ModelException {
    try (ModelSession session = model.session()) {
      Runner runner =
          Runner.of(model, session, batch, Pooling.MEAN, false)
              .of((each, names) -> {
                if (Arrays.stream(each.mask(0)).allMatch(bit -> bit == 1)) {
                  unmasked.add(each);
                }
                Map<String, FloatTensor> run = session.run(each.feed(), names);
                return fewShowNothing && each.rows() == 2 ? zeros(run) : run;
              });
      StreamProbes probes = new StreamProbes(runner, draws, 0, stream, 40, note -> {});
      RunOutputs base = runner.run(batch);
      probes.probe(base, ControlRows.of(runner, base), List.of(), false);
      return probes;
    }
  }

  private static Map<String, FloatTensor> zeros(Map<String, FloatTensor> run) {
    Map<String, FloatTensor> zeros = new LinkedHashMap<>();
    run.forEach((name, tensor) ->
        zeros.put(name, FloatTensor.of(tensor.shape(), new float[tensor.data().length])));
    return zeros;
  }
}
