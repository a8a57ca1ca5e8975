package dev.sightline.onnx;

import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.Collection;
import java.util.Map;

/**
 * A running model. It holds native memory until it is closed; one batch runs at a time on all
 * cores.
 */
public final class ModelSession implements AutoCloseable {
  private final RuntimeSession session;

  ModelSession(RuntimeSession session) {
    this.session = session;
  }

  /**
   * Returns the version of ONNX Runtime in use.
   *
   * @return a version such as {@code 1.29.0}
   */
  public static String runtimeVersion() {
    return RuntimeSession.runtimeVersion();
  }

  /**
   * Runs the model once.
   *
   * @param feed a tensor for every input, of any type whose values the input's type can hold
   * @param outputs the outputs to fetch, which must be of floating-point type
   * @return float32 tensors by output name, in the order asked for
   * @throws ModelException if the model refuses the inputs, does not finish in ten minutes, or is
   *     closed meanwhile
   * @throws IllegalStateException if the session is closed
   */
  public Map<String, FloatTensor> run(Map<String, RawTensor> feed, Collection<String> outputs)
      throws ModelException {
    return session.run(feed, outputs);
  }

  /**
   * Frees the native memory. A run that is going on is stopped, and waited for; closing twice does
   * nothing more.
   */
  @Override
  public void close() {
    session.close();
  }
}
