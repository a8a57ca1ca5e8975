package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "show ~ 0 ~ causal --q 3",
        "diff ~ 1 ~ causal full --q 3",
        "diff ~ 0 ~ causal causal --q 3",
        "check ~ 0 ~ causal",
        "check ~ 1 ~ none --q 4",
        "check ~ 1 ~ block-causal(000010) --prefix 3",
        "explain ~ 0 ~ causal 1 2",
        "equal ~ 0 ~ causal window(inf,0)",
        "equal ~ 1 ~ causal full",
        "convert ~ 0 ~ padding(3,2) --to lengths",
        "convert ~ 2 ~ causal --to bool --q 3",
        "convert ~ 2 ~ causal --to abacus --q 3",
        "convert ~ 2 ~ causal --q 3",
        "show ~ 0 ~ causal",
        "show ~ 2 ~ causal --q -1",
        "show ~ 2 ~ causal --q 3 --batch 1",
        "show ~ 2 ~ causal --q 3 --labels a,b",
        "show ~ 2 ~ causal --q many",
        "show ~ 2 ~ caus(al",
        "explain ~ 2 ~ causal 1 -2",
        "check ~ 2 ~ causal --prefix 99",
        "equal ~ 2 ~ causal",
        "show ~ 2 ~ full --q 1000000 --format bits"
      })
  void exitCode_saysFineFailedOrMisuse(String command, int code, String arguments) {
    Ran ran = Ran.run(("mask " + command + " " + arguments).split(" ", -1));
    assertThat(ran.exitCode()).as(ran.out() + ran.err()).isEqualTo(code);
    if (code == 2) {
      assertThat(ran.err()).startsWith("sightline: ").doesNotContain("internal error", "\tat ");
      assertThat(ran.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "causal ~ 8 ~ 8",
        "causal | window(0,1) ~ 8 ~ 8",
        "prefix(10) ~ 20 ~ 20",
        "per-batch(causal; full) ~ 8 ~ 8",
        "step(causal) ~ 8 ~ 8",
        "cached(1101; causal) ~ 8 ~ 12"
      })
  void show_withoutSizes_drawsAnExampleAndSaysItsSize(String mask, int queries, int keys) {
    Ran ran = Ran.run("mask", "show", mask);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err())
        .startsWith("drawn over " + queries + " x " + keys + " tokens, since the mask does not");
    assertThat(ran.out())
        .isEqualTo(Ran.run("mask", "show", mask, "--q", "" + queries, "--k", "" + keys).out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "documents(4,2) ~ 6 ~ 6",
        "documents(2,1; keys=4,3) ~ 7 ~ 7",
        "block-causal(000111) ~ 6 ~ 6",
        "groups(a(2) b(3); b sees a) ~ 5 ~ 5",
        "cached(1101; documents(2,1)) ~ 3 ~ 7",
        "padding(5,3) ~ 5 ~ 5"
      })
  void show_ofAMaskWithALength_drawsItAndSaysNothing(String mask, int queries, int keys) {
    Ran ran = Ran.run("mask", "show", mask, "--json");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).contains(",1," + queries + "," + keys + "]");
  }

  @Test
  void json_isWhatAProgramReads() {
    assertThat(Ran.run("mask", "show", "window(1,0)", "--q", "3", "--json").out())
        .startsWith(
            "{\"mask\":\"window(1,0)\",\"shape\":[1,1,3,3],\"batch\":0,\"head\":0,\"allowed\":5")
        .endsWith("\"rows\":[[[0,1]],[[0,2]],[[1,3]]]}\n");
    assertThat(Ran.run("mask", "diff", "causal", "full", "--q", "2", "--json").out())
        .isEqualTo(
            "{\"shape\":[1,1,2,2],\"onlyA\":0,\"onlyB\":1,\"cells\":[{\"batch\":0,\"head\":0,"
                + "\"query\":0,\"key\":1,\"allowedBy\":\"B\"}]}\n");
    assertThat(Ran.run("mask", "equal", "causal", "full", "--q", "2", "--json").out())
        .contains("\"equal\":false,\"cell\":{");
    assertThat(Ran.run("mask", "check", "none", "--q", "2", "--json").out())
        .contains("\"kind\":\"empty row\"");
    assertThat(Ran.run("mask", "explain", "causal", "0", "1", "--json").out())
        .contains("\"allowed\":false", "\"part\":\"causal\"");
  }

  @Test
  void npy_ofBooleansAndFloats_holdsEveryBatchRow() throws IOException {
    Path bool = folder.resolve("bool.npy");
    Ran ran = Ran.run("mask", "convert", "padding(1,2)", "--to", "bool", "-o", bool.toString());
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    byte[] bytes = Files.readAllBytes(bool);
    assertThat(new String(bytes, 0, 128, StandardCharsets.ISO_8859_1)).contains("(2, 1, 2, 2)");
    assertThat(bytes).hasSize(128 + 8).endsWith(1, 0, 0, 0, 1, 1, 1, 1);
    Path additive = folder.resolve("additive.npy");
    String[] convert = {
      "mask",
      "convert",
      "causal",
      "--q",
      "2",
      "--to",
      "additive",
      "--fill",
      "min",
      "-o",
      additive.toString()
    };
    assertThat(Ran.run(convert).exitCode()).isZero();
    assertThat(Files.readAllBytes(additive)).hasSize(128 + 16);
  }

  @Test
  void onnxGraph_isAModelWithTheInputsThatTheMaskNeeds() throws IOException {
    Path file = folder.resolve("mask.onnx");
    Ran ran =
        Ran.run(
            "mask",
            "convert",
            "causal & key-padding",
            "--to",
            "onnx-graph",
            "--fill",
            "min",
            "--type",
            "float16",
            "-o",
            file.toString());
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err())
        .contains(
            """
            inputs: query_length int64 [], attention_mask int64 [batch, keys]
            output: mask float16 [B, H, Lq, Lk]
            """);
    assertThat(Files.size(file)).isBetween(500L, 10_000L);
    assertThat(Ran.run("mask", "convert", "causal", "--to", "onnx-graph", "--cross").err())
        .contains("causal must say where its diagonal is");
    assertThat(Ran.run("mask", "convert", "causal", "--to", "onnx-graph", "--opset", "9").err())
        .contains("opset is 9");
  }

  @Test
  void pictures_areWrittenToFiles() throws IOException {
    Path png = folder.resolve("mask.png");
    assertThat(
            Ran.run("mask", "show", "causal", "--q", "9", "--format", "png", "-o", png.toString())
                .exitCode())
        .isZero();
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
    assertThat(Ran.run("mask", "show", "causal", "--q", "9", "--format", "svg").out())
        .startsWith("<svg ");
    Ran nowhere =
        Ran.run(
            "mask",
            "show",
            "causal",
            "--q",
            "9",
            "--format",
            "png",
            "-o",
            folder.resolve("no/x").toString());
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err()).contains("its folder does not exist");
  }

  @Test
  void pictures_areOfTheKindOfTheirFile() throws IOException {
    Path html = folder.resolve("m.html");
    String[] show = {"mask", "show", "causal", "--segments", "a=5,b=3", "-o", html.toString()};
    assertThat(Ran.run(show).exitCode()).isZero();
    assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>").contains(">5 b</text>");
    Path svg = folder.resolve("d.svg");
    Ran diff =
        Ran.run(
            "mask",
            "diff",
            "row-causal(001)",
            "block-causal(001)",
            "--segments",
            "p=2,s=1",
            "-o",
            svg.toString());
    assertThat(diff.exitCode()).isEqualTo(1);
    assertThat(diff.out()).startsWith("2 pairs differ");
    assertThat(Files.readString(svg))
        .startsWith("<svg ")
        .contains("A: row-causal(001)", ">2 s</text>");
    assertThat(Ran.run("mask", "diff", "causal", "full", "-o", "x.txt").err())
        .isEqualTo(
            "sightline: 'x.txt' is no picture; expected a file that ends with .svg, .png or"
                + " .html\n");
    assertThat(Ran.run("mask", "show", "causal", "--segments", "a=5").err())
        .contains("name 5 tokens, but the mask has 8 queries");
    assertThat(Ran.run("mask", "show", "causal", "--segments", "a=x").exitCode()).isEqualTo(2);
  }

  @Test
  void expressions_areReadFromFiles_andFilesThatAreNoTextAreRefused() throws IOException {
    Path file = folder.resolve("a.mask");
    Files.writeString(file, "causal # as usual\n& window(1,0)\n");
    assertThat(Ran.run("mask", "equal", file.toString(), "window(1,0)").exitCode()).isZero();
    Ran missing = Ran.run("mask", "show", folder.resolve("b.mask").toString(), "--q", "3");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).startsWith("sightline: there is no file ").contains("b.mask");
    Files.writeString(file, "causal &".repeat(1 << 17) + "full");
    assertThat(Ran.run("mask", "show", file.toString(), "--q", "3").exitCode()).isZero();
    Files.writeString(file, "causal\n& caus(al");
    Ran wrong = Ran.run("mask", "show", file.toString(), "--q", "3");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).startsWith("sightline: line 2, column 3: there is no mask 'caus'");
    Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
    Ran ran = Ran.run("mask", "show", file.toString(), "--q", "3");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("is no text in UTF-8");
  }

  @Test
  void help_ofEveryMaskCommand_exitsWithZero() {
    for (String command : new String[] {"show", "diff", "check", "explain", "convert", "equal"}) {
      Ran ran = Ran.run("mask", command, "--help");
      assertThat(ran.exitCode()).as(command).isZero();
      assertThat(ran.out()).contains("Usage: sightline mask " + command);
    }
    assertThat(Ran.run("mask").err()).contains("show, diff, check, explain, convert, equal");
  }
}
