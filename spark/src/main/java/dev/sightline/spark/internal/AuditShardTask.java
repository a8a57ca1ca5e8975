package dev.sightline.spark.internal;

import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.RowComparison;
import dev.sightline.audit.internal.probe.RowComparison.RowDifference;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.LongAccumulator;

/**
 * Compares each row of one partition alone against in a batch. What it returns follows from the
 * rows and their order alone, so that a task that is retried or speculated returns the same.
 */
public final class AuditShardTask implements FlatMapFunction<Iterator<NumberedText>, RowFinding> {
  private static final long serialVersionUID = 1L;

  private final AuditTask task;
  private final LongAccumulator compared;
  private final LongAccumulator skipped;

  /**
   * A task for each partition.
   *
   * @param compared counts the rows that were compared
   * @param skipped counts the rows that were passed over
   */
  public AuditShardTask(AuditTask task, LongAccumulator compared, LongAccumulator skipped) {
    this.task = task;
    this.compared = compared;
    this.skipped = skipped;
  }

  @Override
  public Iterator<RowFinding> call(Iterator<NumberedText> rows) throws IOException {
    if (!rows.hasNext()) {
      return List.<RowFinding>of().iterator();
    }
    TaskContext context = TaskContext.get();
    int shard = context.partitionId();
    List<RowFinding> findings = new ArrayList<>();
    int number = 0;
    try (SharedModels.Use<LoadedAudit> use =
            SharedModels.ofProcess().use(task, () -> LoadedAudit.load(task, context.cpus()));
        UnpackedModel.Borrowed borrowed = use.model().unpacked().borrow();
        AuditRows samples =
            new AuditRows(
                task,
                rows,
                use.model().unpacked().model(),
                borrowed.tokenizer(),
                (line, row, reason) -> findings.add(RowFinding.passed(row, line, reason)))) {
      RowComparison comparison = use.model().comparison();
      Batches batches = comparison.batches(samples);
      for (List<Sample> batch = batches.next(); !batch.isEmpty(); batch = batches.next()) {
        context.killTaskIfInterrupted();
        RowFinding.Batch at = new RowFinding.Batch(shard, ++number);
        compare(comparison, batches, batch, at, samples, findings);
      }
    }
    long passed = findings.stream().filter(each -> each.reason() != null).count();
    skipped.add(passed);
    compared.add(findings.size() - passed);
    return findings.iterator();
  }

  /** Of a batch that the model refuses, the rows are compared one by one, to name the one. */
  private static void compare(
      RowComparison comparison,
      Batches batches,
      List<Sample> batch,
      RowFinding.Batch at,
      AuditRows samples,
      List<RowFinding> findings) {
    List<RowDifference> differences;
    try {
      differences = comparison.compare(batches, batch);
    } catch (ModelException e) {
      if (batch.size() > 1) {
        batch.forEach(one -> compare(comparison, batches, List.of(one), at, samples, findings));
      } else {
        String row = Objects.requireNonNull(samples.takeName(batch.getFirst()));
        findings.add(
            RowFinding.passed(
                row, batch.getFirst().number(), "the model refuses it: " + e.getMessage()));
      }
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      String row = samples.takeName(batch.get(i));
      if (row != null) { // else it fills up a fixed number of rows
        findings.add(RowFinding.compared(row, batch.get(i), at, differences.get(i)));
      }
    }
  }
}
