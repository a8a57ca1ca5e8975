package dev.sightline.fuzz;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSyntaxException;
import dev.sightline.mask.Runs;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Texts of masks: one that is parsed writes itself as a text that gives an equal mask, and its
 * rows, its cells and its numbers agree; any other is refused with a message of a few lines.
 */
class MaskTextFuzzTest implements Target {
  private static final int LONGEST_MESSAGE = 2000;
  private static final int LARGEST = 3000;
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");

  private static final List<String> MASKS =
      List.of(
          "causal",
          "full",
          "none",
          "causal(offset=1,2)",
          "window(2,0)",
          "window(inf,3; bottom-right)",
          "chunk(3; left-padding=4)",
          "prefix(4,2; bottom-right)",
          "padding(5,6; side=left)",
          "padding(110111)",
          "key-padding(4)",
          "query-padding(101)",
          "documents(2,1; keys=4,3)",
          "documents(ids=7,7,2)",
          "block-causal(000111)",
          "islands(0,1,1,0)",
          "dilated(2)",
          "global(0,7)",
          "shared-prefix(4; 3,3)",
          "tree(-1,0,1,0)",
          "groups(image(2) language(1) flow(3); image language see image language)",
          "dense(110/111)",
          "rows(9; 0..2, 4 / -)",
          "step(causal)",
          "cached(1101; causal)",
          "per-batch(causal; full)",
          "per-head(causal; window(2,0))",
          "(causal & documents(4,3)) | global(0)",
          "!causal - padding(3)",
          "pi05-subtask(images=3, language=2, subtask=2, actions=3)",
          "smolvla(images=3,language=2,actions=3)",
          "groot-n1(future=2, actions=3, keys=4)");

  private static final List<String> WORDS =
      List.of(
          "(",
          ")",
          "&",
          "|",
          "!",
          "-",
          ";",
          ",",
          "=",
          "..",
          "/",
          "inf",
          "0",
          "1",
          "-1",
          "1073741824",
          "2147483648",
          "99999999999",
          "side=left",
          "lengths=",
          "keys=",
          "ids=",
          "offset=",
          "top-left",
          "#",
          "\n",
          "\u0000",
          "\u00e9",
          "\ud83d\ude00",
          "see",
          "\u0663",
          "\u2028",
          "per-head(",
          "step(",
          "!(",
          "causal",
          "window",
          "documents",
          "tree",
          "groups");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "-1",
          "7",
          "64",
          "1000",
          "100000",
          "16777216",
          "1073741824",
          "-1073741824",
          "inf",
          "999999999");

  @Test
  void texts() throws Exception {
    Fuzzing.run("mask-text", this);
  }

  @Override
  public String file(byte[] input) {
    return "a.mask";
  }

  @Override
  public byte[] make(Random random) {
    String text = Mutations.pick(MASKS, random);
    if (random.nextInt(3) == 0) {
      text += Mutations.pick(List.of(" & ", " | ", " - "), random) + Mutations.pick(MASKS, random);
    }
    if (random.nextInt(3) == 0) {
      text = withOtherNumber(text, random);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return random.nextInt(8) == 0 ? bytes : Mutations.of(bytes, WORDS, random);
  }

  private static String withOtherNumber(String text, Random random) {
    List<MatchResult> numbers = NUMBER.matcher(text).results().toList();
    if (numbers.isEmpty()) {
      return text;
    }
    MatchResult one = Mutations.pick(numbers, random);
    return text.substring(0, one.start())
        + Mutations.pick(NUMBERS, random)
        + text.substring(one.end());
  }

  @Override
  public String run(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    Mask mask;
    try {
      mask = Mask.parse(text);
    } catch (MaskSyntaxException e) {
      Fuzzing.requireShort(e, LONGEST_MESSAGE);
      return "refused";
    }
    require(Mask.parse(mask.toString()).equals(mask), "it does not write itself");
    int length = Math.min(mask.sampleLength(), LARGEST);
    boolean bound = false;
    for (int[] size : new int[][] {{length, length}, {3, 5}, {1, 1}}) {
      try {
        check(mask.over(size[0], size[1]));
        bound = true;
      } catch (IllegalArgumentException e) {
        Fuzzing.requireShort(e, LONGEST_MESSAGE);
      }
    }
    return bound ? "bound" : "parsed";
  }

  private static void check(BoundMask mask) {
    double density = mask.density();
    require(density >= 0 && density <= 1, "its density is " + density);
    require(mask.differenceFrom(mask).isEmpty(), "it differs from itself");
    require(!mask.fingerprint().isEmpty(), "it has no fingerprint");
    int queries = Math.min(20, mask.shape().queries());
    int keys = Math.min(40, mask.shape().keys());
    for (int query = 0; query < queries; query++) {
      Runs row = mask.row(0, 0, query);
      for (int key = 0; key < keys; key++) {
        require(
            mask.allowed(0, 0, query, key) == row.contains(key),
            "a row and a cell differ at " + query + ", " + key);
      }
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
