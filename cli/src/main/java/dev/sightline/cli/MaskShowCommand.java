package dev.sightline.cli;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import dev.sightline.report.MaskPicture;
import dev.sightline.tensor.Npy;
import dev.sightline.tensor.Shape;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline mask show}: draws one batch row and head of a mask. */
@Command(
    name = "show",
    description =
        "Draw one batch row and head of a mask. A long mask is drawn as the share of allowed pairs"
            + " in each rectangle.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskShowCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    BITS,
    JSON,
    NPY,
    SVG,
    PNG
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXPR", description = "A mask expression, or a file that holds one.")
  private String expression;

  @Mixin private MaskSizes sizes;

  @Option(names = "--batch", paramLabel = "B", description = "Batch row to draw. Default: 0.")
  private int batch;

  @Option(names = "--head", paramLabel = "H", description = "Head to draw. Default: 0.")
  private int head;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      split = ",",
      description = "Names of the queries, one for each, separated by commas.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORM",
      defaultValue = "table",
      description =
          "table, bits, json, npy (all batch rows and heads), svg or png. Default:"
              + " ${DEFAULT-VALUE}.")
  private Format format;

  @Option(names = "--json", description = "The same as --format json.")
  private boolean json;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private @Nullable Path file;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskShowCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("the picture of the mask")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    OutputFiles.requireNoInput(OutputFiles.existing(expression), file);
    Mask mask = MaskSource.read(expression);
    BoundMask bound = mask.over(sizes.drawingFor(mask));
    if (sizes.areExample(mask, bound.shape())) {
      spec.commandLine()
          .getErr()
          .println(
              "drawn over %d x %d tokens, since the mask does not name their number; others with --q N --k N"
                  .formatted(bound.shape().queries(), bound.shape().keys()));
      spec.commandLine().getErr().flush();
    }
    Format chosen = json ? Format.JSON : format;
    if (!labels.isEmpty() && chosen != Format.TABLE && chosen != Format.SVG) {
      throw new IllegalArgumentException("--labels goes with --format table or svg");
    }
    switch (chosen) {
      case TABLE -> MaskOutput.text(spec, file, Drawing.of(bound, batch, head, names(bound)));
      case BITS -> MaskOutput.text(spec, file, Drawing.bits(bound, batch, head));
      case JSON -> MaskOutput.json(spec, file, describe(bound));
      case SVG ->
          MaskOutput.text(spec, file, MaskPicture.of(bound, batch, head).toSvg(names(bound)));
      case PNG -> {
        MaskPicture picture = MaskPicture.of(bound, batch, head);
        MaskOutput.binary(spec, file, "png", picture::writePng);
      }
      case NPY -> writeNpy(spec, file, bound);
    }
    return Sightline.FINE;
  }

  static void writeNpy(CommandSpec spec, @Nullable Path file, BoundMask mask) throws IOException {
    boolean[] cells = BooleanMask.of(mask, Polarity.TRUE_ATTENDS);
    MaskOutput.binary(spec, file, "npy", out -> Npy.write(out, shape(mask.shape()), cells));
  }

  static Shape shape(MaskShape shape) {
    return Shape.of(shape.batch(), shape.heads(), shape.queries(), shape.keys());
  }

  /** The names of --labels, else those that the mask itself has for its tokens. */
  private List<String> names(BoundMask mask) {
    if (!labels.isEmpty()) {
      return labels;
    }
    List<String> own = mask.mask().labels();
    return own.size() == mask.shape().queries() ? own : List.of();
  }

  private Map<String, Object> describe(BoundMask mask) {
    List<int[][]> rows = new ArrayList<>();
    long bounds = 0;
    for (int i = 0; i < mask.shape().queries(); i++) {
      Runs row = mask.row(batch, head, i);
      bounds += row.count();
      if (bounds > 1 << 24) {
        throw new IllegalArgumentException(
            "a mask of more than 2^24 runs is too much for one JSON document");
      }
      int[][] runs = new int[row.count()][];
      for (int run = 0; run < runs.length; run++) {
        runs[run] = new int[] {row.start(run), row.end(run)};
      }
      rows.add(runs);
    }
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("mask", mask.mask().toString());
    described.put("shape", MaskJson.shape(mask.shape()));
    described.put("batch", batch);
    described.put("head", head);
    described.put("allowed", mask.count());
    described.put("density", mask.density());
    described.put("fingerprint", mask.fingerprint());
    described.put("rows", rows);
    return described;
  }
}
