package dev.sightline.lab.internal.policy;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The keys and values of the tokens so far, for each layer; not changed by what is added. */
final class KeyValues {
  private final List<Tensor> keys;
  private final List<Tensor> values;

  private KeyValues(List<Tensor> keys, List<Tensor> values) {
    this.keys = keys;
    this.values = values;
  }

  static KeyValues none() {
    return new KeyValues(new ArrayList<>(), new ArrayList<>());
  }

  int layers() {
    return keys.size();
  }

  /** {@return a layer's keys, {@code [B, H, L, D]}} */
  Tensor keys(int layer) {
    return keys.get(layer);
  }

  /** {@return a layer's values, {@code [B, H, L, D]}} */
  Tensor values(int layer) {
    return values.get(layer);
  }

  /** {@return this layer's keys with new ones behind them, {@code [B, H, L, D]}} */
  Tensor keys(int layer, Tensor more) {
    return joined(keys, layer, more);
  }

  /** {@return this layer's values with new ones behind them, {@code [B, H, L, D]}} */
  Tensor values(int layer, Tensor more) {
    return joined(values, layer, more);
  }

  private static Tensor joined(List<Tensor> kept, int layer, Tensor more) {
    return kept.isEmpty() ? more : torch.cat(new TensorVector(kept.get(layer), more), 2);
  }

  /** Keeps the next layer's keys and values. */
  void keep(Tensor layerKeys, Tensor layerValues) {
    keys.add(layerKeys);
    values.add(layerValues);
  }
}
