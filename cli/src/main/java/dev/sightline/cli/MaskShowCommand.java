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
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
    PNG,
    HTML
  }

  private static final Set<Format> DRAWN =
      EnumSet.of(Format.TABLE, Format.SVG, Format.PNG, Format.HTML);

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
      names = "--segments",
      paramLabel = "NAME=N",
      description =
          "Names of neighbouring queries, as in image=6,action=5; and of the keys, where there are"
              + " as many.")
  private @Nullable String segments;

  @Option(
      names = "--format",
      paramLabel = "FORM",
      description =
          "table, bits, json, npy (all batch rows and heads), svg, png or html. Default: that of"
              + " the file's name, else table.")
  private @Nullable Format format;

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
    Format chosen = chosen();
    if ((!labels.isEmpty() || segments != null) && !DRAWN.contains(chosen)) {
      throw new IllegalArgumentException("--labels and --segments go with table, svg, png or html");
    }
    switch (chosen) {
      case TABLE -> MaskOutput.text(spec, file, Drawing.of(bound, batch, head, names(bound)));
      case BITS -> MaskOutput.text(spec, file, Drawing.bits(bound, batch, head));
      case JSON -> MaskOutput.json(spec, file, describe(bound));
      case SVG -> MaskOutput.text(spec, file, picture(bound).toSvg());
      case HTML -> MaskOutput.text(spec, file, picture(bound).toHtml());
      case PNG -> MaskOutput.binary(spec, file, "png", picture(bound)::writePng);
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

  private MaskPicture picture(BoundMask mask) {
    return MaskPicture.of(mask, batch, head).named(names(mask));
  }

  private Format chosen() {
    if (json) {
      return Format.JSON;
    }
    if (format != null || file == null) {
      return format == null ? Format.TABLE : format;
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Stream.of(Format.SVG, Format.PNG, Format.HTML, Format.NPY, Format.JSON)
        .filter(each -> name.endsWith("." + each.name().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(Format.TABLE);
  }

  /** The names of --labels or --segments, else those that the mask itself has for its tokens. */
  private List<String> names(BoundMask mask) {
    if (segments != null && !labels.isEmpty()) {
      throw new IllegalArgumentException("--labels and --segments both name the tokens; give one");
    }
    int queries = mask.shape().queries();
    if (segments != null) {
      return MaskNames.of(segments, queries);
    }
    if (!labels.isEmpty()) {
      return labels;
    }
    List<String> own = mask.mask().labels();
    return own.size() == queries ? own : List.of();
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
