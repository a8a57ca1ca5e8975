package dev.sightline.audit.internal.probe;

import dev.sightline.data.Batch;
import dev.sightline.onnx.inventory.ModelInputs;
import java.util.Optional;

/**
 * Which tokens the queries or the keys of an attention are: those of one stream, of several streams
 * one after the other, or of a cache and the streams behind it.
 *
 * @param cached keys of a cache, which come first and are never padding
 * @param first index of the first stream
 * @param last index of the last stream
 */
public record Axis(int cached, int first, int last) {
  /**
   * The tokens that make up an axis of this length in a batch whose streams have different widths.
   *
   * @param preferred the stream to take if there is a choice; -1 for none
   */
  static Optional<Axis> of(int length, Batch batch, ModelInputs inputs, int preferred) {
    if (preferred >= 0 && batch.width(preferred) == length) {
      return Optional.of(new Axis(0, preferred, preferred));
    }
    int streams = inputs.streams().size();
    for (int span = 1; span <= streams; span++) {
      for (int first = 0; first + span <= streams; first++) {
        if (width(batch, first, first + span - 1) == length) {
          return Optional.of(new Axis(0, first, first + span - 1));
        }
      }
    }
    int all = streams == 0 ? 0 : width(batch, 0, streams - 1);
    return streams > 0 && !inputs.others().isEmpty() && all < length
        ? Optional.of(new Axis(length - all, 0, streams - 1))
        : Optional.empty();
  }

  private static int width(Batch batch, int first, int last) {
    int width = 0;
    for (int s = first; s <= last; s++) {
      width += batch.width(s);
    }
    return width;
  }

  /** The length of the axis in a batch. */
  int length(Batch batch) {
    return cached + width(batch, first, last);
  }

  /** Whether a token stands at a place of the axis, not padding. */
  public boolean isReal(Batch batch, int row, int at) {
    int slot = at - cached;
    if (slot < 0) {
      return true;
    }
    int stream = first;
    while (slot >= batch.width(stream)) {
      slot -= batch.width(stream++);
    }
    return batch.isReal(stream, row, slot);
  }

  /** Whether all of it is one stream. */
  public boolean isStream(int stream) {
    return cached == 0 && first == stream && last == stream;
  }
}
