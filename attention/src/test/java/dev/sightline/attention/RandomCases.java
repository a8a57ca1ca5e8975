package dev.sightline.attention;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Shapes and masks from seeds. */
final class RandomCases {
  /** A long run by hand asks for more. */
  private static final int SEEDS = Integer.getInteger("sightline.seeds", 12);

  private static final int[] LENGTHS = {1, 3, 17, 64, 95, 97, 130};
  private static final int[] SIZES = {1, 5, 17, 32, 64, 80, 128, 144};

  private RandomCases() {}

  static Stream<Arguments> cases() {
    return Stream.of(Provider.values())
        .flatMap(p -> IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(p, seed)));
  }

  static AttentionShape shape(Random random) {
    int keyHeads = 1 + random.nextInt(2);
    return new AttentionShape(
        1 + random.nextInt(2),
        keyHeads * (1 + random.nextInt(2)),
        keyHeads,
        pick(random, LENGTHS),
        pick(random, LENGTHS),
        pick(random, SIZES),
        pick(random, SIZES));
  }

  static Mask mask(Random random, AttentionShape s) {
    return switch (random.nextInt(9)) {
      case 0 -> Mask.full();
      case 1 -> Mask.causal(Alignment.bottomRight());
      case 2 -> Mask.window(random.nextInt(20), random.nextInt(20), Alignment.topLeft());
      case 3 ->
          Mask.keyPadding(random.ints(s.batch(), 0, s.keys() + 1).toArray())
              .and(Mask.causal(Alignment.topLeft()));
      case 4 -> Mask.none();
      case 5 -> Mask.dilated(2 + random.nextInt(3));
      case 6 ->
          Mask.parse("prefix(" + s.keys() / 3 + "; bottom-right) | window(2,0; bottom-right)");
      case 7 -> cells(random, s, 0.1);
      default -> cells(random, s, 0.7);
    };
  }

  static Mask cells(Random random, AttentionShape s, double density) {
    boolean[] cells = new boolean[(int) s.maskShape().cells()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = random.nextDouble() < density;
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, s.maskShape(), cells);
  }

  static int pick(Random random, int[] from) {
    return from[random.nextInt(from.length)];
  }
}
