package dev.sightline.audit;

import dev.sightline.audit.internal.probe.SessionOpening;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The sessions of an audit. One thread opens them one after the other in the order of their use,
 * while the first batches run, which are too small for all cores.
 *
 * @param plain the model as it is
 * @param tapped with its attentions as outputs
 * @param singleNodes the model run node by node
 */
record Sessions(
    ExecutorService thread,
    SessionOpening<ModelSession> plain,
    SessionOpening<ModelSession> tapped,
    SessionOpening<RuntimeSession> singleNodes)
    implements AutoCloseable {

  static Sessions open(Model model) {
    ParsedModel parsed = ParsedModel.of(model);
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("session-opening").factory());
    return new Sessions(
        thread,
        SessionOpening.start(thread, model::session),
        SessionOpening.start(thread, () -> TappedModel.session(model)),
        SessionOpening.start(
            thread, () -> RuntimeSession.start(parsed, parsed.proto(), Use.UNFUSED)));
  }

  @Override
  public void close() throws ModelException {
    plain.cancel();
    tapped.cancel();
    singleNodes.cancel();
    thread.close();
    if (singleNodes.isOpened()) {
      singleNodes.session().close();
    }
    if (tapped.isOpened()) {
      tapped.session().close();
    }
    if (plain.isOpened()) {
      plain.session().close();
    }
  }
}
