package dev.sightline.report.internal.mask;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.code.NumberTable;
import dev.sightline.mask.internal.code.RuleCode;
import dev.sightline.mask.internal.code.RuleCode.Names;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Parser;

/** A mask over sizes as Python code. */
final class PythonMask {
  private static final Names ARRAYS = new Names("b", "h", "q", "k");

  private final MaskShape shape;
  private final Bound bound;
  private final String comment;

  PythonMask(Mask mask, MaskShape shape) {
    this.shape = shape;
    this.bound =
        new Bound(
            Parser.parse(mask.toString()),
            new Sizes(shape.batch(), shape.heads(), shape.queries(), shape.keys()));
    String text = mask.toString();
    this.comment = "# " + (text.length() > 200 ? text.substring(0, 197) + "..." : text) + "\n";
  }

  String numpy() {
    return "import numpy as np\n\n"
        + arrays("np", "np.array")
        + "mask = np.broadcast_to("
        + new RuleCode(bound, ARRAYS).condition()
        + ", "
        + size()
        + ")  # True: may attend\n";
  }

  String torch() {
    return "import torch\n\n" + torchCells() + "# attn_mask of scaled_dot_product_attention\n";
  }

  String additive() {
    return "import torch\n\n"
        + torchCells()
        + "bias = torch.where(mask, 0.0, float(\"-inf\"))  # added to the scores\n";
  }

  private String torchCells() {
    return arrays("torch", "torch.tensor")
        + "mask = torch.broadcast_to("
        + new RuleCode(bound, ARRAYS).condition()
        + ", "
        + size()
        + ")  # True: may attend\n";
  }

  /** Tables, and the indices along each axis. */
  private String arrays(String library, String table) {
    StringBuilder code = new StringBuilder(comment);
    tables(code, ARRAYS, table);
    boolean flat = isFlat();
    if (!flat) {
      code.append("b = ").append(library).append(".arange(").append(bound.batchRows());
      code.append(")[:, None, None, None]\n");
      code.append("h = ").append(library).append(".arange(").append(bound.heads());
      code.append(")[None, :, None, None]\n");
    }
    code.append("q = ").append(library).append(".arange(").append(shape.queries());
    code.append(flat ? ")[:, None]\n" : ")[None, None, :, None]\n");
    code.append("k = ").append(library).append(".arange(").append(shape.keys());
    code.append(flat ? ")[None, :]\n" : ")[None, None, None, :]\n");
    return code.toString();
  }

  private void tables(StringBuilder code, Names names, String table) {
    for (NumberTable each : new RuleCode(bound, names).tables()) {
      code.append(each.name()).append(" = ").append(table).append("(").append(each.python());
      code.append(")\n");
    }
  }

  private boolean isFlat() {
    return bound.batchRows() == 1 && bound.heads() == 1;
  }

  private String size() {
    String cells = shape.queries() + ", " + shape.keys();
    return isFlat()
        ? "(" + cells + ")"
        : "(" + bound.batchRows() + ", " + bound.heads() + ", " + cells + ")";
  }

  String maskMod() {
    Names names = new Names("b", "h", "q_idx", "kv_idx");
    StringBuilder code =
        new StringBuilder(
            "import torch\nfrom torch.nn.attention.flex_attention import create_block_mask\n\n");
    code.append(comment);
    tables(code, names, "torch.tensor");
    code.append("\n\ndef mask_mod(b, h, q_idx, kv_idx):\n    return ");
    code.append(new RuleCode(bound, names).condition());
    code.append("  # True: may attend\n\n\nblock_mask = create_block_mask(\n    mask_mod, B=");
    code.append(orNone(bound.batchRows())).append(", H=").append(orNone(bound.heads()));
    code.append(", Q_LEN=").append(shape.queries()).append(", KV_LEN=").append(shape.keys());
    return code.append(", device=\"cpu\"\n)\n").toString();
  }

  private static String orNone(int size) {
    return size == 1 ? "None" : Integer.toString(size);
  }

  String huggingFace() {
    Names names = new Names("batch_idx", "head_idx", "q_idx", "kv_idx");
    StringBuilder code = new StringBuilder("import torch\n\n").append(comment);
    tables(code, names, "torch.tensor");
    code.append("\n\ndef mask_function(batch_idx, head_idx, q_idx, kv_idx):\n    return ");
    code.append(new RuleCode(bound, names).condition());
    return code.append("  # True: may attend\n").toString();
  }
}
