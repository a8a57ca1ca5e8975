package dev.sightline.junit;

import java.nio.file.Path;

/** Where assertions about models begin; import its methods statically. */
public final class SightlineAssertions {
  private SightlineAssertions() {}

  /**
   * Begins assertions about a model. It is opened by the first assertion, and closed again.
   *
   * @param model a .onnx file, a folder with one, or a .jar with one; a tokenizer.json beside it is
   *     used
   * @return the assertions
   */
  public static ModelAssert assertThatModel(Path model) {
    return new ModelAssert(model);
  }

  /**
   * Returns a limit for {@link ModelAssert#keepsEmbeddings}.
   *
   * @param cosine the lowest cosine that is accepted, more than 0 and at most 1
   * @return the limit
   * @throws IllegalArgumentException if it is not in that range
   */
  public static CosineLimit atLeastCosine(double cosine) {
    return new CosineLimit(cosine);
  }
}
