package dev.sightline.heads.internal.run;

import dev.sightline.data.Sample;
import java.util.List;

/**
 * A row of a data file that the model can be fed.
 *
 * @param name for people: its own id, or its line
 * @param read the tokens that its value is read from
 * @param remarks what is to be known of it, such as that it was cut
 */
public record HeadSample(
    String id,
    String name,
    Sample sample,
    TokenChoice.Read read,
    double weight,
    List<String> remarks) {
  int tokens() {
    return sample.length(0);
  }

  /** The number of positions that it needs in a batch. */
  int width() {
    return sample.placements().getFirst().map(Sample.Placement::width).orElse(tokens());
  }
}
