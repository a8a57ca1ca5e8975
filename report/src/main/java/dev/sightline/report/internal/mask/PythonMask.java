package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.code.NumberTable;
import dev.sightline.mask.internal.code.RuleCode;
import dev.sightline.mask.internal.code.RuleCode.Names;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Parser;

/** A mask over sizes as Python code. */
final class PythonMask {
  private final MaskShape shape;
  private final Bound bound;
  private final String comment;

  PythonMask(BoundMask mask) {
    this.shape = mask.shape();
    String text = mask.mask().toString();
    this.bound =
        new Bound(
            Parser.parse(text),
            new Sizes(shape.batch(), shape.heads(), shape.queries(), shape.keys()));
    this.comment = "# " + (text.length() > 200 ? text.substring(0, 197) + "..." : text) + "\n";
  }

  String numpy() {
    return "import numpy as np\n\n" + cells("np", "np.array");
  }

  String torch() {
    return "import torch\n\n"
        + cells("torch", "torch.tensor")
        + "# attn_mask of scaled_dot_product_attention\n";
  }

  String additive() {
    return "import torch\n\n"
        + cells("torch", "torch.tensor")
        + "bias = torch.where(mask, 0.0, float(\"-inf\"))  # added to the scores\n";
  }

  /** Tables, the indices along each axis, and the mask. */
  private String cells(String library, String table) {
    RuleCode rule = new RuleCode(bound, new Names("b", "h", "q", "k"));
    StringBuilder code = new StringBuilder(comment).append(tables(rule, table));
    boolean flat = bound.batchRows() == 1 && bound.heads() == 1;
    String size = shape.queries() + ", " + shape.keys();
    if (!flat) {
      axis(code, "b", library, bound.batchRows(), ":, None, None, None");
      axis(code, "h", library, bound.heads(), "None, :, None, None");
      size = bound.batchRows() + ", " + bound.heads() + ", " + size;
    }
    axis(code, "q", library, shape.queries(), flat ? ":, None" : "None, None, :, None");
    axis(code, "k", library, shape.keys(), flat ? "None, :" : "None, None, None, :");
    code.append("mask = ").append(library).append(".broadcast_to(").append(rule.condition());
    return code.append(", (").append(size).append("))  # True: may attend\n").toString();
  }

  private static void axis(
      StringBuilder code, String name, String library, int size, String index) {
    code.append(name).append(" = ").append(library).append(".arange(").append(size);
    code.append(")[").append(index).append("]\n");
  }

  private static String tables(RuleCode rule, String table) {
    StringBuilder code = new StringBuilder();
    for (NumberTable each : rule.tables()) {
      code.append(each.name()).append(" = ").append(table).append("(").append(each.python());
      code.append(")\n");
    }
    return code.toString();
  }

  String maskMod() {
    return "import torch\nfrom torch.nn.attention.flex_attention import create_block_mask\n\n"
        + function("mask_mod", new Names("b", "h", "q_idx", "kv_idx"))
        + "\n\nblock_mask = create_block_mask(\n    mask_mod, B="
        + orNone(bound.batchRows())
        + ", H="
        + orNone(bound.heads())
        + ", Q_LEN="
        + shape.queries()
        + ", KV_LEN="
        + shape.keys()
        + ", device=\"cpu\"\n)\n";
  }

  private static String orNone(int size) {
    return size == 1 ? "None" : Integer.toString(size);
  }

  String huggingFace() {
    return "import torch\n\n"
        + function("mask_function", new Names("batch_idx", "head_idx", "q_idx", "kv_idx"));
  }

  /** Tables, and a function of a pair. */
  private String function(String name, Names names) {
    RuleCode rule = new RuleCode(bound, names);
    String arguments = String.join(", ", names.batch(), names.head(), names.query(), names.key());
    return comment
        + tables(rule, "torch.tensor")
        + "\n\ndef "
        + name
        + "("
        + arguments
        + "):\n    return "
        + rule.condition()
        + "  # True: may attend\n";
  }
}
