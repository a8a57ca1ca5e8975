package dev.sightline.attention.onnx;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.Layout;
import dev.sightline.attention.MaskTensor;
import dev.sightline.attention.Provider;
import dev.sightline.attention.TileObserver;
import dev.sightline.attention.Workers;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.OnnxAttention;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ONNX Attention operator, opset 23 to 25, on Sightline's kernels. Booleans, windows, lengths
 * and minus infinities become a mask, whose empty tiles are skipped; only finite numbers of an
 * attn_mask are added. A query that may attend to nothing gives zeros. It is computed in float32
 * and rounded to the type of Q at the end; float64 is computed in float32 too.
 *
 * <p>Each run makes its own plan. Immutable.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Attention.html">the operator</a>
 */
public final class AttentionOperator {
  private final AttentionAttributes attributes;
  private final @Nullable Workers workers;
  private final @Nullable Provider provider;

  private AttentionOperator(
      AttentionAttributes attributes, @Nullable Workers workers, @Nullable Provider provider) {
    this.attributes = attributes;
    this.workers = workers;
    this.provider = provider;
  }

  /**
   * Returns a node on the calling thread and the preferred kernel.
   *
   * @param attributes the attributes of the node
   * @return the node
   */
  public static AttentionOperator of(AttentionAttributes attributes) {
    return new AttentionOperator(attributes, null, null);
  }

  /**
   * Sets the threads that compute. The caller closes them.
   *
   * @param workers the threads
   * @return this node on those threads
   */
  public AttentionOperator workers(Workers workers) {
    return new AttentionOperator(attributes, workers, provider);
  }

  /**
   * Chooses the kernel, instead of {@link Provider#preferred}.
   *
   * @param provider the kernel
   * @return this node on that kernel
   */
  public AttentionOperator provider(Provider provider) {
    return new AttentionOperator(attributes, workers, provider);
  }

  /**
   * Computes the outputs.
   *
   * @param inputs the inputs of the node
   * @param qkMatmulOutput whether to compute qk_matmul_output too, a whole matrix
   * @return the outputs, of the type of Q
   * @throws IllegalArgumentException if the inputs do not fit each other or the attributes
   */
  public AttentionOutputs run(AttentionInputs inputs, boolean qkMatmulOutput) {
    return new Run(inputs).outputs(qkMatmulOutput);
  }

  /** One run: its sizes, mask and tensors. */
  private final class Run {
    private final InputShapes shapes;
    private final AttentionShape shape;
    private final BoundMask mask;
    private final @Nullable FloatTensor bias;
    private final RawTensor presentKey;
    private final RawTensor presentValue;
    private final AttentionCall call;
    private final float[] output;
    private final RawTensor q;

    Run(AttentionInputs in) {
      shapes = InputShapes.of(in, attributes);
      shape = shapes.attention();
      MaskShape maskShape = shape.maskShape();
      RawTensor attnMask = in.attnMask();
      MaskTensor given =
          attnMask == null
              ? new MaskTensor(Mask.full(), null)
              : MaskTensor.padded(attnMask, maskShape);
      bias = given.bias();
      mask = mask(given.mask(), maskShape).over(maskShape);
      q = in.q();
      presentKey =
          HeadTensors.joined(in.pastKey(), HeadTensors.headsFirst(in.k(), shape.keyHeads()));
      presentValue =
          HeadTensors.joined(in.pastValue(), HeadTensors.headsFirst(in.v(), shape.keyHeads()));
      output = new float[shape.outputSize()];
      call =
          tokensFirst()
              ? AttentionCall.of(in.q(), in.k(), in.v(), output)
              : AttentionCall.of(
                  HeadTensors.headsFirst(q, shape.queryHeads()), presentKey, presentValue, output);
    }

    /** Tensors of three axes are read as they are, unless there is a past: it has heads first. */
    private boolean tokensFirst() {
      return shapes.threeAxes() && shapes.past() == 0;
    }

    private void attend(Mask mask, float softcap, AttentionCall call) {
      Attention attention = Attention.under(mask).softcap(softcap);
      attention = tokensFirst() ? attention.layout(Layout.TOKENS_FIRST) : attention;
      attention = attributes.scale() == null ? attention : attention.scale(attributes.scale());
      attention = workers == null ? attention : attention.workers(workers);
      attention = provider == null ? attention : attention.provider(provider);
      try (AttentionPlan plan = attention.plan(shape)) {
        plan.run(call);
      }
    }

    private Mask mask(Mask attnMask, MaskShape maskShape) {
      Optional<BoundMask> given =
          attnMask.equals(Mask.full()) ? Optional.empty() : Optional.of(attnMask.over(maskShape));
      return new OnnxAttention(
              attributes.isCausal(),
              window(attributes.leftWindow()),
              window(attributes.rightWindow()),
              shapes.nonpad(),
              given)
          .toMask(maskShape, shapes.past());
    }

    /** A window wider than the text is no window, and must not overflow. */
    private int window(int size) {
      return size >= (long) shape.queries() + shape.keys() ? -1 : size;
    }

    AttentionOutputs outputs(boolean qkMatmulOutput) {
      float[] matrix = qkMatmulOutput ? new float[matrixShape().size()] : null;
      boolean probabilities = attributes.qkMatmulOutputMode() == 3;
      AttentionCall wanted = bias == null ? call : call.withBias(bias);
      if (matrix != null && probabilities) {
        wanted = wanted.withProbabilities(into(matrix));
      } else if (matrix != null) {
        scores(matrix);
      }
      attend(mask.mask(), attributes.softcap(), wanted);
      return new AttentionOutputs(
          y(),
          presentKey,
          presentValue,
          matrix == null ? null : HeadTensors.stored(matrixShape(), matrix, q.type()));
    }

    private RawTensor y() {
      if (tokensFirst()) {
        return HeadTensors.stored(
            Shape.of(shape.batch(), shape.queries(), shape.queryHeads() * shape.valueHeadSize()),
            output,
            q.type());
      }
      RawTensor y =
          HeadTensors.stored(
              Shape.of(shape.batch(), shape.queryHeads(), shape.queries(), shape.valueHeadSize()),
              output,
              q.type());
      return shapes.threeAxes() ? HeadTensors.tokensFirst(y) : y;
    }

    private Shape matrixShape() {
      return Shape.of(shape.batch(), shape.queryHeads(), shape.queries(), shape.keys());
    }

    /** Scores are wanted of masked pairs too, and a kernel skips masked tiles: no mask here. */
    private void scores(float[] matrix) {
      int mode = attributes.qkMatmulOutputMode();
      AttentionCall all = call.withScores(into(matrix));
      attend(
          Mask.full(),
          mode == 0 ? 0 : attributes.softcap(),
          mode == 2 && bias != null ? all.withBias(bias) : all);
      if (mode == 2) {
        forbid(matrix);
      }
    }

    private void forbid(float[] matrix) {
      int keys = shape.keys();
      for (int b = 0; b < shape.batch(); b++) {
        for (int h = 0; h < shape.queryHeads(); h++) {
          int first = (b * shape.queryHeads() + h) * shape.queries();
          mask.rows(
              b,
              h,
              0,
              shape.queries(),
              (query, bounds, runs) -> {
                int at = (first + query) * keys;
                int done = 0;
                for (int run = 0; run < runs; run++) {
                  Arrays.fill(matrix, at + done, at + bounds[2 * run], Float.NEGATIVE_INFINITY);
                  done = bounds[2 * run + 1];
                }
                Arrays.fill(matrix, at + done, at + keys, Float.NEGATIVE_INFINITY);
              });
        }
      }
    }

    private TileObserver into(float[] matrix) {
      return (batch, head, firstQuery, queries, firstKey, keys, tile) -> {
        int row = (batch * shape.queryHeads() + head) * shape.queries() + firstQuery;
        for (int query = 0; query < queries; query++) {
          int at = (row + query) * shape.keys() + firstKey;
          System.arraycopy(tile, query * keys, matrix, at, keys);
        }
      };
    }
  }
}
