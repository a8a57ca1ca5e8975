package dev.sightline.cli;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.AdditiveMask;
import dev.sightline.mask.convert.Fill;
import dev.sightline.mask.convert.FloatType;
import dev.sightline.onnx.Model;
import dev.sightline.repair.MaskGraph;
import dev.sightline.report.internal.mask.MaskForm;
import dev.sightline.tensor.Npy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "The forms bool and additive are .npy files; onnx-graph is a model whose nodes compute the",
      "mask for any batch and lengths; the others are text: code or JSON."
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
      description =
          "bool, additive, onnx-graph, numpy, torch, torch-additive, flex-mod, flex, huggingface,"
              + " onnx, onnx-nodes, lengths, cu-seqlens, flashmask or java.")
  private String form;

  @Mixin private MaskSizes sizes;

  @Option(
      names = "--fill",
      paramLabel = "FILL",
      description =
          "The value that the form additive has at a forbidden pair: -inf, min (the lowest number"
              + " of the type), openpi, or a number. Default: -inf. The form onnx-graph is"
              + " additive if this is given, else booleans.")
  private @Nullable String fill;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "The type that values of the form additive are rounded to: float32, float16 or bfloat16."
              + " A .npy file holds float32. Default: ${DEFAULT-VALUE}.")
  private FloatType type;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "128",
      description = "Block size of the form flex, in tokens. Default: ${DEFAULT-VALUE}.")
  private int block;

  @Option(
      names = "--opset",
      paramLabel = "N",
      defaultValue = "17",
      description =
          "Version of the operators of the form onnx-graph, from 11 on. Default: ${DEFAULT-VALUE}.")
  private long opset;

  @Option(
      names = "--cross",
      description =
          "In the form onnx-graph the keys are of another sequence than the queries, as in a"
              + " cross-attention; else the queries are the last of the keys.")
  private boolean cross;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private @Nullable Path file;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskConvertCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("whether the mask has this form")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    OutputFiles.requireNoInput(OutputFiles.existing(expression), file);
    Mask mask = MaskSource.read(expression);
    if (form.equals("onnx-graph")) {
      byte[] model = graph(mask).model();
      describe(Model.parse(model, form));
      MaskOutput.binary(spec, file, form, out -> out.write(model));
      return Sightline.FINE;
    }
    BoundMask bound = mask.over(sizes.shapeFor(mask));
    switch (form) {
      case "bool" -> MaskShowCommand.writeNpy(spec, file, bound);
      case "additive" -> {
        AdditiveMask additive =
            AdditiveMask.of(bound, Fill.parse(fill == null ? "-inf" : fill), type);
        MaskOutput.binary(
            spec,
            file,
            "additive",
            out -> Npy.write(out, MaskShowCommand.shape(additive.shape()), additive.values()));
      }
      default -> {
        MaskForm text =
            MaskForm.find(form)
                .orElseThrow(() ->
                    new ParameterException(
                        spec.commandLine(),
                        "there is no form '"
                            + form
                            + "'; expected "
                            + MaskForm.names("bool", "additive", "onnx-graph")));
        MaskOutput.text(spec, file, text.text(bound, block));
      }
    }
    return Sightline.FINE;
  }

  private void describe(Model model) {
    String inputs =
        model.inputs().stream()
            .map(input -> input.name() + " " + input.typeLabel() + " " + input.dims())
            .collect(Collectors.joining(", "));
    PrintWriter err = spec.commandLine().getErr();
    err.println("inputs: " + (inputs.isEmpty() ? "none" : inputs));
    err.println("output: mask " + model.outputs().getFirst().typeLabel() + " [B, H, Lq, Lk]");
  }

  private MaskGraph graph(Mask mask) {
    MaskGraph graph = sizes.fix(MaskGraph.of(mask).opset(opset));
    graph = cross ? graph.cross() : graph;
    return fill == null ? graph : graph.additive(Fill.parse(fill), type);
  }
}
