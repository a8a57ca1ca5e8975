package dev.sightline.mask;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.IntBuffer;
import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.Dense;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One step over a cached prefix, {@code [B, H, S, P + S]}, taken from the joint mask over P + S
 * tokens. A step is built as policies build it, {@code [real prefix tokens, for every row | suffix
 * mask]}, and that is only right when the joint mask has that form; {@link #refute} says whether it
 * has.
 *
 * @param joint the mask over prefix and suffix together
 * @param prefix P, the number of cached tokens
 */
public record CachedStep(BoundMask joint, int prefix) {
  /**
   * A pair at which the step and the joint mask differ.
   *
   * @param cell the pair, in the joint mask
   * @param message what is wrong, in a sentence
   */
  public record Mismatch(Cell cell, String message) {
    @Override
    public String toString() {
      return cell + ": " + message;
    }
  }

  /**
   * Checks the prefix.
   *
   * @throws IllegalArgumentException if the joint mask has not as many queries as keys, or the
   *     prefix leaves no token on one side
   */
  public CachedStep {
    MaskShape shape = joint.shape();
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "a cached step is taken from a joint mask of as many queries as keys, but it is "
              + shape);
    }
    if (prefix < 1 || prefix >= shape.keys()) {
      throw new IllegalArgumentException(
          "a prefix must leave tokens on both sides, but is "
              + prefix
              + " of "
              + shape.keys()
              + " tokens");
    }
  }

  private MaskShape stepShape() {
    MaskShape shape = joint.shape();
    return new MaskShape(shape.batch(), shape.heads(), shape.keys() - prefix, shape.keys());
  }

  /** {@return the last S rows of the joint mask: what a step must compute} */
  public BoundMask rows() {
    return Mask.step(joint.mask()).over(stepShape());
  }

  /**
   * {@return the step as policies build it} A token of the prefix is real when a token of the
   * prefix may attend to it; the suffix mask is the joint mask's lower right corner.
   */
  public BoundMask built() {
    List<Bits> real = new ArrayList<>();
    int rows = joint.mask().batchRows();
    for (int b = 0; b < rows; b++) {
      real.add(realPrefix(b));
    }
    // The suffix mask is the corner of the step's own rows; the prefix side decides the rest.
    Node corner = new Node.Leaf(corner(0, 0));
    if (rows * joint.mask().heads() > 1) {
      List<Node> perRow = new ArrayList<>();
      for (int b = 0; b < joint.shape().batch(); b++) {
        List<Node> perHead = new ArrayList<>();
        for (int h = 0; h < joint.shape().heads(); h++) {
          perHead.add(new Node.Leaf(corner(b, h)));
        }
        perRow.add(new Node.PerHead(List.copyOf(perHead)));
      }
      corner = new Node.PerBatch(List.copyOf(perRow));
    }
    return new Mask(new Node.Cached(BitRows.of("cached", real), corner)).over(stepShape());
  }

  private Bits realPrefix(int batch) {
    boolean[] real = new boolean[prefix];
    for (int h = 0; h < joint.mask().heads(); h++) {
      Runs seen = joint.union(batch, h, 0, prefix);
      for (int run = 0; run < seen.count() && seen.start(run) < prefix; run++) {
        Arrays.fill(real, seen.start(run), Math.min(prefix, seen.end(run)), true);
      }
    }
    return Bits.of(real);
  }

  private Dense corner(int batch, int head) {
    int tokens = joint.shape().keys();
    RowRuns.Builder rows = new RowRuns.Builder();
    for (int row = prefix; row < tokens; row++) {
      Runs runs = joint.row(batch, head, row);
      IntBuffer bounds = new IntBuffer();
      for (int run = 0; run < runs.count(); run++) {
        if (runs.end(run) > prefix) {
          bounds.add(Math.max(0, runs.start(run) - prefix));
          bounds.add(runs.end(run) - prefix);
        }
      }
      rows.add(bounds.toArray());
    }
    return new Dense(rows.build(tokens - prefix));
  }

  /**
   * {@return the positions of the suffix tokens of a batch row, {@code [S]}: {@code
   * sum(prefix_real) + cumsum(suffix_real) - 1}}
   *
   * @param batch batch row, from 0
   */
  public int[] positions(int batch) {
    int[] all = joint.realTokens(batch).positions();
    return Arrays.copyOfRange(all, prefix, all.length);
  }

  /**
   * {@return a pair at which a run with a cache differs from the joint run; empty where they are
   * the same} There are two ways to differ: a suffix row is not what the step builds, or a prefix
   * token sees the suffix, so that the cached keys and values are not those of the joint run.
   */
  public Optional<Mismatch> refute() {
    Optional<Cell> row = built().differenceFrom(rows());
    if (row.isPresent()) {
      Cell c = row.get();
      Cell inJoint = new Cell(c.batch(), c.head(), prefix + c.query(), c.key());
      boolean allows = built().allowed(c);
      return Optional.of(
          new Mismatch(
              inJoint,
              "the step lets suffix token "
                  + c.query()
                  + (allows ? "" : " not")
                  + " attend to "
                  + (c.key() < prefix ? "prefix token " : "suffix token ")
                  + (c.key() < prefix ? c.key() : c.key() - prefix)
                  + ", the joint mask does"
                  + (allows ? " not" : "")));
    }
    return prefixSeesSuffix();
  }

  /** {@return the mismatch as a finding, none where the step is right} */
  public List<Finding> lint() {
    return refute().stream()
        .map(m -> new Finding(Finding.Kind.STEP_MISMATCH, m.cell(), m.message()))
        .toList();
  }

  private Optional<Mismatch> prefixSeesSuffix() {
    MaskShape shape = joint.shape();
    for (int b = 0; b < joint.mask().batchRows(); b++) {
      for (int h = 0; h < joint.mask().heads(); h++) {
        Sweep sweep =
            new Sweep(joint.bound().rule(b, h), 0, prefix, Rule.View.of(prefix, shape.keys()));
        while (sweep.hasNext()) {
          Band band = sweep.next();
          for (int row = band.from(); row < sweep.end(band); row++) {
            for (int run = 0; run < band.runs(); run++) {
              if (band.end(run, row) > prefix) {
                int key = Math.max(prefix, band.start(run, row));
                return Optional.of(
                    new Mismatch(
                        new Cell(b, h, row, key),
                        "prefix token "
                            + row
                            + " sees suffix token "
                            + (key - prefix)
                            + " in the joint mask, so its cached key and value are others"));
              }
            }
          }
        }
      }
    }
    return Optional.empty();
  }
}
