package dev.sightline.cli;

import dev.sightline.data.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Samples that end with an error when most of a command's time is over, so that what is left of it
 * is enough to conclude from those before. Keeps why they ended early, be it time or their source.
 * Owned by one thread.
 */
final class TimedSamples implements Iterable<Sample> {
  private final Iterable<Sample> samples;
  private final BooleanSupplier late;
  private long done;
  private @Nullable String stopped; // the reason

  /**
   * Wraps samples.
   *
   * @param late whether no further samples should be taken
   */
  TimedSamples(Iterable<Sample> samples, BooleanSupplier late) {
    this.samples = samples;
    this.late = late;
  }

  /** Sets how many samples have given their results. While there are none, time ends nothing. */
  void done(long number) {
    done = number;
  }

  /** Returns why not all samples were taken, as in {@code stopped after text 8: ...}. */
  Optional<String> stopped() {
    return Optional.ofNullable(stopped).map(reason -> "stopped after text " + done + ": " + reason);
  }

  @Override
  public Iterator<Sample> iterator() {
    Iterator<Sample> source = samples.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        boolean more;
        try {
          more = source.hasNext();
        } catch (UncheckedIOException e) {
          throw stop(Objects.requireNonNull(e.getCause(), "of an UncheckedIOException"));
        }
        if (more && done > 0 && late.getAsBoolean()) {
          throw stop(new IOException("most of the time limit was over; --time-limit allows more"));
        }
        return more;
      }

      @Override
      public Sample next() {
        return source.next();
      }
    };
  }

  private UncheckedIOException stop(IOException reason) {
    stopped = reason.getMessage();
    return new UncheckedIOException(reason);
  }
}
