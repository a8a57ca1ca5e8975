package dev.sightline.cli;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.CachedStep;
import dev.sightline.mask.Finding;
import dev.sightline.mask.Mask;
import java.io.IOException;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline mask check}: finds empty rows and leaks. */
@Command(
    name = "check",
    description =
        "Find queries that may attend to nothing, and leaks. Exit code 1 if there is a finding.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXPR", description = "A mask expression, or a file that holds one.")
  private String expression;

  @Mixin private MaskSizes sizes;

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description = "Also check that one decoding step after P cached tokens gives the same rows.")
  private @Nullable Integer prefix;

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskCheckCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("what is wrong with the mask")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    Mask mask = MaskSource.read(expression);
    BoundMask bound = mask.over(sizes.sampleFor(1, mask));
    List<Finding> findings = new ArrayList<>(bound.lint());
    if (prefix != null) {
      findings.addAll(new CachedStep(bound, prefix).lint());
    }
    if (json) {
      MaskOutput.json(spec, null, describe(bound, findings));
    } else {
      StringBuilder text = new StringBuilder();
      findings.forEach(finding -> text.append(finding).append('\n'));
      text.append(findings.isEmpty() ? "nothing found" : findings.size() + " found");
      MaskOutput.text(spec, null, text.append(" over ").append(bound.shape()) + "\n");
    }
    return findings.isEmpty() ? Sightline.FINE : Sightline.CHECK_FAILED;
  }

  private static Map<String, Object> describe(BoundMask mask, List<Finding> findings) {
    List<Map<String, Object>> listed = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("kind", finding.kind().words());
      one.put("cell", MaskJson.cell(finding.cell()));
      one.put("message", finding.message());
      listed.add(one);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("shape", MaskJson.shape(mask.shape()));
    json.put("findings", listed);
    return json;
  }
}
