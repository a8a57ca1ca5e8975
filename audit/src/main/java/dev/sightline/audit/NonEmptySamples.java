package dev.sightline.audit;

import dev.sightline.data.Sample;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Samples but those with an input that has no token, such as one whose mask is all 0. */
final class NonEmptySamples implements Iterator<Sample> {
  private final Iterator<Sample> source;
  private final Consumer<String> notes;
  private @Nullable Sample next;

  /**
   * Passes samples over as they are read.
   *
   * @param notes told of each that was passed over
   */
  NonEmptySamples(Iterator<Sample> source, Consumer<String> notes) {
    this.source = source;
    this.notes = notes;
  }

  @Override
  public boolean hasNext() {
    while (next == null && source.hasNext()) {
      Sample sample = source.next();
      if (sample.streams().stream().allMatch(tokens -> tokens.length() > 0)) {
        next = sample;
      } else {
        notes.accept("sample " + sample.number() + " has no token and was passed over");
      }
    }
    return next != null;
  }

  @Override
  public Sample next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there are no more samples");
    }
    Sample sample = Objects.requireNonNull(next);
    next = null;
    return sample;
  }
}
