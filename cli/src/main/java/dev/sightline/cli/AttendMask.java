package dev.sightline.cli;

import dev.sightline.attention.MaskTensor;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The mask of {@code --mask} and {@code --bias} together.
 *
 * @param tensor the pairs that may attend, and the numbers to add
 * @param words a description of the arguments
 */
record AttendMask(MaskTensor tensor, String words) {
  static AttendMask of(@Nullable String mask, @Nullable String bias, MaskShape shape)
      throws IOException {
    AttendMask given = mask == null ? new AttendMask(full(), "no mask") : mask(mask, shape);
    if (bias == null) {
      return given;
    }
    RawTensor numbers = TensorArgument.parse(bias).read();
    if (numbers.type() == ElementType.BOOL) {
      throw new IllegalArgumentException(
          bias + " is " + numbers + "; a bias is numbers, give booleans to --mask");
    }
    return new AttendMask(
        given.tensor.and(fitted(bias, numbers, shape)),
        given.words + ", bias " + bias + " " + numbers);
  }

  private static MaskTensor full() {
    return new MaskTensor(Mask.full(), null);
  }

  private static AttendMask mask(String argument, MaskShape shape) throws IOException {
    if (!isExpression(argument)) {
      TensorArgument file = TensorArgument.parse(argument);
      if (file.isTensorFile()) {
        RawTensor tensor = file.read();
        String kind = tensor.type() == ElementType.BOOL ? "boolean" : "additive";
        return new AttendMask(
            fitted(argument, tensor, shape), kind + " mask " + argument + " " + tensor);
      }
    }
    return new AttendMask(new MaskTensor(MaskSource.read(argument), null), "mask " + argument);
  }

  /** A text that is an expression and a file name is the expression, as in other commands. */
  private static boolean isExpression(String text) {
    try {
      Mask.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static MaskTensor fitted(String source, RawTensor tensor, MaskShape shape) {
    try {
      return MaskTensor.of(tensor, shape);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
    }
  }

  /** As in {@code mask causal: 15 of 25 pairs (60 %)}. */
  String describe(BoundMask bound) {
    long pairs = bound.shape().cells();
    return String.format(
        Locale.ROOT,
        "%s: %,d of %,d pairs (%.3g %%)",
        words,
        bound.count(),
        pairs,
        100 * bound.density());
  }
}
