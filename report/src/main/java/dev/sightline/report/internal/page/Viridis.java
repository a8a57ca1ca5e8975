package dev.sightline.report.internal.page;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The colour scale viridis (van der Walt and Smith, 2015). It is perceptually uniform, readable for
 * colour-blind people and in greyscale. It is the same on light and dark pages.
 */
public final class Viridis {
  /** Colours at equal distances from low to high; others are interpolated. */
  private static final int[] ANCHORS = {
    0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
    0xfde725
  };

  private Viridis() {}

  /** Returns the colour at a position between 0 and 1, as in {@code #1f9e89}. */
  public static String at(double place) {
    double x = Math.clamp(place, 0.0, 1.0) * (ANCHORS.length - 1);
    int below = Math.min((int) x, ANCHORS.length - 2);
    double part = x - below;
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = (ANCHORS[below] >> shift) & 0xff;
      int to = (ANCHORS[below + 1] >> shift) & 0xff;
      colour = colour << 8 | (int) Math.round(from + part * (to - from));
    }
    return String.format(Locale.ROOT, "#%06x", colour);
  }

  public static List<String> anchors() {
    return IntStream.range(0, ANCHORS.length)
        .mapToObj(i -> at(i / (ANCHORS.length - 1.0)))
        .toList();
  }
}
