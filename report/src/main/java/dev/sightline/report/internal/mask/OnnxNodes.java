package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.MaskGraph;
import java.util.Base64;
import java.util.stream.Collectors;

/** The nodes that compute a mask, as Python code that reads the model. */
final class OnnxNodes {
  private static final int LARGEST = 1 << 20;

  private OnnxNodes() {}

  static String python(BoundMask mask) {
    byte[] model = MaskGraph.of(mask.mask()).keys(mask.shape().keys()).model();
    if (model.length > LARGEST) {
      throw new IllegalArgumentException(
          "the nodes take "
              + model.length
              + " bytes, too much to copy; write them to a file with 'sightline mask convert --to"
              + " onnx-graph -o FILE'");
    }
    return "import base64\nimport onnx\n\n# "
        + inputs(model)
        + "\n"
        + "# output mask, bool [B, H, Lq, Lk]\n"
        + "model = onnx.load_model_from_string(base64.b64decode(\n"
        + "    \""
        + Base64.getEncoder().encodeToString(model)
        + "\"\n))\n";
  }

  private static String inputs(byte[] model) {
    try {
      String inputs =
          Model.parse(model, "mask").inputs().stream()
              .map(input -> input.name() + " " + input.typeLabel() + " " + input.dims())
              .collect(Collectors.joining(", "));
      return "inputs: " + (inputs.isEmpty() ? "none" : inputs);
    } catch (ModelException e) {
      throw new IllegalStateException("a mask's own model cannot be read", e);
    }
  }
}
