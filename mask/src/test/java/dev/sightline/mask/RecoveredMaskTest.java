package dev.sightline.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cells of known masks, over samples as an audit makes them, are read back as those masks. */
class RecoveredMaskTest {
  private static final int[] LENGTHS = {1, 2, 5, 9, 14, 24};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "none",
        "causal",
        "padding",
        "causal & padding",
        "causal & window(0,0) & padding",
        "causal & window(1,0) & padding",
        "causal & window(3,0) & padding",
        "causal & window(4,0)",
        "window(4,4) & padding",
        "window(3,2)",
        "window(2,inf) & padding",
        "causal(offset=1) & padding",
        "causal(offset=-1)",
        "causal & chunk(4) & padding",
        "chunk(3) & padding",
        "causal & chunk(4; left-padding) & padding",
        "prefix(3)",
        "prefix(token-types=0) & padding",
        "(causal | islands(token-types)) & padding",
        "(causal | islands(token-types; spans)) & padding",
        "causal & documents(positions)",
        "documents(token-types) & padding",
        "causal & documents(positions) & padding",
        "dilated(2) & padding",
        "window(2,2) | global(0)",
        "causal & window(3,0) & dilated(2)",
        "causal & query-padding",
        "causal & (window(3,0) | global(0)) & padding",
        "padding & marked(image_mask)",
        "padding - marked(image_mask)",
        "!key-padding",
        "key-padding(by-length)",
        "causal & key-padding(by-length)",
      })
  void cellsOfAMask_areReadBackAsThatMask(String text) {
    RecoveredMask found = RecoveredMask.of(observed(Mask.parse(text), selfSamples()));
    assertEquivalent(found, text, selfSamples());
    assertThat(Mask.parse(found.mask().orElseThrow().toString()))
        .isEqualTo(found.mask().orElseThrow());
    assertThat(found.byCells()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "full; full",
        "padding; padding",
        "window(inf,0) & padding; causal & padding",
        "window(3,0) & padding; causal & window(3,0) & padding",
        "causal & padding; causal & padding",
        "causal & chunk(4) & padding; causal & chunk(4) & padding",
        "padding & window(2,2); window(2,2) & padding",
      })
  void theSimplestForm_isTheOneThatAnAuthorWouldWrite(String text, String expected) {
    RecoveredMask found = RecoveredMask.of(observed(Mask.parse(text), selfSamples()));
    assertThat(found.mask().orElseThrow()).hasToString(expected);
  }

  @Test
  void windowsOfEverySize_areToldApart() {
    for (int left = 0; left < 22; left++) {
      Mask window = Mask.parse("causal & window(" + left + ",0) & padding");
      assertThat(RecoveredMask.of(observed(window, selfSamples())).mask()).hasValue(window);
    }
  }

  @Test
  void aWindowLongerThanAllSamples_isCausal() {
    Mask window = Mask.parse("causal & window(23,0) & padding");
    assertThat(RecoveredMask.of(observed(window, selfSamples())).mask())
        .hasValue(Mask.parse("causal & padding"));
  }

  @Test
  void cachedSteps_haveTheirAlignment() {
    List<MaskSample> steps = new ArrayList<>();
    for (int past : new int[] {0, 3, 7}) {
      for (int queries : new int[] {1, 4}) {
        boolean[] real = new boolean[past + queries];
        Arrays.fill(real, past > 3 ? 6 : 0, real.length, true);
        steps.add(MaskSample.step(queries, past + queries).realKeys(real));
      }
    }
    for (String text :
        List.of("causal(bottom-right) & padding", "causal(top-left) & padding", "padding")) {
      Mask mask = Mask.parse(text);
      assertThat(RecoveredMask.of(observed(mask, steps)).mask()).hasValue(mask);
    }
    Mask windowed = Mask.parse("causal(bottom-right) & window(2,0; bottom-right) & padding");
    assertThat(RecoveredMask.of(observed(windowed, steps)).mask()).hasValue(windowed);
  }

  @Test
  void aCrossAttention_hasTheMaskOfItsKeys() {
    List<MaskSample> samples = new ArrayList<>();
    for (int real : new int[] {10, 7, 4}) {
      boolean[] keys = new boolean[10];
      Arrays.fill(keys, 0, real, true);
      samples.add(MaskSample.cross(5, 10).realKeys(keys));
    }
    assertThat(RecoveredMask.of(observed(Mask.parse("key-padding"), samples)).mask())
        .hasValue(Mask.parse("key-padding"));
    assertThat(RecoveredMask.of(observed(Mask.full(), samples)).mask()).hasValue(Mask.full());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "block-causal(0001110000); 'groups(a(3) b(2, causal) c(5); a sees a; b sees a b; c sees a b"
            + " c)'",
        "block-causal(0000001111); prefix(6)",
        "documents(4,3,3); documents(4,3,3)",
        "causal & documents(4,6); causal & documents(4,6)",
      })
  void aModelOfOneLength_hasGroups(String text, String sameAs) {
    List<MaskSample> samples = fixedSamples(10);
    RecoveredMask found = RecoveredMask.of(observed(Mask.parse(text + " & padding"), samples));
    assertEquivalent(found, sameAs + " & padding", samples);
    assertThat(found.byCells()).isFalse();
  }

  @Test
  void groupsOfAPolicy_areReadBack() {
    Mask policy =
        Mask.parse("groups(a(11) b(4, causal) c(5); a sees a; b sees a b; c sees a c) & padding");
    List<MaskSample> samples = fixedSamples(20);
    assertThat(RecoveredMask.of(observed(policy, samples)).mask()).hasValue(policy);
  }

  @Test
  void cellsWithoutARule_areListed_ifAllSamplesAreOfOneLength() {
    Random random = new Random(7);
    boolean[][] cells = new boolean[9][9];
    for (boolean[] row : cells) {
      for (int k = 0; k < row.length; k++) {
        row[k] = random.nextBoolean();
      }
    }
    List<MaskSample> samples = fixedSamples(9);
    RecoveredMask found = RecoveredMask.of(observed(Mask.dense(cells), samples));
    assertThat(found.byCells()).isTrue();
    assertThat(found.mask()).hasValue(Mask.dense(cells));
  }

  @Test
  void cellsThatNoMaskGives_haveNone() {
    List<MaskObservation> observed = observed(Mask.causal(), selfSamples());
    MaskSample other = MaskSample.self(6);
    observed.add(MaskObservation.of(other, cells(Mask.parse("window(0,2)"), other)));
    assertThat(RecoveredMask.of(observed).mask()).isEmpty();
  }

  @Test
  void randomCombinations_areReadBackOverWhatWasSeen() {
    Random random = new Random(42);
    for (int n = 0; n < 150; n++) {
      Mask mask = Mask.parse(randomText(random));
      RecoveredMask found = RecoveredMask.of(observed(mask, selfSamples()));
      assertEquivalent(found, mask.toString(), selfSamples());
    }
  }

  private static String randomText(Random random) {
    String base =
        switch (random.nextInt(9)) {
          case 0 -> "causal";
          case 1 -> "causal & window(" + random.nextInt(20) + ",0)";
          case 2 -> "window(" + random.nextInt(20) + "," + random.nextInt(20) + ")";
          case 3 -> "causal & chunk(" + (2 + random.nextInt(12)) + ")";
          case 4 -> "causal & documents(positions)";
          case 5 -> "causal | islands(token-types)";
          case 6 -> "(window(" + random.nextInt(9) + ",0) | global(0)) & causal";
          case 7 -> "causal & documents(positions) & window(" + (1 + random.nextInt(5)) + ",0)";
          default -> "dilated(" + (2 + random.nextInt(4)) + ") & causal";
        };
    return random.nextBoolean() ? "(" + base + ") & padding" : base;
  }

  private static void assertEquivalent(RecoveredMask found, String text, List<MaskSample> samples) {
    Mask mask = Mask.parse(text);
    assertThat(found.mask()).as(text).isPresent();
    for (MaskSample sample : samples) {
      boolean[][] expected = cells(mask, sample);
      boolean[][] actual = cells(found.mask().orElseThrow(), sample);
      for (int q = 0; q < expected.length; q++) {
        if (sample.isRealQuery(q)) {
          assertThat(actual[q])
              .as(text + " as " + found + " over " + sample)
              .isEqualTo(expected[q]);
        }
      }
    }
  }

  private static List<MaskObservation> observed(Mask mask, List<MaskSample> samples) {
    List<MaskObservation> observed = new ArrayList<>();
    samples.forEach(sample -> observed.add(MaskObservation.of(sample, cells(mask, sample))));
    return observed;
  }

  private static boolean[][] cells(Mask mask, MaskSample sample) {
    BoundMask bound = mask.forSample(sample).over(sample.queries(), sample.keys());
    boolean[][] cells = new boolean[sample.queries()][sample.keys()];
    for (int q = 0; q < cells.length; q++) {
      for (int k = 0; k < cells[q].length; k++) {
        cells[q][k] = bound.allowed(0, 0, q, k);
      }
    }
    return cells;
  }

  /** Every length whole, and padded to two thirds on the right, on the left and inside. */
  private static List<MaskSample> selfSamples() {
    List<MaskSample> samples = new ArrayList<>();
    for (int length : LENGTHS) {
      boolean[] all = new boolean[length];
      Arrays.fill(all, true);
      samples.add(described(MaskSample.self(length), all));
      if (length > 4) {
        for (int side = 0; side < 3; side++) {
          int padding = length / 3;
          boolean[] real = all.clone();
          int from = side == 0 ? length - padding : side == 1 ? 0 : length / 2;
          Arrays.fill(real, from, Math.min(length, from + padding), false);
          samples.add(described(MaskSample.self(length).realKeys(real), real));
        }
      }
    }
    return samples;
  }

  private static List<MaskSample> fixedSamples(int length) {
    List<MaskSample> samples = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      boolean[] real = new boolean[length];
      for (int k = 0; k < length; k++) {
        real[k] = n == 0 || (k + n) % (n + 2) != 0;
      }
      samples.add(MaskSample.self(length).realKeys(real));
    }
    return samples;
  }

  /** Two documents, a prefix of type 0, an island of type 1, and marks that follow no other. */
  private static MaskSample described(MaskSample sample, boolean[] real) {
    int length = real.length;
    int[] types = new int[length];
    int[] positions = new int[length];
    boolean[] marks = new boolean[length];
    for (int k = 0; k < length; k++) {
      types[k] = k < length / 4 || k > 3 * length / 4 || k == length / 2 ? 0 : 1;
      positions[k] = k < (length + 1) / 2 ? k : k - (length + 1) / 2;
      marks[k] = k % 3 == 1;
    }
    return sample.tokenTypes(types).positions(positions).marked("image_mask", marks);
  }
}
