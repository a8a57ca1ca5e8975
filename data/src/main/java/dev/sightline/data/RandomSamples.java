package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Draws samples for any model, so that it can be examined without a tokenizer and without data:
 * random ids, random vectors, and lengths of its own choice. Streams get different lengths where
 * the file leaves them free, since lengths tell streams apart inside a graph.
 */
final class RandomSamples {
  private static final int[] LENGTHS = {14, 11, 17, 9, 13, 7, 12, 10};

  private final Model model;
  private final RandomTokens tokens;

  /**
   * Prepares to draw samples.
   *
   * @param model reads the samples
   * @param tokens draws the ids and vectors, for the same model
   */
  RandomSamples(Model model, RandomTokens tokens) {
    this.model = model;
    this.tokens = tokens;
  }

  /**
   * Draws samples. A masked stream has all of its tokens, two thirds, half, and so on in turn, so
   * that a batch has padding; a stream without a mask is always full.
   *
   * @param count the number of samples
   * @return the samples
   * @throws ModelException if neither a range nor the model tells which ids there are
   */
  List<Sample> draw(int count) throws ModelException {
    int[] widths = widths(model);
    List<Sample> samples = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      List<Tokens> streams = new ArrayList<>();
      for (int s = 0; s < widths.length; s++) {
        TokenStream stream = model.roles().streams().get(s);
        int real = !stream.marksPadding() ? widths[s] : share(widths[s], n);
        streams.add(asText(stream, tokens.tokens(stream, real)));
      }
      samples.add(new Sample(n + 1, "random sample " + (n + 1), streams));
    }
    return samples;
  }

  /** With special ids where a tokenizer puts them: what begins a text, and what ends it. */
  private Tokens asText(TokenStream stream, Tokens tokens) {
    SpecialTokens special = model.specialTokens(stream);
    int known = model.vocabulary(stream).orElse(Integer.MAX_VALUE);
    List<Long> first = special.first().stream().filter(id -> id < known).toList();
    List<Long> last = special.last().stream().filter(id -> id < known).toList();
    if (!(tokens instanceof TokenizedText text) || last.size() > text.length()) {
      return tokens;
    }
    long[] ids = text.ids();
    for (int i = 0; i < first.size() && i < ids.length - last.size(); i++) {
      ids[i] = first.get(i);
    }
    for (int i = 0; i < last.size(); i++) {
      ids[ids.length - last.size() + i] = last.get(i);
    }
    TokenizedText formed = text.withIds(ids);
    return special.all().isEmpty() ? formed : formed.withSpecial(special.all());
  }

  private static int share(int width, int sample) {
    int share =
        switch (sample % 3) {
          case 0 -> width;
          case 1 -> width * 2 / 3;
          default -> width / 2;
        };
    return Math.max(1, share);
  }

  /** Returns the number of tokens of each stream: what the file fixes, else one of its own. */
  static int[] widths(Model model) {
    List<TokenStream> streams = model.roles().streams();
    int[] widths = new int[streams.size()];
    Set<Integer> taken = new HashSet<>();
    for (int s = 0; s < widths.length; s++) {
      widths[s] = streams.get(s).fixedLength().orElse(0);
      taken.add(widths[s]);
    }
    for (int s = 0; s < widths.length; s++) {
      if (widths[s] == 0) {
        int most = model.maxTokens(streams.get(s)).orElse(Integer.MAX_VALUE);
        int least = model.leastTokens(streams.get(s)).orElse(1);
        widths[s] =
            IntStream.concat(IntStream.of(LENGTHS), IntStream.iterate(14, n -> n + 1).limit(100))
                .map(length -> least > 1 ? least + length : length)
                .filter(length -> length <= most && !taken.contains(length))
                .findFirst()
                .orElse(Math.min(most, LENGTHS[0]));
        taken.add(widths[s]);
      }
    }
    return widths;
  }
}
