package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Side;
import dev.sightline.mask.convert.CuSeqlens;
import dev.sightline.mask.convert.FlashMask;
import dev.sightline.mask.convert.FlexBlocks;
import dev.sightline.mask.convert.Lengths;
import dev.sightline.mask.convert.OnnxAttention;
import dev.sightline.report.internal.page.JsonNodes;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The forms that are numbers, as JSON. */
final class MaskJson {
  private MaskJson() {}

  static String lengths(BoundMask mask) {
    Lengths lengths = Lengths.of(mask);
    return text(
        JsonNodes.object()
            .putPOJO("lengths", lengths.lengths())
            .put("padding_side", lengths.side() == Side.LEFT ? "left" : "right")
            .put("padded_queries_empty", lengths.queriesToo()));
  }

  static String cuSeqlens(BoundMask mask) {
    CuSeqlens found = CuSeqlens.of(mask);
    return text(
        JsonNodes.object()
            .putPOJO("cu_seqlens", found.offsets())
            .put("max_seqlen", found.longest())
            .put("causal", found.causal()));
  }

  static String flex(BoundMask mask, int block) {
    FlexBlocks blocks = FlexBlocks.of(mask, block);
    int batch = blocks.shape().batch();
    int heads = blocks.shape().heads();
    int rows = blocks.kvNumBlocks().length / (batch * heads);
    int columns = rows == 0 ? 0 : blocks.kvIndices().length / (batch * heads * rows);
    return text(
        JsonNodes.object()
            .put("block", blocks.block())
            .putPOJO("shape", new int[] {batch, heads, rows, columns})
            .putPOJO("kv_num_blocks", blocks.kvNumBlocks())
            .putPOJO("kv_indices", blocks.kvIndices())
            .putPOJO("full_kv_num_blocks", blocks.fullKvNumBlocks())
            .putPOJO("full_kv_indices", blocks.fullKvIndices()));
  }

  static String flashMask(BoundMask mask) {
    FlashMask flash = FlashMask.of(mask);
    MaskShape shape = flash.shape();
    return text(
        JsonNodes.object()
            .put("causal", flash.causal())
            .putPOJO(
                "shape", new int[] {shape.batch(), shape.heads(), shape.keys(), flash.bounds()})
            .putPOJO("startend_row_indices", flash.indices()));
  }

  static String onnx(BoundMask mask) {
    OnnxAttention onnx = OnnxAttention.of(mask);
    ObjectNode json =
        JsonNodes.object()
            .put("is_causal", onnx.isCausal() ? 1 : 0)
            .put("left_window_size", onnx.leftWindow())
            .put("right_window_size", onnx.rightWindow());
    if (!onnx.nonpadKvSeqlen().isEmpty()) {
      json.putPOJO("nonpad_kv_seqlen", onnx.nonpadKvSeqlen());
    }
    onnx.attnMask().ifPresent(attn -> json.putPOJO("attn_mask", bits(attn)));
    return text(json);
  }

  /** {@code [batch][head]}, one string of 0 and 1 for each query. */
  private static List<List<List<String>>> bits(BoundMask mask) {
    List<List<List<String>>> batch = new ArrayList<>();
    for (int b = 0; b < mask.mask().batchRows(); b++) {
      List<List<String>> heads = new ArrayList<>();
      for (int h = 0; h < mask.mask().heads(); h++) {
        heads.add(Drawing.bits(mask, b, h).lines().toList());
      }
      batch.add(heads);
    }
    return batch;
  }

  private static String text(ObjectNode json) {
    return JsonMapper.shared().writeValueAsString(json) + "\n";
  }
}
