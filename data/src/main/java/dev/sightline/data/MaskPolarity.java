package dev.sightline.data;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which value of a mask input means padding. */
public enum MaskPolarity {
  /** 1 at real tokens and 0 at padding, as Hugging Face's attention_mask. */
  ONE_IS_TOKEN,
  /** 1, or true, at padding and 0 at real tokens, as PyTorch's key_padding_mask. */
  ONE_IS_PADDING;

  /**
   * Names the polarity as the command line does.
   *
   * @return a name such as {@code 1-is-padding}
   */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace("one", "1").replace('_', '-');
  }

  /**
   * Finds the polarity of a name.
   *
   * @param id as {@link #id} gives it
   * @return the polarity
   * @throws IllegalArgumentException if there is none of that name
   */
  public static MaskPolarity parse(String id) {
    return Stream.of(values())
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'"
                    + id
                    + "' is no polarity of a mask; expected "
                    + Stream.of(values())
                        .map(MaskPolarity::id)
                        .collect(Collectors.joining(" or "))));
  }
}
