package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.policy.Language.Encoded;
import dev.sightline.onnx.inventory.ModelException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Hidden states of texts, computed when the first text of a group is asked for. The groups are
 * always the same: an encoder with 8-bit weights gives a text other states beside other texts.
 */
final class EncodedTexts {
  private static final int GROUP = 32;

  private final Language language;
  private final List<String> texts;
  private final int tokens;
  private final Encoded[] encoded;

  /** Of these texts, each padded to as many tokens. */
  EncodedTexts(Language language, List<String> texts, int tokens) {
    this.language = language;
    this.texts = List.copyOf(texts);
    this.tokens = tokens;
    this.encoded = new Encoded[texts.size()];
  }

  int size() {
    return texts.size();
  }

  Encoded get(int number) {
    if (encoded[number] == null) {
      int from = number / GROUP * GROUP;
      int to = Math.min(from + GROUP, texts.size());
      try {
        List<Encoded> group = language.encode(texts.subList(from, to), tokens);
        for (int i = from; i < to; i++) {
          encoded[i] = group.get(i - from);
        }
      } catch (ModelException e) {
        throw new UncheckedIOException(e);
      }
    }
    return encoded[number];
  }
}
