package dev.sightline.cli;

import dev.sightline.mask.Cell;
import dev.sightline.mask.Explanation;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline mask explain}: which part of a mask decides about a pair. */
@Command(
    name = "explain",
    description = "Say which part of a mask allows or forbids a pair, and why.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "EXPR",
      description = "A mask expression, or a file that holds one.")
  private String expression;

  @Parameters(index = "1", paramLabel = "I", description = "Index of the query, from 0.")
  private int query;

  @Parameters(index = "2", paramLabel = "J", description = "Index of the key, from 0.")
  private int key;

  @Mixin private MaskSizes sizes;

  @Option(names = "--batch", paramLabel = "B", description = "Batch row. Default: 0.")
  private int batch;

  @Option(names = "--head", paramLabel = "H", description = "Head. Default: 0.")
  private int head;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskExplainCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("why the pair is allowed or not")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    Mask mask = MaskSource.read(expression);
    int needed = mask.length().isPresent() ? 1 : Math.max(query, key) + 1;
    MaskShape shape = sizes.sampleFor(needed, mask);
    Explanation explanation = mask.over(shape).explain(batch, head, query, key);
    if (json) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("cell", MaskJson.cell(new Cell(batch, head, query, key)));
      answer.put("allowed", explanation.allowed());
      answer.put("reasons", explanation.reasons());
      MaskOutput.json(spec, null, answer);
    } else {
      MaskOutput.text(spec, null, explanation + "\n");
    }
    return Sightline.FINE;
  }
}
