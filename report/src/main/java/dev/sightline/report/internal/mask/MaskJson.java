package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.Side;
import dev.sightline.mask.convert.CuSeqlens;
import dev.sightline.mask.convert.FlashMask;
import dev.sightline.mask.convert.FlexBlocks;
import dev.sightline.mask.convert.Lengths;
import dev.sightline.mask.convert.OnnxAttention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The forms that are numbers, as JSON. */
final class MaskJson {
  private MaskJson() {}

  static String lengths(BoundMask mask) {
    Lengths lengths = Lengths.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("lengths", lengths.lengths());
    json.put("padding_side", lengths.side() == Side.LEFT ? "left" : "right");
    json.put("padded_queries_empty", lengths.queriesToo());
    return text(json);
  }

  static String cuSeqlens(BoundMask mask) {
    CuSeqlens found = CuSeqlens.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cu_seqlens", found.offsets());
    json.put("max_seqlen", found.longest());
    json.put("causal", found.causal());
    return text(json);
  }

  static String flex(BoundMask mask, int block) {
    FlexBlocks blocks = FlexBlocks.of(mask, block);
    int batch = blocks.shape().batch();
    int heads = blocks.shape().heads();
    int rows = blocks.kvNumBlocks().length / (batch * heads);
    int columns = rows == 0 ? 0 : blocks.kvIndices().length / (batch * heads * rows);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("block", blocks.block());
    json.put("shape", new int[] {batch, heads, rows, columns});
    json.put("kv_num_blocks", blocks.kvNumBlocks());
    json.put("kv_indices", blocks.kvIndices());
    json.put("full_kv_num_blocks", blocks.fullKvNumBlocks());
    json.put("full_kv_indices", blocks.fullKvIndices());
    return text(json);
  }

  static String flashMask(BoundMask mask) {
    FlashMask flash = FlashMask.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("causal", flash.causal());
    json.put(
        "shape",
        new int[] {
          flash.shape().batch(), flash.shape().heads(), flash.shape().keys(), flash.bounds()
        });
    json.put("startend_row_indices", flash.indices());
    return text(json);
  }

  static String onnx(BoundMask mask) {
    OnnxAttention onnx = OnnxAttention.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("is_causal", onnx.isCausal() ? 1 : 0);
    json.put("left_window_size", onnx.leftWindow());
    json.put("right_window_size", onnx.rightWindow());
    if (!onnx.nonpadKvSeqlen().isEmpty()) {
      json.put("nonpad_kv_seqlen", onnx.nonpadKvSeqlen());
    }
    onnx.attnMask().ifPresent(attn -> json.put("attn_mask", bits(attn)));
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

  private static String text(Map<String, Object> json) {
    return JsonMapper.shared().writeValueAsString(json) + "\n";
  }
}
