package dev.sightline.cli;

import dev.sightline.data.MaskPolarity;
import dev.sightline.onnx.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that feeds texts or ids to a model: what its inputs mean. */
final class ModelOptions {
  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer.json of a .onnx file, if it is not beside it.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--pad-id",
      paramLabel = "ID",
      description = "The id of padding. Default: the tokenizer's or the graph's own, else 0.")
  private @Nullable Long padId;

  @Option(
      names = "--mask-polarity",
      paramLabel = "WHICH",
      description =
          "What the mask input means: 1-is-token, or 1-is-padding as in PyTorch's"
              + " key_padding_mask. Default: found by experiment.")
  private @Nullable String polarity;

  @Nullable Path tokenizer() {
    return tokenizer;
  }

  /** The id that was given, else that of the model. */
  long padId(LoadedModel loaded) {
    return padId == null ? loaded.padId() : padId;
  }

  /** The id as it was given; null if it was not. */
  @Nullable Long padId() {
    return padId;
  }

  /**
   * What the mask means, if that was given.
   *
   * @throws IllegalArgumentException if it is no polarity
   */
  Optional<MaskPolarity> polarity() {
    return Optional.ofNullable(polarity).map(MaskPolarity::parse);
  }

  /** The polarity as it was given; null if it was not. */
  @Nullable String polarityText() {
    return polarity;
  }
}
