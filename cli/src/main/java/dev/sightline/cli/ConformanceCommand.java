package dev.sightline.cli;

import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
import dev.sightline.attention.onnx.ConformanceCase;
import dev.sightline.attention.onnx.OperatorNode;
import dev.sightline.onnx.OnnxAttribute;
import dev.sightline.onnx.OnnxNode;
import dev.sightline.onnx.TensorProtoFile;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline conformance}: runs ONNX Attention test cases on Sightline's kernels. */
@Command(
    name = "conformance",
    description = {
      "Run test cases of the ONNX Attention operator (opset 23 to 25) on Sightline's kernels, and"
          + " compare with the outputs that the cases store."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ConformanceCommand implements Callable<Integer> {
  private static final int LONGEST = 600;

  private static final ConformanceCase.Reader READER =
      new ConformanceCase.Reader() {
        @Override
        public OperatorNode node(Path model) throws IOException {
          return ConformanceCommand.node(OnnxNode.read(model));
        }

        @Override
        public RawTensor tensor(Path file) throws IOException {
          return TensorProtoFile.read(file).tensor();
        }
      };

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "A folder with model.onnx and test_data_set_0, or a folder of such folders.")
  private List<Path> folders;

  @Mixin private KernelOptions kernel;

  @Option(
      names = "--json",
      description = "Print the result as JSON. The lines for people go to standard error.")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  ConformanceCommand() {}

  @Override
  public Integer call() throws IOException {
    List<ConformanceCase> cases = new ArrayList<>();
    for (Path folder : folders) {
      cases.addAll(ConformanceCase.in(folder));
    }
    PrintWriter people = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    List<ConformanceCase.Outcome> outcomes = new ArrayList<>();
    Provider provider = kernel.provider();
    try (Workers workers = kernel.workers()) {
      for (ConformanceCase each : cases) {
        ConformanceCase.Outcome outcome = each.run(READER, workers, provider);
        outcomes.add(outcome);
        people.println(
            Quoted.plain(
                outcome
                    .problem()
                    .map(problem -> "failed " + outcome.name() + ": " + problem)
                    .orElse("passed " + outcome.name()),
                LONGEST));
        people.flush();
      }
    }
    long passed = outcomes.stream().filter(ConformanceCase.Outcome::passed).count();
    long failed = outcomes.size() - passed;
    people.println(passed + " passed, " + failed + " failed");
    people.flush();
    if (json) {
      MaskOutput.json(spec, null, describe(outcomes, passed, failed));
    }
    if (failed == 0) {
      return Sightline.FINE;
    }
    boolean someRead = outcomes.stream().anyMatch(ConformanceCase.Outcome::read);
    return someRead ? Sightline.CHECK_FAILED : Sightline.CANNOT_RUN;
  }

  private static OperatorNode node(OnnxNode node) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    node.attributes()
        .forEach((name, attribute) ->
            attributes.put(
                name,
                switch (attribute) {
                  case OnnxAttribute.Int number -> (Object) number.value();
                  case OnnxAttribute.Real number -> (Object) number.value();
                  case OnnxAttribute other -> other;
                }));
    return new OperatorNode(
        node.operator(),
        node.domain(),
        node.opset(),
        node.inputs(),
        node.outputs(),
        attributes,
        node.graphInputs().stream().map(TensorSpec::name).toList(),
        node.graphOutputs().stream().map(TensorSpec::name).toList());
  }

  private static Map<String, Object> describe(
      List<ConformanceCase.Outcome> outcomes, long passed, long failed) {
    List<Map<String, Object>> cases = new ArrayList<>();
    for (ConformanceCase.Outcome outcome : outcomes) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", outcome.name());
      each.put("passed", outcome.passed());
      outcome.problem().ifPresent(problem -> each.put("problem", problem));
      cases.add(each);
    }
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("passed", passed);
    described.put("failed", failed);
    described.put("cases", cases);
    return described;
  }
}
