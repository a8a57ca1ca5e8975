package dev.sightline.onnx.inventory;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of tokens that a model reads, and the inputs that describe it. An encoder has one;
 * an encoder-decoder has two; a robot policy has one for observations and one for actions.
 *
 * @param content token ids {@code [B, S]}, or vectors such as {@code [B, S, D]}
 * @param axis the axis of the content that counts tokens; 0 where tokens come before rows, as in
 *     {@code [S, B, D]}
 * @param mask says which tokens are real and which are padding {@code [B, S]}; null if the model
 *     takes none
 * @param paddingIsOne whether the mask is 1 at padding and 0 at real tokens, as PyTorch's {@code
 *     key_padding_mask} is, instead of the other way round
 * @param tokenTypes segment ids {@code [B, S]}; null if the model takes none
 * @param positions position ids {@code [B, S]}; null if the model takes none
 * @param lengths the number of real tokens of each row {@code [B]}, which all other positions
 *     follow: a mask in another form, for padding on the right alone; null if the model takes none
 */
public record TokenStream(
    TensorSpec content,
    int axis,
    @Nullable TensorSpec mask,
    boolean paddingIsOne,
    @Nullable TensorSpec tokenTypes,
    @Nullable TensorSpec positions,
    @Nullable TensorSpec lengths) {

  /**
   * Returns the stream with its mask read in another way.
   *
   * @param padding whether the mask is 1 at padding
   * @return a copy with that {@link #paddingIsOne()}
   */
  public TokenStream withPaddingAsOne(boolean padding) {
    return new TokenStream(content, axis, mask, padding, tokenTypes, positions, lengths);
  }

  /**
   * Returns the stream with an input that says how many tokens of each row are real.
   *
   * @param input integers {@code [B]}
   * @return a copy with these {@link #lengths()}
   */
  public TokenStream withLengths(TensorSpec input) {
    return new TokenStream(content, axis, mask, paddingIsOne, tokenTypes, positions, input);
  }

  /**
   * Returns the input that says which tokens are padding.
   *
   * @return the mask, else the lengths; null if the model takes neither
   */
  public @Nullable TensorSpec paddingInput() {
    return mask == null ? lengths : mask;
  }

  /**
   * Returns the axis of the content that counts the rows of a batch.
   *
   * @return 1 where tokens come before rows, else 0
   */
  public int rowAxis() {
    return axis == 0 ? 1 : 0;
  }

  /**
   * Returns whether an input has a row for each token, as in {@code [S, B]}.
   *
   * @param input the content, the mask or another input of the stream
   * @return true if its first axis is that of tokens, by name, and the next that of rows
   */
  public boolean isTokensFirst(TensorSpec input) {
    return axis == 0
        && input.dims().size() > 1
        && input.dims().getFirst().equals(content.dims().getFirst())
        && input.dims().get(1).equals(content.dims().get(1));
  }

  /**
   * Returns whether an input says which tokens are padding.
   *
   * @return false if all that the model is fed counts as tokens
   */
  public boolean marksPadding() {
    return paddingInput() != null;
  }

  /**
   * Returns the name of the content input.
   *
   * @return a name such as {@code input_ids}
   */
  public String name() {
    return content.name();
  }

  /**
   * Returns whether the tokens are ids.
   *
   * @return false if they are vectors
   */
  public boolean isOfIds() {
    return !content.isFloat();
  }

  /**
   * Returns the sequence length that the file fixes.
   *
   * @return the number of tokens; empty if it depends on the text
   */
  public OptionalInt fixedLength() {
    OptionalInt own = content.fixed(axis);
    return own.isPresent() || mask == null ? own : mask.fixed(1);
  }

  /**
   * Returns the size of a token's vector.
   *
   * @return number of floats; 1 for ids
   */
  public int vectorSize() {
    return requireArray((long) before() * after());
  }

  /**
   * Returns the number of floats between the batch axis and the token axis, such as the rows of an
   * image whose columns are tokens.
   *
   * @return product of the axes; 1 if there are none
   */
  public int before() {
    return product(1, axis);
  }

  /**
   * Returns the number of floats after the token axis.
   *
   * @return product of the axes; 1 if there are none
   */
  public int after() {
    return product(Math.max(1, axis) + 1, content.dims().size());
  }

  private int product(int from, int to) {
    long product = 1;
    for (int a = from; a < to; a++) {
      product = requireArray(product * content.fixed(a).orElse(1));
    }
    return (int) product;
  }

  private int requireArray(long numbers) {
    if (numbers > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "input '" + content + "' has more numbers in a row than an array holds");
    }
    return (int) numbers;
  }

  @Override
  public String toString() {
    return name();
  }
}
