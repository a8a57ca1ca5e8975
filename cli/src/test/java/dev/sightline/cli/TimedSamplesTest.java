package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimedSamplesTest {
  private final List<Sample> three = List.of(sample(1), sample(2), sample(3));

  private static Sample sample(long number) {
    return new Sample(number, "text " + number, List.of());
  }

  private static List<Sample> taken(TimedSamples timed) {
    List<Sample> taken = new ArrayList<>();
    timed.forEach(taken::add);
    return taken;
  }

  @Test
  void whatIsNotLate_isGivenAsItIs() {
    TimedSamples timed = new TimedSamples(three, () -> false);
    timed.done(1);

    assertThat(taken(timed)).isEqualTo(three);
    assertThat(timed.stopped()).isEmpty();
  }

  /** Before a sample gave its results there is nothing to conclude from. */
  @Test
  void late_endsSamples_onceSomeGaveResults() {
    TimedSamples timed = new TimedSamples(three, () -> true);
    Iterator<Sample> each = timed.iterator();
    assertThat(each.next()).isEqualTo(three.get(0));
    assertThat(each.hasNext()).isTrue();
    timed.done(1);

    assertThatThrownBy(each::hasNext).isInstanceOf(UncheckedIOException.class);
    assertThat(timed.stopped())
        .contains(
            "stopped after text 1: most of the time limit was over; --time-limit allows more");
  }

  @Test
  void late_afterTheLast_endsNothing() {
    TimedSamples timed = new TimedSamples(List.of(), () -> true);
    timed.done(3);

    assertThat(timed.iterator().hasNext()).isFalse();
    assertThat(timed.stopped()).isEmpty();
  }

  @Test
  void sourceThatBreaks_isTheReason() {
    UncheckedIOException broken = new UncheckedIOException(new IOException("the disk is gone"));
    TimedSamples timed =
        new TimedSamples(
            () ->
                new Iterator<>() {
                  @Override
                  public boolean hasNext() {
                    throw broken;
                  }

                  @Override
                  public Sample next() {
                    throw broken;
                  }
                },
            () -> false);
    timed.done(8);

    assertThatThrownBy(() -> timed.iterator().hasNext()).hasRootCause(broken.getCause());
    assertThat(timed.stopped()).contains("stopped after text 8: the disk is gone");
  }
}
