package dev.sightline.mask;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.Parser;
import dev.sightline.mask.internal.expression.Printer;
import dev.sightline.mask.internal.expression.SampleBinder;
import dev.sightline.mask.internal.expression.Sizing;
import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.BlockCausal;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Chunk;
import dev.sightline.mask.internal.kind.Dense;
import dev.sightline.mask.internal.kind.Dilated;
import dev.sightline.mask.internal.kind.DocumentIds;
import dev.sightline.mask.internal.kind.Documents;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Global;
import dev.sightline.mask.internal.kind.Islands;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.Padding;
import dev.sightline.mask.internal.kind.Prefix;
import dev.sightline.mask.internal.kind.RowCausal;
import dev.sightline.mask.internal.kind.SharedPrefix;
import dev.sightline.mask.internal.kind.Tree;
import dev.sightline.mask.internal.kind.Window;
import dev.sightline.mask.internal.text.SyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * A rule that says which query may attend to which key. A mask is a value: it has no sizes of its
 * own (unless it lists its tokens), it never holds an L x L array, and two masks built alike are
 * equal. Bind it to sizes with {@link #over(MaskShape)} to ask it something.
 *
 * <pre>{@code
 * Mask mask = Mask.causal().and(Mask.padding(5, 6, 3));
 * BoundMask bound = mask.over(new MaskShape(3, 1, 6, 6));
 * bound.allowed(0, 0, 4, 2); // batch row 0, head 0: may query 4 attend to key 2?
 * }</pre>
 *
 * <p>Every factory method reads like its word in the text form, {@link #parse} reads that form and
 * {@link #toString} writes it. In all of them i is a query, j a key and {@code true} means "may
 * attend". Numbers given per batch row may be one for all. A wrong argument causes an {@link
 * IllegalArgumentException} that quotes it; what depends on sizes is checked by {@code over}.
 */
public final class Mask {
  /** A window's distance without limit, {@code inf} in the text form. */
  public static final int UNBOUNDED = Window.UNBOUNDED;

  private final Node node;
  private final int depth;

  Mask(Node node) {
    this(node, Sizing.depth(node));
  }

  private Mask(Node node, int depth) {
    if (depth > Parser.DEEPEST) {
      throw new IllegalArgumentException("masks are nested more than " + Parser.DEEPEST + " deep");
    }
    this.node = node;
    this.depth = depth;
  }

  static Mask of(Kind kind) {
    return new Mask(new Node.Leaf(kind));
  }

  Node node() {
    return node;
  }

  /** {@return a mask that allows every pair} */
  public static Mask full() {
    return of(new Full());
  }

  /** {@return a mask that allows no pair} */
  public static Mask none() {
    return of(new None());
  }

  /** {@return the mask j &lt;= i, for as many queries as keys} */
  public static Mask causal() {
    return causal(Alignment.unstated());
  }

  /**
   * {@return the mask j &lt;= i + offset, where the alignment gives the offset}
   *
   * @param alignment which key the diagonal begins at
   */
  public static Mask causal(Alignment alignment) {
    return of(new Causal(alignment.diagonal()));
  }

  /**
   * {@return the mask i - left &lt;= j &lt;= i + right, for as many queries as keys}
   *
   * @param left how many keys before the diagonal are allowed, at least 0, or {@link #UNBOUNDED}
   * @param right how many keys after the diagonal are allowed, at least 0, or {@link #UNBOUNDED}
   */
  public static Mask window(int left, int right) {
    return window(left, right, Alignment.unstated());
  }

  /**
   * {@return the mask i + offset - left &lt;= j &lt;= i + offset + right} Other systems count
   * differently: see {@code Windows} of the package {@code convert}.
   *
   * @param left how many keys before the diagonal are allowed, at least 0, or {@link #UNBOUNDED}
   * @param right how many keys after the diagonal are allowed, at least 0, or {@link #UNBOUNDED}
   * @param alignment which key the diagonal begins at
   */
  public static Mask window(int left, int right, Alignment alignment) {
    return of(new Window(left, right, alignment.diagonal()));
  }

  /**
   * {@return the mask floor(i / size) = floor(j / size)}
   *
   * @param size tokens in a chunk, at least 1
   */
  public static Mask chunk(int size) {
    return chunk(size, 0);
  }

  /**
   * {@return the mask of {@link #chunk(int)} after left padding, whose tokens are in no chunk}
   *
   * @param size tokens in a chunk, at least 1
   * @param leftPadding padded tokens, one number for all batch rows or one for each
   */
  public static Mask chunk(int size, int... leftPadding) {
    return of(new Chunk(size, Ints.of(leftPadding)));
  }

  /**
   * {@return the mask j &lt; length or j &lt;= i, with a length for each batch row}
   *
   * @param lengths tokens of the prefix; one number for all batch rows or one for each
   */
  public static Mask prefix(int... lengths) {
    return prefix(Alignment.unstated(), lengths);
  }

  /**
   * {@return the mask j &lt; length or j &lt;= i + offset, with a length for each batch row}
   *
   * @param alignment which key the diagonal begins at
   * @param lengths tokens of the prefix; one number for all batch rows or one for each
   */
  public static Mask prefix(Alignment alignment, int... lengths) {
    return of(new Prefix(Ints.of(lengths), alignment.diagonal()));
  }

  /**
   * {@return the mask that allows a pair where both tokens are real: the first n of each batch row}
   *
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask padding(int... lengths) {
    return padding(Side.RIGHT, lengths);
  }

  /**
   * {@return the mask that allows a pair where both tokens are real: n of each batch row, with the
   * padding on the given side}
   *
   * @param side the side of the padding
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask padding(Side side, int... lengths) {
    return padding(Padding.Scope.BOTH, side, lengths);
  }

  /**
   * {@return the mask that allows a pair where both tokens are real, by a row of bits for each
   * batch row, 1 = real, such as "110111"}
   *
   * @param bits for each batch row a text of 0 and 1 with a bit for each token, 1 = real
   */
  public static Mask padding(String... bits) {
    return padding(Padding.Scope.BOTH, bits);
  }

  /**
   * {@return the mask that allows a pair where the key is real} See {@link #padding(int...)}.
   *
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask keyPadding(int... lengths) {
    return keyPadding(Side.RIGHT, lengths);
  }

  /**
   * {@return the mask that allows a pair where the key is real, with the padding on the given side}
   * See {@link #padding(Side, int...)}.
   *
   * @param side the side of the padding
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask keyPadding(Side side, int... lengths) {
    return padding(Padding.Scope.KEYS, side, lengths);
  }

  /**
   * {@return the mask that allows a pair where the key is real, by bits} See {@link
   * #padding(String...)}.
   *
   * @param bits for each batch row a text of 0 and 1 with a bit for each token, 1 = real
   */
  public static Mask keyPadding(String... bits) {
    return padding(Padding.Scope.KEYS, bits);
  }

  /**
   * {@return the mask that allows a pair where the query is real} See {@link #padding(int...)}.
   *
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask queryPadding(int... lengths) {
    return queryPadding(Side.RIGHT, lengths);
  }

  /**
   * {@return the mask that allows a pair where the query is real, with the padding on the given
   * side} See {@link #padding(Side, int...)}.
   *
   * @param side the side of the padding
   * @param lengths real tokens of each batch row; one number for all or one for each
   */
  public static Mask queryPadding(Side side, int... lengths) {
    return padding(Padding.Scope.QUERIES, side, lengths);
  }

  /**
   * {@return the mask that allows a pair where the query is real, by bits} See {@link
   * #padding(String...)}.
   *
   * @param bits for each batch row a text of 0 and 1 with a bit for each token, 1 = real
   */
  public static Mask queryPadding(String... bits) {
    return padding(Padding.Scope.QUERIES, bits);
  }

  private static Mask padding(Padding.Scope scope, Side side, int... lengths) {
    return of(Padding.lengths(scope, side == Side.LEFT, lengths));
  }

  private static Mask padding(Padding.Scope scope, String... bits) {
    return of(Padding.bits(scope, rows(bits)));
  }

  /**
   * {@return the mask that allows a pair where both tokens are real, from a {@code [B, L]} mask
   * whose 1 means real, as Hugging Face's attention_mask}
   *
   * @param attentionMask {@code [B, L]}, 1 = real, 0 = padding
   * @throws IllegalArgumentException if a number is neither 0 nor 1, or rows differ in length
   */
  public static Mask padding(int[][] attentionMask) {
    return of(Padding.bits(Padding.Scope.BOTH, rows(attentionMask)));
  }

  /**
   * {@return the mask that allows a pair within a document, for documents of the given lengths one
   * after the other}
   *
   * @param lengths tokens of each document
   */
  public static Mask documents(int... lengths) {
    return documents(lengths, lengths);
  }

  /**
   * {@return the mask that allows a pair within a document, which may have other numbers of queries
   * than of keys}
   *
   * @param queryLengths queries of each document
   * @param keyLengths keys of each document
   */
  public static Mask documents(int[] queryLengths, int[] keyLengths) {
    return of(new Documents(Ints.of(queryLengths), Ints.of(keyLengths)));
  }

  /**
   * {@return the mask that allows a pair within a document, by the id of every token}
   *
   * @param ids the id of each token
   */
  public static Mask documentIds(int... ids) {
    return of(new DocumentIds(Ints.of(ids)));
  }

  /**
   * {@return the mask that allows a pair with the same id that is not 0: bidirectional spans inside
   * of a causal text, {@code causal | islands}}
   *
   * @param ids the id of each token
   */
  public static Mask islands(int... ids) {
    return of(new Islands(Ints.of(ids)));
  }

  /**
   * {@return the mask c(j) &lt;= c(i), c being the running sum of the bits: 1 begins a new block}
   * This is what {@code make_att_2d_masks} of openpi and lerobot computes. A row of bits per batch
   * row, such as "000111".
   *
   * @param bits for each batch row a text of 0 and 1, a bit for each token
   */
  public static Mask blockCausal(String... bits) {
    return of(BlockCausal.of(rows(bits)));
  }

  /**
   * {@return the mask that allows every key where the query's bit is 0, else j &lt;= i} This is
   * what write-ups of {@link #blockCausal} often describe; it is another mask. A row of bits per
   * batch row.
   *
   * @param bits for each batch row a text of 0 and 1, a bit for each token
   */
  public static Mask rowCausal(String... bits) {
    return of(RowCausal.of(rows(bits)));
  }

  /**
   * {@return the mask (i - j) mod step = 0}
   *
   * @param step distance of allowed keys, at least 1
   */
  public static Mask dilated(int step) {
    return of(new Dilated(step));
  }

  /**
   * {@return the mask that allows a pair where i or j is one of the positions}
   *
   * @param positions the positions, from 0
   */
  public static Mask global(int... positions) {
    return of(new Global(Ints.of(positions)));
  }

  /**
   * {@return the mask that allows j where it is i or an ancestor of i; a parent comes before its
   * child, -1 for a root}
   *
   * @param parents the parent of each token, -1 for a root
   */
  public static Mask tree(int... parents) {
    return of(new Tree(Ints.of(parents)));
  }

  /**
   * {@return the mask that allows j in the first tokens, or in the branch of i after them}
   *
   * @param prefix how many tokens all see, at least 0
   * @param branches tokens in each branch after the prefix
   */
  public static Mask sharedPrefix(int prefix, int... branches) {
    return of(new SharedPrefix(prefix, Ints.of(branches)));
  }

  /**
   * {@return the mask of named segments and which segment sees which}
   *
   * @param groups the segments
   */
  public static Mask groups(Groups groups) {
    return of(groups.kind());
  }

  /**
   * {@return the mask of cells, {@code [Lq, Lk]}, true = may attend} Other booleans are read by
   * {@code BooleanMask} of the package {@code convert}.
   *
   * @param allowed {@code [Lq, Lk]}
   * @throws IllegalArgumentException if there is no cell, or rows differ in length
   */
  public static Mask dense(boolean[][] allowed) {
    if (allowed.length == 0 || allowed[0].length == 0) {
      throw new IllegalArgumentException("a dense mask needs at least one query and one key");
    }
    return of(new Dense(RowRuns.of(allowed)));
  }

  /**
   * {@return the mask of rows, each with the allowed keys of its query}
   *
   * @param keys Lk
   * @param rows Lq of them
   * @throws IllegalArgumentException if a row has a key that is not below {@code keys}
   */
  public static Mask rows(int keys, List<Runs> rows) {
    RowRuns.Builder builder = new RowRuns.Builder();
    for (Runs row : rows) {
      if (!row.isEmpty() && row.end(row.count() - 1) > keys) {
        throw new IllegalArgumentException(
            "the allowed keys " + row + " do not all exist: there are " + keys);
      }
      builder.add(row.bounds());
    }
    return of(new Dense(builder.build(keys)));
  }

  /**
   * {@return the last Lq rows of a joint mask over Lk tokens: what a cached step must reproduce}
   *
   * @param joint the mask over Lk queries and Lk keys
   */
  public static Mask step(Mask joint) {
    return new Mask(new Node.Step(joint.node));
  }

  /**
   * {@return a step over a cached prefix: every query sees the real tokens of the prefix, then the
   * suffix mask holds} {@code [S, P + S]}, with P bits per batch row.
   *
   * @param prefixBits for each batch row P bits, 1 = real; one row for all or one for each
   * @param suffix the mask of the suffix, {@code [S, S]}
   */
  public static Mask cached(List<String> prefixBits, Mask suffix) {
    return new Mask(
        new Node.Cached(
            BitRows.of("cached", rows(prefixBits.toArray(String[]::new))), suffix.node));
  }

  /**
   * {@return a mask with another one for each batch row}
   *
   * @param rows a mask for each batch row
   */
  public static Mask perBatch(Mask... rows) {
    return new Mask(new Node.PerBatch(nodes(rows)));
  }

  /**
   * {@return a mask with another one for each query head}
   *
   * @param heads a mask for each query head
   */
  public static Mask perHead(Mask... heads) {
    return new Mask(new Node.PerHead(nodes(heads)));
  }

  private static List<Node> nodes(Mask... masks) {
    if (masks.length == 0) {
      throw new IllegalArgumentException("at least one mask is needed");
    }
    return Arrays.stream(masks).map(Mask::node).toList();
  }

  private static List<Bits> rows(String... bits) {
    return Arrays.stream(bits).map(Bits::parse).toList();
  }

  private static List<Bits> rows(int[][] attentionMask) {
    List<Bits> rows = new ArrayList<>();
    for (int b = 0; b < attentionMask.length; b++) {
      boolean[] row = new boolean[attentionMask[b].length];
      for (int j = 0; j < row.length; j++) {
        int number = attentionMask[b][j];
        if (number != 0 && number != 1) {
          throw new IllegalArgumentException(
              "an attention mask holds 0 and 1 only, but row "
                  + b
                  + ", token "
                  + j
                  + " is "
                  + number);
        }
        row[j] = number == 1;
      }
      rows.add(Bits.of(row));
    }
    return rows;
  }

  /**
   * {@return the mask that allows a pair that this and the other allow}
   *
   * @param other the other mask
   */
  public Mask and(Mask other) {
    int deeper = other.node instanceof Node.And ? other.depth : other.depth + 1;
    int own = node instanceof Node.And ? depth : depth + 1;
    return new Mask(Algebra.and(List.of(node, other.node)), Math.max(own, deeper));
  }

  /**
   * {@return the mask that allows a pair that this or the other allows}
   *
   * @param other the other mask
   */
  public Mask or(Mask other) {
    int deeper = other.node instanceof Node.Or ? other.depth : other.depth + 1;
    int own = node instanceof Node.Or ? depth : depth + 1;
    return new Mask(Algebra.or(List.of(node, other.node)), Math.max(own, deeper));
  }

  /** {@return the mask that allows a pair that this one forbids} */
  public Mask not() {
    return new Mask(Algebra.not(node), node instanceof Node.Not ? depth - 1 : depth + 1);
  }

  /**
   * {@return the mask that allows a pair that this one allows and the other forbids}
   *
   * @param other the other mask
   */
  public Mask minus(Mask other) {
    return and(other.not());
  }

  /**
   * {@return the mask of a text, such as {@code causal & padding(5,6,3)}}
   *
   * @param text the text form
   * @throws MaskSyntaxException if the text is no mask; it points at the character
   */
  public static Mask parse(String text) {
    try {
      return new Mask(Parser.parse(text));
    } catch (SyntaxException e) {
      throw new MaskSyntaxException(e);
    }
  }

  /**
   * {@return the mask with each word that is about a sample, such as {@code padding} without
   * lengths, replaced by what the sample says: {@code padding(1110)}}
   *
   * @param sample the tokens of one batch row
   * @throws IllegalArgumentException if a word needs what the sample does not have
   */
  public Mask forSample(MaskSample sample) {
    return new Mask(SampleBinder.bind(node, sample.facts()));
  }

  /** {@return whether a word of the mask is about a sample, so that it needs {@link #forSample}} */
  public boolean needsSample() {
    return SampleBinder.isAboutSample(node);
  }

  /**
   * {@return the mask over sizes}
   *
   * @param shape the sizes, {@code [B, H, Lq, Lk]}
   * @throws IllegalArgumentException if the mask does not fit them
   */
  public BoundMask over(MaskShape shape) {
    return new BoundMask(this, shape);
  }

  /**
   * {@return the mask over a number of queries and keys, and the batch rows and heads it tells
   * apart}
   *
   * @param queries Lq, the number of queries
   * @param keys Lk, the number of keys
   * @throws IllegalArgumentException if the mask does not fit them
   */
  public BoundMask over(int queries, int keys) {
    return over(new MaskShape(batchRows(), heads(), queries, keys));
  }

  /** {@return the number of batch rows the mask tells apart, 1 where all are alike} */
  public int batchRows() {
    return Sizing.batchRows(node);
  }

  /** {@return the number of heads the mask tells apart, 1 where all are alike} */
  public int heads() {
    return Sizing.heads(node);
  }

  /**
   * {@return the number of keys the mask names: exactly where it lists its tokens, at least that
   * many where it gives lengths, none where it is free of sizes}
   */
  public OptionalInt length() {
    return Sizing.length(node);
  }

  /**
   * {@return a number of tokens at which the mask shows everything it does: its own length, or,
   * where it is free of sizes, some four times its largest number} For looking at a mask, not for
   * proofs.
   */
  public int sampleLength() {
    return length().orElseGet(() -> (int) Math.min(1 << 20, 16 + 4L * Sizing.largest(node)));
  }

  /**
   * {@return sizes for a drawing: the mask's own where it has a length; otherwise 8 tokens, or
   * twice the mask's largest number, so that {@code causal} is drawn over 8 tokens and {@code
   * prefix(10)} over 20} A step over a cached prefix has the tokens of the prefix as further keys.
   */
  public MaskShape drawingShape() {
    int prefix = Sizing.prefix(node);
    int named = length().orElse(0) - prefix;
    int queries = named > 0 ? named : Math.clamp(2L * Sizing.largest(node), 8, 1 << 20);
    return new MaskShape(batchRows(), heads(), queries, queries + prefix);
  }

  /**
   * {@return the number of cached tokens in front of the keys that belong to the queries; 0 where
   * none are cached}
   */
  public int prefixLength() {
    return Sizing.prefix(node);
  }

  /**
   * {@return the names of the tokens where the mask names them (groups and presets), otherwise
   * none}
   */
  public List<String> labels() {
    return Sizing.labels(node);
  }

  /** {@return the text form over several lines where it has groups, for a file that people read} */
  public String toFileText() {
    return Printer.print(node, "\n  ") + "\n";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mask that && node.equals(that.node);
  }

  @Override
  public int hashCode() {
    return node.hashCode();
  }

  /** The text form; reading it gives an equal mask. */
  @Override
  public String toString() {
    return Printer.print(node);
  }
}
