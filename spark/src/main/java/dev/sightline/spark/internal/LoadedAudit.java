package dev.sightline.spark.internal;

import dev.sightline.audit.internal.probe.RowComparison;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.ModelSession;
import java.io.IOException;
import java.util.List;

/** A running model that is audited in an executor process; several tasks may use it. */
final class LoadedAudit implements AutoCloseable {
  private final AuditTask task;
  private final UnpackedModel unpacked;
  private final ModelSession session;
  private final List<Sample> probed;

  private LoadedAudit(AuditTask task, UnpackedModel unpacked) throws IOException {
    this.task = task;
    this.unpacked = unpacked;
    try (UnpackedModel.Borrowed borrowed = unpacked.borrow()) {
      this.probed =
          AuditRows.first(task, unpacked.model(), borrowed.tokenizer(), (line, row, reason) -> {});
    }
    this.session = unpacked.model().session();
  }

  /**
   * Unpacks the model that Spark brought to this process, and starts it.
   *
   * @param threads that the session runs on
   * @throws IOException if what arrived is not the model of the driver
   */
  static LoadedAudit load(AuditTask task, int threads) throws IOException {
    UnpackedModel unpacked = UnpackedModel.of(task.model(), threads);
    try {
      return new LoadedAudit(task, unpacked);
    } catch (IOException | RuntimeException e) {
      unpacked.close();
      throw e;
    }
  }

  UnpackedModel unpacked() {
    return unpacked;
  }

  /** Returns a comparison for one task, which draws the same tokens as any other begins with. */
  RowComparison comparison() throws IOException {
    long padId = task.model().padId();
    return RowComparison.of(
        unpacked.model(),
        session,
        probed,
        task.probed(),
        new RandomTokens(unpacked.model(), padId, task.seed()),
        Pooling.MEAN,
        padId);
  }

  @Override
  public void close() {
    session.close();
    unpacked.close();
  }
}
