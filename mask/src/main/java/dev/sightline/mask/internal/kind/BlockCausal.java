package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code c(j) <= c(i)}, c being the running sum of the batch row's bits: a 1 begins a new block,
 * and a query sees its own block and the earlier ones.
 *
 * <pre>
 * block-causal(00110)   11000
 *                       11000
 *                       11100
 *                       11111
 *                       11111
 * </pre>
 *
 * @param starts a bit for each token
 */
public record BlockCausal(BitRows starts) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "block-causal",
              "a bit for each token",
              a -> of(a.bits(a.list("a bit for each token, as in block-causal(000111)")))));

  private static final Set<Trait> TRAITS = Set.of(Trait.HIDES_LATER, Trait.SHOWS_LATER);

  /** From rows of bits, one for each batch row or one for all. */
  public static BlockCausal of(List<Bits> rows) {
    return new BlockCausal(BitRows.of("block-causal", rows));
  }

  @Override
  public String text() {
    return "block-causal(" + starts + ")";
  }

  @Override
  public int batchRows() {
    return starts.count();
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(starts.size());
  }

  @Override
  public void check(Fit fit) {
    starts.check(fit);
  }

  /** In a stretch of blocks of one token the end of the block moves with the row. */
  @Override
  public Rule rule(Sizes sizes, int batch) {
    Bits bits = starts.ofRow(batch);
    return (row, view) -> {
      if (row + 1 < bits.size() && bits.get(row + 1)) {
        return Band.upToRow(row, bits.nextClear(row + 1) - 1);
      }
      int end = bits.nextSet(row + 1);
      return Band.constant(row, end, 0, end);
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    Bits bits = starts.ofRow(pair.batch());
    return "query "
        + pair.query()
        + " is in block "
        + block(bits, pair.query())
        + ", key "
        + pair.key()
        + " in block "
        + block(bits, pair.key())
        + (allowed ? ", which is not later" : ", which is later");
  }

  private static int block(Bits bits, int token) {
    int sum = 0;
    for (int at = bits.nextSet(0); at <= token && at < bits.size(); at = bits.nextSet(at + 1)) {
      sum++;
    }
    return sum;
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
