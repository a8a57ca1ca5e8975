package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Npy;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.function.ToDoubleBiFunction;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // set before each test
class AttendCommandTest {
  private static final int QUERIES = 3;
  private static final int KEYS = 5;
  private static final int SIZE = 4;
  private static final float INF = Float.POSITIVE_INFINITY;

  @TempDir Path folder;

  private final Random random = new Random(11);
  private float[] q;
  private float[] k;
  private float[] v;

  @BeforeEach
  void writeTensors() throws IOException {
    q = normal(QUERIES * SIZE);
    k = normal(KEYS * SIZE);
    v = normal(KEYS * 2);
    write("q.npy", Shape.of(QUERIES, SIZE), q);
    write("k.npy", Shape.of(KEYS, SIZE), k);
    write("v.npy", Shape.of(KEYS, 2), v);
  }

  private float[] normal(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      // Whole eighths, so that float16 holds them exactly.
      numbers[i] = Math.round(8 * random.nextGaussian()) / 8f;
    }
    return numbers;
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private String write(String name, Shape shape, float[] values) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
      Npy.write(out, shape, values);
    }
    return file(name);
  }

  private void write(String name, RawTensor tensor) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
      Npy.write(out, tensor);
    }
  }

  private RawTensor read(String name) throws IOException {
    return Npy.read(folder.resolve(name));
  }

  private Ran attend(String... more) {
    String[] files = {
      "attend",
      "--q",
      file("q.npy"),
      "--k",
      file("k.npy"),
      "--v",
      file("v.npy"),
      "--out",
      file("o.npy")
    };
    String[] all = Arrays.copyOf(files, files.length + more.length);
    System.arraycopy(more, 0, all, files.length, more.length);
    return Ran.run(all);
  }

  /** What may be changed about the scores of one head. */
  private record Extras(
      double scale,
      double softcap,
      double slope,
      double sink,
      ToDoubleBiFunction<Integer, Integer> bias) {
    static final Extras NONE = new Extras(0.5, 0, 0, Double.NEGATIVE_INFINITY, (i, j) -> 0);
  }

  /** By definition: rows of output, then log-sum-exp, then probabilities. */
  private double[][] expected(BiPredicate<Integer, Integer> allowed, Extras extras) {
    double[] output = new double[QUERIES * 2];
    double[] sums = new double[QUERIES];
    double[] weights = new double[QUERIES * KEYS];
    for (int i = 0; i < QUERIES; i++) {
      double sum = Math.exp(extras.sink);
      for (int j = 0; j < KEYS; j++) {
        double score = 0;
        for (int d = 0; d < SIZE; d++) {
          score += extras.scale * q[i * SIZE + d] * k[j * SIZE + d];
        }
        score = extras.softcap == 0 ? score : extras.softcap * Math.tanh(score / extras.softcap);
        score += extras.bias.applyAsDouble(i, j) - extras.slope * Math.abs(i + KEYS - QUERIES - j);
        weights[i * KEYS + j] = allowed.test(i, j) ? Math.exp(score) : 0;
        sum += weights[i * KEYS + j];
      }
      sums[i] = Math.log(sum);
      for (int j = 0; j < KEYS; j++) {
        weights[i * KEYS + j] /= sum == 0 ? 1 : sum;
        output[2 * i] += weights[i * KEYS + j] * v[2 * j];
        output[2 * i + 1] += weights[i * KEYS + j] * v[2 * j + 1];
      }
    }
    return new double[][] {output, sums, weights};
  }

  private static void assertClose(RawTensor is, Shape shape, double[] expected) {
    assertThat(is.type()).isEqualTo(ElementType.FLOAT32);
    assertThat(is.shape()).isEqualTo(shape);
    float[] values = is.toFloats().data();
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i])
          .as("element %s", i)
          .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(2e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void allOptionsAtOnce_areTheDefinition(String kernel) throws IOException {
    float[] bias = normal(QUERIES * KEYS);
    bias[7] = -INF;

    Ran ran =
        attend(
            "--mask",
            "causal(bottom-right)",
            "--bias",
            write("b.npy", Shape.of(1, QUERIES, KEYS), bias),
            "--scale",
            "0.25",
            "--softcap",
            "2",
            "--alibi",
            "0.125",
            "--sinks",
            "0.5",
            "--kernel",
            kernel,
            "--threads",
            "2",
            "--lse",
            file("l.npy"),
            "--probabilities",
            file("p.npy"));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(
            "queries [1, 1, 3, 4], keys [1, 1, 5, 4], values [1, 1, 5, 2]\n",
            "mask causal(bottom-right), bias ",
            "b.npy float32 [1, 3, 5]: 11 of 15 pairs (73.3 %)\n")
        .containsPattern("kernel " + kernel + ".* on 2 threads: [0-9.]+ ms");
    assertThat(ran.err()).contains("wrote " + file("o.npy"), "wrote " + file("p.npy"));
    double[][] expected =
        expected(
            (i, j) -> j <= i + 2, new Extras(0.25, 2, 0.125, 0.5, (i, j) -> bias[i * KEYS + j]));
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected[0]);
    assertClose(read("l.npy"), Shape.of(QUERIES), expected[1]);
    assertClose(read("p.npy"), Shape.of(QUERIES, KEYS), expected[2]);
  }

  @Test
  void aBooleanFileIsAMask_andAFileOfNumbersIsAdditive() throws IOException {
    boolean[] cells = new boolean[QUERIES * KEYS];
    float[] additive = new float[cells.length];
    for (int at = 0; at < cells.length; at++) {
      cells[at] = at % 3 != 1;
      additive[at] = cells[at] ? 0 : -INF;
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("m.npy"))) {
      Npy.write(out, Shape.of(QUERIES, KEYS), cells);
    }
    write("f.npy", Shape.of(1, 1, QUERIES, KEYS), additive);
    double[][] expected = expected((i, j) -> (i * KEYS + j) % 3 != 1, Extras.NONE);

    Ran bool = attend("--mask", file("m.npy"));
    assertThat(bool.out()).contains("boolean mask " + file("m.npy") + " bool [3, 5]: 10 of 15");
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected[0]);

    Ran floats = attend("--mask", file("f.npy"));
    assertThat(floats.out()).contains("additive mask ", "float32 [1, 1, 3, 5]: 10 of 15 pairs");
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected[0]);
  }

  @Test
  void aMaskInATextFile_andNoMask_work() throws IOException {
    Files.writeString(folder.resolve("x.mask"), "causal(top-left)\n");
    attend("--mask", file("x.mask"));
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected((i, j) -> j <= i, Extras.NONE)[0]);

    assertThat(attend().out()).contains("no mask: 15 of 15 pairs (100 %)");
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected((i, j) -> true, Extras.NONE)[0]);
  }

  @Test
  void anEmptyRow_isZeros() throws IOException {
    attend("--mask", "key-padding(0)", "--lse", file("l.npy"));

    assertThat(read("o.npy").toFloats().data()).containsOnly(0f);
    assertThat(read("l.npy").toFloats().data()).containsOnly(-INF);
  }

  @Test
  void halfAndIntegerInputs_areRead_andTheAnswerSaysWhatBecomesOfThem() throws IOException {
    write(
        "q.npy",
        RawTensor.ofFloats(FloatTensor.of(Shape.of(QUERIES, SIZE), q), ElementType.FLOAT16));
    Ran ran = attend();
    assertThat(ran.out())
        .contains("16-bit floats are read as they are stored, computed and written as float32");
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected((i, j) -> true, Extras.NONE)[0]);

    long[] whole = new long[QUERIES * SIZE];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = i % 3 - 1L;
      q[i] = whole[i];
    }
    write(
        "q.npy",
        RawTensor.of(
            ElementType.INT64,
            Shape.of(QUERIES, SIZE),
            dev.sightline.tensor.TensorBytes.of(whole)));
    assertThat(attend().out()).doesNotContain("16-bit");
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected((i, j) -> true, Extras.NONE)[0]);
  }

  @Test
  void aTensorOfAnArchive_isNamedBehindAColon_unlessThereIsSuchAFile() throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("a.npz")))) {
      for (String name : new String[] {"q", "k", "v"}) {
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(Files.readAllBytes(folder.resolve(name + ".npy")));
      }
    }
    double[] expected = expected((i, j) -> true, Extras.NONE)[0];
    String archive = file("a.npz");
    Ran ran =
        Ran.run(
            "attend",
            "--q",
            archive + ":q",
            "--k",
            archive + ":k",
            "--v",
            archive + ":v",
            "--out",
            file("o.npy"));
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertClose(read("o.npy"), Shape.of(QUERIES, 2), expected);

    assertThat(attend("--bias", archive).err()).contains("holds 3 tensors; name one of them");
    Files.copy(folder.resolve("q.npy"), folder.resolve("a.npz:k"));
    assertThat(attend("--bias", archive + ":k").err())
        .contains("a.npz:k: a mask float32 [3, 4] does not fit [1, 1, 3, 5]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "k ~ 5,3 ~ k.npy float32 [5, 3] and ~ differ in the head size, 3 and 4",
        "k ~ 2,5,4 ~ v.npy float32 [5, 2] and ~ differ in the heads, 1 and 2",
        "v ~ 4,2 ~ v.npy float32 [4, 2] and ~ differ in the length, 4 and 5",
        "k ~ 2,1,5,4 ~ k.npy float32 [2, 1, 5, 4] and ~ differ in the batch, 2 and 1",
        "q ~ 12 ~ q.npy float32 [12] has 1 axes; expected [B, H, L, D] ~ or [L, D]",
        "q ~ 1,1,1,3,4 ~ [1, 1, 1, 3, 4] has 5 axes ~ expected"
      })
  void shapesThatDoNotFit_areQuotedWithTheirFiles(
      String which, String dims, String first, String second) throws IOException {
    Shape shape =
        Shape.of(Arrays.stream(dims.split(",", -1)).mapToInt(Integer::parseInt).toArray());
    write(which + ".npy", shape, new float[shape.size()]);

    Ran ran = attend();

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains(first, second);
    assertThat(ran.err().lines()).hasSize(1);
    assertThat(folder.resolve("o.npy")).doesNotExist();
  }

  @Test
  void misuse_isOneMessage() throws IOException {
    refused("causal", "--mask", "causal");
    refused("there is no tensor file", "--mask", file("none.npy"));
    refused("there is no tensor file", "--bias", file("none.npy"));
    refused("two outputs would go to", "--lse", file("o.npy"));
    refused("its folder does not exist", "--lse", file("none/l.npy"));
    refused("--alibi holds NaN", "--alibi", "NaN");
    refused("for each of the 1 query heads, but there are 2", "--sinks", "0,1");
    refused("softcap must be 0 or positive, but is -1", "--softcap", "-1");
    refused("between 1 and 1024, but is 0", "--threads", "0");
    Files.write(
        folder.resolve("bad.npy"),
        ("\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape': (99999,"
                + " 9999), }")
            .getBytes(StandardCharsets.ISO_8859_1));
    refused("bad.npy", "--mask", file("bad.npy"));
  }

  private void refused(String message, String option, String value) {
    Ran ran = attend(option, value);
    assertThat(ran.err()).contains(message);
    assertThat(ran.err().lines()).as(ran.err()).hasSize(1);
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(folder.resolve("o.npy")).doesNotExist();
  }
}
