package dev.sightline.attention;

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
 * The ONNX Attention operator, opset 23 to 25, on our kernels: booleans, windows, lengths and minus
 * infinities become a mask whose empty tiles are never touched; only other numbers of an attn_mask
 * are added. A query that may attend to nothing gives zeros. Computed in float32 from elements as
 * they are stored, and rounded to the type of Q at the end; float64 is computed in float32 too.
 *
 * <p>Each run plans anew. Immutable; one run at a time where workers are shared.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Attention.html">the operator</a>
 */
public final class OnnxAttentionOperator {
  private final OnnxAttentionAttributes attributes;
  private final AttentionOptions machine;

  private OnnxAttentionOperator(OnnxAttentionAttributes attributes, AttentionOptions machine) {
    this.attributes = attributes;
    this.machine = machine;
  }

  /** A node with these attributes, on the calling thread alone. */
  public static OnnxAttentionOperator of(OnnxAttentionAttributes attributes) {
    return of(attributes, AttentionOptions.defaults());
  }

  /**
   * A node with these attributes.
   *
   * @param options their workers and provider are used; the rest is the attributes' business
   */
  public static OnnxAttentionOperator of(
      OnnxAttentionAttributes attributes, AttentionOptions options) {
    return new OnnxAttentionOperator(attributes, options.machine());
  }

  /**
   * Computes the outputs.
   *
   * @param qkMatmulOutput whether to compute qk_matmul_output too, a whole matrix
   * @throws IllegalArgumentException if the inputs do not fit each other or the attributes
   */
  public OnnxAttentionOutputs run(OnnxAttentionInputs inputs, boolean qkMatmulOutput) {
    return new Run(inputs).outputs(qkMatmulOutput);
  }

  /** One run, and what its parts share. */
  private final class Run {
    private final OnnxAttentionShapes shapes;
    private final AttentionShape shape;
    private final BoundMask mask;
    private final @Nullable FloatTensor bias;
    private final RawTensor presentKey;
    private final RawTensor presentValue;
    private final AttentionOptions options;
    private final AttentionCall call;
    private final float[] output;
    private final RawTensor q;

    Run(OnnxAttentionInputs in) {
      shapes = OnnxAttentionShapes.of(in, attributes);
      shape = shapes.attention();
      MaskShape maskShape =
          new MaskShape(shape.batch(), shape.queryHeads(), shape.queries(), shape.keys());
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
      AttentionOptions plain =
          attributes.scale() == null ? machine : machine.scale(attributes.scale());
      output = new float[shape.outputSize()];
      AttentionCall tensors;
      if (tokensFirst()) {
        options = plain.layout(Layout.TOKENS_FIRST);
        tensors =
            AttentionCall.of(Elements.of(in.q()), Elements.of(in.k()), Elements.of(in.v()), output);
      } else {
        options = plain;
        tensors =
            AttentionCall.of(
                Elements.of(HeadTensors.headsFirst(q, shape.queryHeads())),
                Elements.of(presentKey),
                Elements.of(presentValue),
                output);
      }
      call = tensors;
    }

    /** Three axes are read where they lie; a past, which has its heads first, decides for all. */
    private boolean tokensFirst() {
      return shapes.threeAxes() && shapes.past() == 0;
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

    /** A window wider than there are tokens is none, and must not overflow. */
    private int window(int size) {
      return size >= (long) shape.queries() + shape.keys() ? -1 : size;
    }

    OnnxAttentionOutputs outputs(boolean qkMatmulOutput) {
      float[] matrix = qkMatmulOutput ? new float[matrixShape().size()] : null;
      boolean probabilities = attributes.qkMatmulOutputMode() == 3;
      AttentionCall attend = bias == null ? call : call.withBias(bias);
      if (matrix != null && probabilities) {
        attend = attend.withProbabilities(into(matrix));
      } else if (matrix != null) {
        scores(matrix);
      }
      Attention.of(mask, shape, options.softcap(attributes.softcap())).run(attend);
      return new OnnxAttentionOutputs(
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

    /** A kernel leaves masked tiles out, and scores are shown of masked pairs too: none is. */
    private void scores(float[] matrix) {
      int mode = attributes.qkMatmulOutputMode();
      AttentionCall all = call.withScores(into(matrix));
      Attention.of(Mask.full(), shape, options.softcap(mode == 0 ? 0 : attributes.softcap()))
          .run(mode == 2 && bias != null ? all.withBias(bias) : all);
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
