package dev.sightline.lab.internal.network;

import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.Provider;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention whose two passes run on Sightline's kernels, within LibTorch's autograd.
 *
 * <p>LibTorch's Java form has no autograd functions of one's own, but hooks, which replace a
 * gradient on its way back. So the graph that LibTorch sees is
 *
 * <pre>
 * joined = cat(q, k, v, zeros)        [size of q + size of k + size of v + size of the output]
 * output = computed + joined[the zeros]
 * </pre>
 *
 * <p>where {@code computed} comes from the kernels and has no graph. The gradient of {@code joined}
 * is that of the output, behind zeros for q, k and v; a hook on {@code joined} computes theirs and
 * puts them there, and the graph of {@code cat} hands each its part.
 */
public final class SightlineAttention implements ScaledDotProduct {
  private final Provider provider;

  /** With one of Sightline's kernels. */
  public SightlineAttention(Provider provider) {
    this.provider = provider;
  }

  @Override
  public Tensor of(Tensor q, Tensor k, Tensor v, Tensor mask) {
    AttentionShape shape =
        new AttentionShape(
            (int) q.size(0),
            (int) q.size(1),
            (int) k.size(1),
            (int) q.size(2),
            (int) k.size(2),
            (int) q.size(3),
            (int) v.size(3));
    AttentionPlan plan =
        dev.sightline.attention.Attention.under(mask(mask, shape))
            .provider(provider)
            .threads(1)
            .plan(shape);
    long[] sizes = {shape.batch(), shape.queryHeads(), shape.queries(), shape.valueHeadSize()};
    float[] output = new float[size(sizes)];
    AttentionCall call =
        AttentionCall.of(Torch.floats(q), Torch.floats(k), Torch.floats(v), output)
            .withLogSumExp(new float[shape.batch() * shape.queryHeads() * shape.queries()]);
    plan.run(call);
    Tensor computed = Tensor.create(output, sizes);
    Tensor zeros = torch.zeros(output.length);
    Tensor joined =
        torch.cat(new TensorVector(q.reshape(-1), k.reshape(-1), v.reshape(-1), zeros), 0);
    if (!joined.requires_grad()) {
      plan.close();
      return computed;
    }
    int[] parts = {(int) q.numel(), (int) k.numel(), (int) v.numel(), output.length};
    joined.register_hook(new Backward(plan, call, parts));
    return computed.add(
        joined.narrow(0, joined.numel() - output.length, output.length).view(sizes));
  }

  private static int size(long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return Math.toIntExact(size);
  }

  /** Puts the gradients of q, k and v before that of the output. */
  private static final class Backward extends TensorTensorHook {
    private final AttentionPlan plan;
    private final AttentionCall call;

    /** The numbers of q, k, v and the output. */
    private final int[] parts;

    Backward(AttentionPlan plan, AttentionCall call, int[] parts) {
      this.plan = plan;
      this.call = call;
      this.parts = parts;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      float[] joined = Torch.floats(new Tensor(gradient));
      float[] queries = new float[parts[0]];
      float[] keys = new float[parts[1]];
      float[] values = new float[parts[2]];
      float[] outputGradient = Arrays.copyOfRange(joined, joined.length - parts[3], joined.length);
      plan.gradients(call, outputGradient, queries, keys, values);
      System.arraycopy(queries, 0, joined, 0, queries.length);
      System.arraycopy(keys, 0, joined, queries.length, keys.length);
      System.arraycopy(values, 0, joined, queries.length + keys.length, values.length);
      return Tensor.create(joined, joined.length);
    }
  }

  private static Mask mask(Tensor mask, AttentionShape shape) {
    int batch = (int) mask.size(0);
    MaskShape cells = new MaskShape(batch, 1, shape.queries(), shape.keys());
    byte[] bytes = new byte[Math.toIntExact(cells.cells())];
    Tensor whole = mask.expand(batch, 1, shape.queries(), shape.keys()).contiguous();
    new BytePointer(whole.data_ptr()).get(bytes);
    boolean[] allowed = new boolean[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      allowed[i] = bytes[i] != 0;
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, cells, allowed);
  }
}
