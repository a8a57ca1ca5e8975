package dev.sightline.cli;

import dev.sightline.mask.AdditiveMask;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.CuSeqlens;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.Fill;
import dev.sightline.mask.FlashMask;
import dev.sightline.mask.FlexBlocks;
import dev.sightline.mask.FloatType;
import dev.sightline.mask.Lengths;
import dev.sightline.mask.Mask;
import dev.sightline.mask.OnnxAttention;
import dev.sightline.mask.Side;
import dev.sightline.tensor.Npy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline mask convert}: a mask in the form of another system. */
@Command(
    name = "convert",
    description = {
      "Write a mask in the form of another system, or say why that form cannot hold it.",
      "The forms bool and additive are .npy files; the others are JSON."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXPR", description = "A mask expression, or a file that holds one.")
  private String expression;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORM",
      description = "bool, additive, lengths, cu-seqlens, flex, flashmask or onnx.")
  private String form;

  @Mixin private MaskSizes sizes;

  @Option(
      names = "--fill",
      paramLabel = "FILL",
      defaultValue = "-inf",
      description =
          "The value that the form additive has at a forbidden pair: -inf, min (the lowest number"
              + " of the type), openpi, or a number. Default: ${DEFAULT-VALUE}.")
  private String fill;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "The type that values of the form additive are rounded to: float32, float16 or bfloat16."
              + " The file holds float32. Default: ${DEFAULT-VALUE}.")
  private FloatType type;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "128",
      description = "Block size of the form flex, in tokens. Default: ${DEFAULT-VALUE}.")
  private int block;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private @Nullable Path file;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskConvertCommand() {}

  @Override
  public Integer call() throws IOException {
    Mask mask = MaskSource.read(expression);
    BoundMask bound = mask.over(sizes.shapeFor(mask));
    switch (form) {
      case "bool" -> MaskShowCommand.writeNpy(spec, file, bound);
      case "additive" -> {
        AdditiveMask additive = AdditiveMask.of(bound, Fill.parse(fill), type);
        MaskOutput.binary(
            spec,
            file,
            "additive",
            out -> Npy.write(out, MaskShowCommand.shape(additive.shape()), additive.values()));
      }
      case "lengths" -> MaskOutput.json(spec, file, lengths(bound));
      case "cu-seqlens" -> MaskOutput.json(spec, file, cuSeqlens(bound));
      case "flex" -> MaskOutput.json(spec, file, flex(bound));
      case "flashmask" -> MaskOutput.json(spec, file, flashMask(bound));
      case "onnx" -> MaskOutput.json(spec, file, onnx(bound));
      default ->
          throw new ParameterException(
              spec.commandLine(),
              "there is no form '"
                  + form
                  + "'; expected bool, additive, lengths, cu-seqlens, flex, flashmask or onnx");
    }
    return Sightline.FINE;
  }

  private static Map<String, Object> lengths(BoundMask mask) {
    Lengths lengths = Lengths.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("lengths", lengths.lengths());
    json.put("padding_side", lengths.side() == Side.LEFT ? "left" : "right");
    json.put("padded_queries_empty", lengths.queriesToo());
    return json;
  }

  private static Map<String, Object> cuSeqlens(BoundMask mask) {
    CuSeqlens found = CuSeqlens.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cu_seqlens", found.offsets());
    json.put("max_seqlen", found.longest());
    json.put("causal", found.causal());
    return json;
  }

  private Map<String, Object> flex(BoundMask mask) {
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
    return json;
  }

  private static Map<String, Object> flashMask(BoundMask mask) {
    FlashMask flash = FlashMask.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("causal", flash.causal());
    json.put(
        "shape",
        new int[] {
          flash.shape().batch(), flash.shape().heads(), flash.shape().keys(), flash.bounds()
        });
    json.put("startend_row_indices", flash.indices());
    return json;
  }

  private static Map<String, Object> onnx(BoundMask mask) {
    OnnxAttention onnx = OnnxAttention.of(mask);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("is_causal", onnx.isCausal() ? 1 : 0);
    json.put("left_window_size", onnx.leftWindow());
    json.put("right_window_size", onnx.rightWindow());
    if (!onnx.nonpadKvSeqlen().isEmpty()) {
      json.put("nonpad_kv_seqlen", onnx.nonpadKvSeqlen());
    }
    onnx.attnMask().ifPresent(attn -> json.put("attn_mask", bits(attn)));
    return json;
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
}
