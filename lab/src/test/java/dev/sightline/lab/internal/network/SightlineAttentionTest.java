package dev.sightline.lab.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.Gradients;
import dev.sightline.attention.Provider;
import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sightline's gradients beside LibTorch's autograd. */
@NeedsLibTorch
class SightlineAttentionTest {
  private static final AttentionShape SQUARE = AttentionShape.of(2, 2, 70, 24);
  private static final ScaledDotProduct OURS = new SightlineAttention(Provider.preferred());

  @BeforeEach
  void oneThread() {
    torch.set_num_threads(1);
  }

  private static float[] normal(long seed, long count) {
    Random random = new Random(seed);
    float[] numbers = new float[(int) count];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static Tensor tensor(long seed, long... dims) {
    return Tensor.create(normal(seed, Arrays.stream(dims).reduce(1, (a, b) -> a * b)), dims);
  }

  private static Tensor input(long seed, long... dims) {
    return tensor(seed, dims).set_requires_grad(true);
  }

  static Stream<Arguments> masks() {
    AttentionShape grouped = new AttentionShape(2, 4, 2, 70, 101, 16, 16);
    AttentionShape narrowValues = new AttentionShape(1, 2, 2, 40, 97, 32, 20);
    return Stream.of(Provider.values())
        .flatMap(provider ->
            Stream.of(
                Arguments.of(provider, SQUARE, "full"),
                Arguments.of(provider, SQUARE, "causal"),
                Arguments.of(provider, SQUARE, "window(20,3) & padding(70,37)"),
                Arguments.of(provider, grouped, "full"),
                Arguments.of(provider, grouped, "causal(bottom-right)"),
                Arguments.of(provider, narrowValues, "window(9,40; bottom-right)")));
  }

  /** The last queries of the padded row attend to nothing; query heads share key heads. */
  @ParameterizedTest
  @MethodSource("masks")
  @SuppressWarnings("try") // frees what is made within it
  void gradients_areThoseOfAutograd(Provider provider, AttentionShape s, String expression) {
    Mask mask = Mask.parse(expression);
    BoundMask bound = mask.over(s.maskShape());
    boolean causal = expression.equals("causal");
    boolean dense = causal || expression.equals("full");
    try (PointerScope scope = new PointerScope()) {
      Tensor q = input(1, s.batch(), s.queryHeads(), s.queries(), s.headSize());
      Tensor k = input(2, s.batch(), s.keyHeads(), s.keys(), s.headSize());
      Tensor v = input(3, s.batch(), s.keyHeads(), s.keys(), s.valueHeadSize());
      Tensor g = tensor(4, s.batch(), s.queryHeads(), s.queries(), s.valueHeadSize());
      TensorOptional cells =
          dense
              ? new TensorOptional()
              : new TensorOptional(
                  Tensor.create(
                      BooleanMask.of(bound, Polarity.TRUE_ATTENDS),
                      s.batch(),
                      s.queryHeads(),
                      s.queries(),
                      s.keys()));
      Tensor output =
          torch.scaled_dot_product_attention(
              q, k, v, cells, 0.0, causal, new DoubleOptional(), s.group() > 1);
      TensorVector expected =
          torch.grad(
              new TensorVector(output),
              new TensorVector(q, k, v),
              new TensorVector(g),
              new BoolOptional(false),
              false,
              false);
      Gradients actual =
          Attention.under(mask)
              .provider(provider)
              .threads(2)
              .gradients(floats(q), floats(k), floats(v), floats(g));
      assertClose("queries", actual.queries().data(), Torch.floats(expected.get(0)), 1e-5);
      assertClose("keys", actual.keys().data(), Torch.floats(expected.get(1)), 1e-5);
      assertClose("values", actual.values().data(), Torch.floats(expected.get(2)), 1e-5);
    }
  }

  private static FloatTensor floats(Tensor x) {
    return FloatTensor.of(
        Shape.of((int) x.size(0), (int) x.size(1), (int) x.size(2), (int) x.size(3)),
        Torch.floats(x));
  }

  private static void assertClose(String name, float[] actual, float[] expected, double limit) {
    double most = 0;
    double error = 0;
    for (int i = 0; i < actual.length; i++) {
      most = Math.max(most, Math.abs(expected[i]));
      double difference = Math.abs(actual[i] - expected[i]);
      error = difference <= error ? error : difference; // a NaN counts
    }
    assertThat(error / most).as("error of the gradient of the " + name).isLessThan(limit);
  }

  /** The gradients of x, from which queries, keys and values are made, and of the weights. */
  private static float[][] throughAGraph(ScaledDotProduct product, Tensor mask) {
    Tensor x = input(5, 2, 3, 12, 8);
    Tensor weights = input(6, 8, 8);
    Tensor other = input(7, 2, 3, 15, 8);
    Tensor k = other.matmul(weights);
    Tensor output = product.of(x.matmul(weights), k, k.add(other), mask);
    Tensor loss = output.mul(output).mul(tensor(8, 2, 3, 12, 8)).sum();
    loss.backward();
    return new float[][] {
      Torch.floats(output),
      Torch.floats(x.grad()),
      Torch.floats(other.grad()),
      Torch.floats(weights.grad())
    };
  }

  /** Masks of one row for all queries, and of one batch row for all. */
  @Test
  @SuppressWarnings("try") // frees what is made within it
  void ofAGraph_itsGradientsAreThoseOfLibTorch() {
    boolean[] keys = new boolean[2 * 15];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = i % 15 < 9 + i / 15;
    }
    boolean[] queries = new boolean[12 * 15];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = i % 15 <= i / 15;
    }
    try (PointerScope scope = new PointerScope()) {
      for (Tensor mask :
          List.of(Tensor.create(keys, 2, 1, 1, 15), Tensor.create(queries, 1, 1, 12, 15))) {
        float[][] actual = throughAGraph(OURS, mask);
        float[][] expected = throughAGraph(ScaledDotProduct.LIBTORCH, mask);
        List<String> names = List.of("output", "x", "other", "weights");
        for (int i = 0; i < actual.length; i++) {
          assertClose(names.get(i), actual[i], expected[i], 1e-5);
        }
      }
    }
  }

  @Test
  @SuppressWarnings("try") // frees what is made within it
  void whatIsMasked_hasGradientsOfExactly0_andReachesNoOthers() {
    boolean[] cells = new boolean[2 * 4 * 6];
    for (int i = 0; i < cells.length; i++) {
      // The last two keys of batch row 1 are padding, and its last query sees nothing.
      cells[i] = i < 24 || (i % 6 < 4 && i < 42);
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor mask = Tensor.create(cells, 2, 1, 4, 6);
      float[] keys = normal(2, 2 * 6 * 3);
      Tensor q = input(1, 2, 1, 4, 3);
      Tensor v = input(3, 2, 1, 6, 3);
      Tensor k = Tensor.create(keys, 2, 1, 6, 3).set_requires_grad(true);
      OURS.of(q, k, v, mask).mul(tensor(4, 2, 1, 4, 3)).sum().backward();
      float[] ofQueries = Torch.floats(q.grad());
      float[] ofKeys = Torch.floats(k.grad());
      assertThat(Arrays.copyOfRange(ofQueries, 21, 24)).containsOnly(0f);
      assertThat(Arrays.copyOfRange(ofKeys, 30, 36)).containsOnly(0f);
      assertThat(Arrays.copyOfRange(Torch.floats(v.grad()), 30, 36)).containsOnly(0f);
      assertThat(Arrays.copyOf(ofKeys, 30)).doesNotContain(0f);

      Arrays.fill(keys, 30, 36, Float.NaN);
      Tensor dirty = Tensor.create(keys, 2, 1, 6, 3).set_requires_grad(true);
      Tensor same = input(1, 2, 1, 4, 3);
      OURS.of(same, dirty, v, mask).mul(tensor(4, 2, 1, 4, 3)).sum().backward();
      assertThat(Torch.floats(same.grad())).isEqualTo(ofQueries);
      assertThat(Torch.floats(dirty.grad())).isEqualTo(ofKeys);
    }
  }

  @Test
  void withoutGradients_itIsTheOutputAlone() {
    Tensor mask = Tensor.create(new boolean[] {true, false}, 1, 1, 1, 2);
    Tensor v = tensor(1, 1, 1, 2, 4);
    float[] second =
        Torch.withoutGradients(() -> {
          Tensor q = input(2, 1, 1, 3, 4);
          Tensor output = OURS.of(q, q.narrow(2, 0, 2), v, mask);
          assertThat(output.requires_grad()).isFalse();
          return Torch.floats(output.select(2, 1));
        });
    assertThat(second).isEqualTo(Torch.floats(v.select(2, 0)));
  }
}
