package dev.sightline.heads.internal.metric;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Optional;

/**
 * What the axes of an attention count, as the lengths of its probabilities tell. One run may have
 * equal lengths by chance; a reading must fit the lengths of all trials.
 *
 * @param pair queries and keys, if both are tokens of inputs
 * @param queries the tokens that its queries are; empty if they are no input's
 * @param keys the tokens that its keys are; empty if they are no input's
 * @param whyNoQueries why it is not known which queries are padding; empty if it is. Queries that
 *     are no input's tokens are never padding, as learned ones
 */
record SiteAxes(
    Optional<TokenAxis.Pair> pair,
    Optional<TokenAxis> queries,
    Optional<TokenAxis> keys,
    String whyNoQueries) {
  static final SiteAxes NONE =
      new SiteAxes(Optional.empty(), Optional.empty(), Optional.empty(), "");

  /** A metric counts the tokens of samples; those of a cache are in none. */
  private static final TokenAxis.Past PAST = TokenAxis.Past.NONE;

  /**
   * Reads the axes.
   *
   * @param trials what the model was fed, each time
   * @param shapes of the probabilities in each trial, {@code [B, H, Lq, Lk]}
   * @param masked whether an input says what is padding
   */
  static SiteAxes of(AttentionSite site, List<Batch> trials, List<Shape> shapes, boolean masked) {
    Batch first = trials.getFirst();
    Shape shape = shapes.getFirst();
    Optional<TokenAxis.Pair> pair =
        TokenAxis.Pair.of(
            first.joint(),
            site.source(),
            shape.dim(2),
            shape.dim(3),
            PAST,
            each ->
                fits(each.queries(), trials, shapes, 2) && fits(each.keys(), trials, shapes, 3));
    List<TokenAxis> queries = readings(trials, shapes, 2);
    Optional<TokenAxis> ofQueries = pair.map(TokenAxis.Pair::queries).or(() -> first(queries));
    Optional<TokenAxis> ofKeys =
        pair.map(TokenAxis.Pair::keys)
            .or(() ->
                Optional.of(readings(trials, shapes, 3))
                    .filter(SiteAxes::isClear)
                    .flatMap(SiteAxes::first));
    boolean ambiguous =
        pair.isPresent() ? pair.get().ambiguous() : !queries.isEmpty() && !isClear(queries);
    boolean varies =
        ofQueries.isEmpty() && shapes.stream().anyMatch(each -> each.dim(2) != shape.dim(2));
    String why = "";
    if (masked && ambiguous) {
      why =
          "its queries fit several inputs of one length, of which some may be padded;"
              + " give rows of other lengths too";
    } else if (masked && varies) {
      why = "its queries are no input's tokens, but as many as these have; some may be padding";
    }
    return new SiteAxes(pair, ofQueries, ofKeys, why);
  }

  /** Why its queries and keys are not both tokens of inputs. */
  String whyNoTokens() {
    return queries.isPresent()
        ? "its keys are not the tokens of inputs alone"
        : keys.isPresent()
            ? "its queries are no input's tokens"
            : "its queries and keys are no input's tokens";
  }

  private static List<TokenAxis> readings(List<Batch> trials, List<Shape> shapes, int axis) {
    return TokenAxis.readings(trials.getFirst().joint(), shapes.getFirst().dim(axis), PAST).stream()
        .filter(reading -> fits(reading, trials, shapes, axis))
        .toList();
  }

  private static boolean fits(TokenAxis reading, List<Batch> trials, List<Shape> shapes, int axis) {
    for (int i = 0; i < trials.size(); i++) {
      if (reading.length(trials.get(i).joint()) != shapes.get(i).dim(axis)) {
        return false;
      }
    }
    return true;
  }

  /** Fewer streams are preferred to more; is one reading preferred to all others? */
  private static boolean isClear(List<TokenAxis> readings) {
    return readings.size() == 1
        || (readings.size() > 1 && readings.get(0).parts() < readings.get(1).parts());
  }

  private static Optional<TokenAxis> first(List<TokenAxis> readings) {
    return readings.stream().findFirst();
  }
}
