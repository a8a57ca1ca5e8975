package dev.sightline.cli;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline mask equal}: whether two masks allow the same, however they are written. */
@Command(
    name = "equal",
    description =
        "Test whether two masks allow the same pairs. If not, print a pair and exit with code 1.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskEqualCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private TwoMasks masks;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskEqualCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("whether the masks are equal")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    Mask a = masks.a();
    Mask b = masks.b();
    MaskShape shape = masks.shapeFor(a, b);
    BoundMask left = a.over(shape);
    Optional<Cell> cell = left.differenceFrom(b.over(shape));
    if (json) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("shape", MaskJson.shape(shape));
      answer.put("equal", cell.isEmpty());
      cell.ifPresent(c -> answer.put("cell", MaskJson.cell(c)));
      MaskOutput.json(spec, null, answer);
    } else {
      String text =
          cell.map(c -> "not equal: only " + (left.allowed(c) ? "A" : "B") + " allows " + c)
              .orElse("equal");
      MaskOutput.text(spec, null, text + " over " + shape + "\n");
    }
    return cell.isEmpty() ? Sightline.FINE : Sightline.CHECK_FAILED;
  }
}
