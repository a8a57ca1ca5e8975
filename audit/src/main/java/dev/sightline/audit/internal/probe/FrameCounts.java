package dev.sightline.audit.internal.probe;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many positions an output has for a number of tokens, where a model joins several tokens into
 * one, as the convolutions of a speech encoder do. The rule is the model's own and cannot be read
 * off two lengths, so only lengths that were seen without padding are known.
 */
final class FrameCounts {
  /** Of an output with one position for each token. */
  static final FrameCounts ONE_PER_TOKEN = new FrameCounts();

  private final Map<Integer, Integer> frames = new ConcurrentHashMap<>();

  /** Records what an unpadded sample gave. */
  void learn(int tokens, int count) {
    frames.put(tokens, count);
  }

  /** Returns the number of positions, 0 if the length was not seen. */
  int of(int tokens) {
    return frames.getOrDefault(tokens, 0);
  }
}
