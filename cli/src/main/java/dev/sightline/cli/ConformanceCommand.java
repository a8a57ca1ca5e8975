package dev.sightline.cli;

import dev.sightline.attention.AttentionOptions;
import dev.sightline.attention.Workers;
import dev.sightline.attention.onnx.ConformanceCase;
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

/** {@code sightline conformance}: ONNX Attention test cases on our kernels. */
@Command(
    name = "conformance",
    description = {
      "Run test cases of the ONNX Attention operator (opset 23 to 25) on our kernels, and compare"
          + " with the outputs they store."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ConformanceCommand implements Callable<Integer> {
  private static final int LONGEST = 600;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "A folder with model.onnx and test_data_set_0, or a folder of such folders.")
  private List<Path> folders;

  @Mixin private KernelOptions kernel;

  @Option(names = "--json", description = "Print the result as JSON, the lines on standard error.")
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
    try (Workers workers = kernel.workers()) {
      AttentionOptions options = kernel.on(workers);
      for (ConformanceCase each : cases) {
        ConformanceCase.Outcome outcome = each.run(options);
        outcomes.add(outcome);
        people.println(
            printable(
                outcome
                    .problem()
                    .map(problem -> "failed " + outcome.name() + ": " + problem)
                    .orElse("passed " + outcome.name())));
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

  /** A hostile model's names could otherwise speak to the terminal, or fill it. */
  private static String printable(String line) {
    String plain = line.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "...";
  }
}
