package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import java.io.Serializable;
import java.util.List;

/**
 * What every task of an audit is told.
 *
 * @param rows what the rows are
 * @param maxTokens 0 for what the model takes
 * @param seed of all that is drawn at random
 * @param strict whether an unusable row is a failure
 * @param probed how many rows go through all probes
 * @param trial the first rows of the data set, those that are probed among them
 */
public record AuditTask(
    SentModel model,
    RowForm rows,
    int maxTokens,
    long seed,
    boolean strict,
    int probed,
    List<NumberedText> trial)
    implements Serializable {

  AuditTask with(List<NumberedText> first) {
    return new AuditTask(model, rows, maxTokens, seed, strict, probed, first);
  }
}
