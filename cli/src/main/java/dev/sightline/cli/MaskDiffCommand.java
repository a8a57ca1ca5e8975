package dev.sightline.cli;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import dev.sightline.report.MaskPicture;
import dev.sightline.report.internal.mask.MaskRelation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline mask diff}: the pairs that one of two masks allows and the other does not. */
@Command(
    name = "diff",
    description = "List the pairs that only one of two masks allows. Exit code 1 if there is one.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskDiffCommand implements Callable<Integer> {
  private static final int MOST_LISTED = 100;

  @Spec private CommandSpec spec;

  @Mixin private TwoMasks masks;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Option(
      names = "--segments",
      paramLabel = "NAME=N",
      description = "Names of neighbouring tokens for the picture, as in image=6,action=5.")
  private @Nullable String segments;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description =
          "Draw both masks side by side, with the pairs marked that differ: a .svg, .png or .html"
              + " file.")
  private @Nullable Path file;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskDiffCommand() {}

  @Override
  public Integer call() throws IOException {
    try (Watchdog _ = limits.watchMask("where the masks differ")) {
      return answer();
    }
  }

  private int answer() throws IOException {
    OutputFiles.requireNoInput(masks.files(), file);
    Mask a = masks.a();
    Mask b = masks.b();
    MaskShape shape = masks.shapeFor(a, b);
    BoundMask left = a.over(shape);
    BoundMask right = b.over(shape);
    MaskRelation relation = MaskRelation.of(a, b, shape);
    long onlyLeft = relation.onlyA();
    long onlyRight = relation.onlyB();
    List<Cell> cells = onlyLeft + onlyRight == 0 ? List.of() : cells(a, b, shape);
    if (file != null) {
      Cell at = cells.isEmpty() ? new Cell(0, 0, 0, 0) : cells.getFirst();
      draw(MaskPicture.beside(left, right, at.batch(), at.head()), shape, file);
    } else if (segments != null) {
      throw new IllegalArgumentException("--segments is for a picture; name its file with -o FILE");
    }
    if (json) {
      MaskOutput.json(spec, null, describe(shape, onlyLeft, onlyRight, cells, left));
    } else {
      MaskOutput.text(spec, null, describe(shape, onlyLeft + onlyRight, cells, left, right));
    }
    return onlyLeft + onlyRight == 0 ? Sightline.FINE : Sightline.CHECK_FAILED;
  }

  private void draw(MaskPicture picture, MaskShape shape, Path to) throws IOException {
    MaskPicture named =
        segments == null ? picture : picture.named(MaskNames.of(segments, shape.queries()));
    String name = to.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".png")) {
      MaskOutput.binary(spec, to, "png", named::writePng);
    } else if (name.endsWith(".svg")) {
      MaskOutput.text(spec, to, named.toSvg());
    } else if (name.endsWith(".html")) {
      MaskOutput.text(spec, to, named.toHtml());
    } else {
      throw new IllegalArgumentException(
          "'" + to + "' is no picture; expected a file that ends with .svg, .png or .html");
    }
  }

  /** The first cells that differ, in the order of batch row, head, query and key. */
  private static List<Cell> cells(Mask a, Mask b, MaskShape shape) {
    BoundMask differ = a.minus(b).or(b.minus(a)).over(shape);
    List<Cell> cells = new ArrayList<>();
    for (int n = 0; n < shape.batch() * shape.heads(); n++) {
      int batch = n / shape.heads();
      int head = n % shape.heads();
      Runs same = differ.emptyRows(batch, head);
      for (int i = 0, run = 0; i < shape.queries(); i++) {
        run += run < same.count() && same.end(run) <= i ? 1 : 0;
        if (run < same.count() && same.start(run) <= i) {
          i = same.end(run) - 1;
        } else if (!list(differ.row(batch, head, i), batch, head, i, cells)) {
          return cells;
        }
      }
    }
    return cells;
  }

  private static boolean list(Runs row, int batch, int head, int query, List<Cell> cells) {
    for (int run = 0; run < row.count(); run++) {
      for (int key = row.start(run); key < row.end(run); key++) {
        if (cells.size() == MOST_LISTED) {
          return false;
        }
        cells.add(new Cell(batch, head, query, key));
      }
    }
    return true;
  }

  private static Map<String, Object> describe(
      MaskShape shape, long onlyLeft, long onlyRight, List<Cell> cells, BoundMask left) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("shape", MaskJson.shape(shape));
    json.put("onlyA", onlyLeft);
    json.put("onlyB", onlyRight);
    List<Map<String, Object>> listed = new ArrayList<>();
    for (Cell cell : cells) {
      Map<String, Object> one = MaskJson.cell(cell);
      one.put("allowedBy", left.allowed(cell) ? "A" : "B");
      listed.add(one);
    }
    json.put("cells", listed);
    return json;
  }

  private static String describe(
      MaskShape shape, long count, List<Cell> cells, BoundMask left, BoundMask right) {
    if (count == 0) {
      return "no pair differs over " + shape + "\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(count).append(count == 1 ? " pair differs" : " pairs differ");
    text.append(" over ").append(shape).append('\n');
    for (Cell cell : cells) {
      text.append(cell).append(left.allowed(cell) ? " only A allows\n" : " only B allows\n");
    }
    if (count > cells.size()) {
      text.append("and ").append(count - cells.size()).append(" more\n");
    }
    if (Drawing.fits(shape)) {
      Cell at = cells.get(0);
      text.append('\n');
      text.append(Drawing.difference(left, right, at.batch(), at.head(), List.of()));
    }
    return text.toString();
  }
}
