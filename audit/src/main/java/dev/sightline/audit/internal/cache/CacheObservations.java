package dev.sightline.audit.internal.cache;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Output;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.data.Padding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of a decoder that ran in steps, before anybody judges it.
 *
 * @param stream index of the stream whose tokens are cached
 * @param whyNot why the steps could not be run; empty if they were
 * @param side where the padding of the cached tokens was
 * @param byLengths whether the model counts the keys of a row instead of reading a mask
 * @param masked whether the cache had padding; not where the model takes no mask over it
 * @param chunks whether a step of several tokens was run too
 * @param joint steps against one run over all tokens
 * @param padded steps after a padded beginning against steps after one without padding
 * @param content other keys and values in the cache of padding
 * @param control other keys and values in the cache of real tokens, which must show
 * @param batch a sample alone against the same in a batch
 * @param neighbour other keys and values in the cache of the other rows
 * @param leaks where a step attends to the cache of padding
 */
public record CacheObservations(
    int stream,
    String whyNot,
    Padding side,
    boolean byLengths,
    boolean masked,
    boolean chunks,
    OutputDelta joint,
    OutputDelta padded,
    OutputDelta content,
    OutputDelta control,
    OutputDelta batch,
    OutputDelta neighbour,
    Leaks leaks) {

  /** Looks inside a step, when a verdict needs it. */
  @FunctionalInterface
  public interface Leaks {
    /** Returns the first attention on padding; null if none does or can be read. */
    @Nullable Leak of(Difference difference);
  }

  /** Nothing was seen, for a reason. */
  static CacheObservations none(String whyNot) {
    List<Output> no = List.of();
    return new CacheObservations(
        0,
        whyNot,
        Padding.LEFT,
        false,
        false,
        false,
        new OutputDelta(0, no),
        new OutputDelta(0, no),
        new OutputDelta(0, no),
        new OutputDelta(0, no),
        new OutputDelta(0, no),
        new OutputDelta(0, no),
        difference -> null);
  }
}
