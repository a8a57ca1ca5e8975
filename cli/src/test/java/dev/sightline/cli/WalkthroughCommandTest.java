package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalkthroughCommandTest {
  @TempDir private Path folder;

  @Test
  void withoutAText_theCatAndThePaddedHorseAreShown() {
    Ran ran = Ran.run("walkthrough");
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .startsWith("The cat sat on the mat\n")
        .contains("9 What -1e9 does", "\nThe horse ran quickly [PAD]\n", "mask: padding");
  }

  @Test
  void ownText_withPaddingAndAMask_isOnThePage() throws IOException {
    Path page = folder.resolve("w.html");
    Ran ran =
        Ran.run(
            "walkthrough", "One two", "--pad", "2", "--mask", "window(1,0)", "--out", "" + page);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(Files.readString(page))
        .contains("One two [PAD] [PAD]", "mask: padding", "mask: window(1,0)")
        .doesNotContain("horse");
  }

  /** The numbers of the model's own run are met by those that the kernels compute again. */
  @ParameterizedTest
  @CsvSource({"tiny-gpt, 2, 3, 0, causal", "minilm-int8, 5, 11, 2, padding"})
  void headOfAModel_isMetByTheKernels(String model, int layer, int head, int padding, String mask) {
    Ran ran =
        Ran.run(
            "walkthrough",
            "The horse ran quickly",
            "--model",
            model,
            "--layer",
            "" + layer,
            "--head",
            "" + head,
            "--pad",
            "" + padding);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(", " + model + ", layer " + layer + ", head " + head + "\n")
        .containsPattern(
            "closest to those above under mask: "
                + mask
                + "; the largest difference is \\d[.]\\de-0[678]");
  }

  @Test
  void headsThatAreNotThere_areRefused() {
    assertThat(Ran.run("walkthrough", "a", "--model", "tiny-gpt", "--layer", "4").err())
        .isEqualTo("sightline: 'tiny-gpt' has layers 0 to 3, but --layer is 4\n");
    assertThat(Ran.run("walkthrough", "a", "--head", "1").exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a~--pad~-1",
        "a~--pad~40",
        " ",
        "a b~--mask~caus(al",
        "a b~--mask~documents(5,4)",
        "a b~--mask~padding(1,2)",
        "a~--step~--out~x.html"
      })
  void misuse_isOneMessage(String arguments) {
    Ran ran = Ran.run(("walkthrough~" + arguments).split("~", -1));
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("sightline: ").doesNotContain("internal error", "\tat ");
  }
}
