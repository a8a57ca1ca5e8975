package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.ImplementedMask;
import dev.sightline.audit.MaskText;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.MaskComparison;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.mask.Drawing;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline mask of}: the mask that a model implements. */
@Command(
    name = "of",
    description = {
      "Read back the mask that a model implements, layer by layer.",
      "With --against, compare it with an expression or another model. Exit code 1 if they differ."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskOfCommand implements Callable<Integer> {
  private static final int MOST_DRAWN = 3;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A model of the catalog (see 'sightline models'), a .onnx file, or a folder or .jar with"
              + " one.")
  private String model;

  @Option(
      names = "--against",
      paramLabel = "MODEL|EXPR",
      description =
          "Another model, an expression such as 'causal & padding', or one for each layer ('0,2:"
              + " A; 1,3: B').")
  private @Nullable String against;

  @Option(names = "--layer", paramLabel = "L", description = "This layer alone, from 0.")
  private @Nullable Integer layer;

  @Option(names = "--head", paramLabel = "H", description = "This head alone, from 0.")
  private @Nullable Integer head;

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      description =
          "Samples as tensors (.npz, .safetensors), named as the model's inputs, a row each."
              + " Default: samples of several lengths and paddings are made up.")
  private @Nullable Path inputs;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "The longest sample that is made up. Default: 48.")
  private @Nullable Integer length;

  @Option(
      names = "--id-range",
      paramLabel = "LOW:HIGH",
      description = "Token ids are drawn from LOW to below HIGH. Default: the model's own table.")
  private @Nullable String idRange;

  @Option(
      names = "--pad-id",
      paramLabel = "ID",
      description = "The id of padding. Default: the tokenizer's or the graph's own, else 0.")
  private @Nullable Long padId;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description =
          "Write the masks there, one for each layer, as --expect and --against read them.")
  private @Nullable Path out;

  /** Why a candidate is no attention, for the message that there is none. */
  private String rejected = "";

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskOfCommand() {}

  @Override
  public Integer call() throws IOException {
    if (length != null && length < 1) {
      throw new IllegalArgumentException("--length must be at least 1, but is " + length);
    }
    OutputFiles.requireNoInput(OutputFiles.existing(model, against, inputs), out);
    try (Watchdog _ = limits.watch()) {
      return answer();
    }
  }

  private int answer() throws IOException {
    ImplementedMask implemented = read(model);
    ModelMask mask = selected(implemented.result());
    if (against != null) {
      return compare(implemented, against);
    }
    if (out != null) {
      MaskOutput.text(spec, out, expectation(mask));
    }
    if (json) {
      MaskOutput.json(spec, null, describe(mask));
    } else {
      MaskOutput.text(spec, null, text(mask));
    }
    return Sightline.FINE;
  }

  private ImplementedMask read(String nameOrFile) throws IOException {
    try (LoadedModel loaded = new ModelSource().load(nameOrFile, null)) {
      Model read = loaded.model();
      rejected =
          read.attention().rejected().stream()
              .findFirst()
              .map(first -> "; '" + first.node() + "': " + first.reason())
              .orElse("");
      long padding = padId == null ? loaded.padId() : padId;
      long[] range = idRange == null ? null : range(idRange);
      RandomTokens tokens =
          new RandomTokens(
              read,
              padding,
              range == null ? 0 : range[0],
              range == null ? OptionalLong.empty() : OptionalLong.of(range[1]),
              Audit.DEFAULT_SEED);
      if (inputs != null) {
        List<Sample> samples = SampleFile.read(read, inputs, tokens).samples();
        return ImplementedMask.of(read, samples, padding);
      }
      return ImplementedMask.of(read, tokens, padding, length == null ? 0 : length);
    }
  }

  private static long[] range(String text) {
    if (!text.matches("[0-9]{1,9}:[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a range of ids; expected LOW:HIGH, such as 5:30000");
    }
    String[] ends = text.split(":", -1);
    return new long[] {Long.parseLong(ends[0]), Long.parseLong(ends[1])};
  }

  /** The layer and the head that were asked for. */
  private ModelMask selected(ModelMask mask) throws ModelException {
    if (mask.layers().isEmpty()) {
      throw new ModelException("'" + model + "' has no attention that can be read" + rejected);
    }
    List<ModelMask.Layer> layers = new ArrayList<>();
    for (ModelMask.Layer each : mask.layers()) {
      if (layer == null || layer == each.layer()) {
        layers.add(head == null ? each : ofHead(each, head));
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no layer "
              + layer
              + "; the model has "
              + mask.layers().size()
              + ", counted from 0");
    }
    return new ModelMask(
        layers, mask.shortest(), mask.longest(), mask.padding(), mask.steps(), mask.notes());
  }

  private static ModelMask.Layer ofHead(ModelMask.Layer layer, int head) {
    List<ModelMask.Heads> heads =
        layer.heads().stream().filter(heads1 -> heads1.heads().contains(head)).toList();
    if (heads.isEmpty() && !layer.heads().isEmpty()) {
      throw new IllegalArgumentException(
          "there is no head "
              + head
              + " in layer "
              + layer.layer()
              + ", which has "
              + layer.heads().stream().mapToInt(h -> h.heads().size()).sum());
    }
    return new ModelMask.Layer(
        layer.layer(), layer.node(), layer.source(), heads, layer.whyNotRead());
  }

  private static String text(ModelMask mask) {
    StringBuilder text = new StringBuilder();
    MaskText.lines(mask).forEach(line -> text.append(line).append('\n'));
    text.append(MaskText.scope(mask));
    String ties = MaskText.ties(mask);
    text.append(ties.isEmpty() ? "" : "; " + ties).append('\n');
    mask.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
    int drawn = 0;
    for (ModelMask.Layer layer : mask.layers()) {
      for (ModelMask.Heads heads : layer.heads()) {
        if (((heads.mask().isEmpty() && heads.cases().isEmpty()) || heads.byCells())
            && drawn++ < MOST_DRAWN) {
          text.append("\nlayer ").append(layer.layer());
          text.append(", heads ").append(heads.heads()).append(", one sample:\n");
          text.append(drawing(heads.cells()));
        }
      }
    }
    return text.toString();
  }

  private static String drawing(List<String> rows) {
    Mask cells = Mask.parse("dense(" + String.join("/", rows) + ")");
    return Drawing.of(cells.over(rows.size(), rows.getFirst().length()), 0, 0, List.of());
  }

  /** As {@code --expect} reads it; layers without an expression are comments. */
  private static String expectation(ModelMask mask) {
    StringBuilder text = new StringBuilder();
    for (ModelMask.Layer layer : mask.layers()) {
      boolean one = layer.heads().size() == 1 && !layer.heads().getFirst().mask().isEmpty();
      text.append(one ? "" : "# ");
      text.append(layer.layer()).append(": ");
      text.append(one ? layer.heads().getFirst().mask() : MaskText.of(layer)).append(";\n");
    }
    return text.toString();
  }

  private Map<String, Object> describe(ModelMask mask) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("model", model);
    described.put("shortest", mask.shortest());
    described.put("longest", mask.longest());
    described.put("padding", mask.padding());
    described.put("steps", mask.steps());
    List<Map<String, Object>> layers = new ArrayList<>();
    for (ModelMask.Layer each : mask.layers()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("layer", each.layer());
      one.put("node", each.node());
      one.put("source", each.source().name().toLowerCase(java.util.Locale.ROOT));
      if (each.heads().isEmpty()) {
        one.put("notRead", each.whyNotRead());
      }
      List<Map<String, Object>> groups = new ArrayList<>();
      for (ModelMask.Heads heads : each.heads()) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("heads", heads.heads());
        group.put("mask", heads.mask().isEmpty() ? null : heads.mask());
        if (!heads.cases().isEmpty()) {
          group.put("cases", heads.cases());
        }
        group.put("samples", heads.samples());
        group.put("cells", heads.cells());
        groups.add(group);
      }
      one.put("masks", groups);
      layers.add(one);
    }
    described.put("layers", layers);
    described.put("text", MaskText.line(mask));
    described.put("notes", mask.notes());
    return described;
  }

  private int compare(ImplementedMask implemented, String other) throws IOException {
    MaskComparison all =
        isModel(other)
            ? implemented.against(read(other))
            : implemented.against(Expectation.read(other));
    MaskComparison comparison =
        new MaskComparison(
            all.layers().stream()
                .filter(each -> layer == null || layer == each.layer())
                .filter(
                    each -> head == null || each.heads().isEmpty() || each.heads().contains(head))
                .toList());
    if (comparison.layers().isEmpty()) {
      throw new IllegalArgumentException("nothing was compared: no layer of both could be read");
    }
    if (json) {
      Map<String, Object> described = new LinkedHashMap<>();
      described.put("equal", comparison.isEqual());
      described.put("layers", comparison.layers());
      MaskOutput.json(spec, null, described);
    } else {
      StringBuilder text = new StringBuilder();
      MaskText.lines(comparison).forEach(line -> text.append(line).append('\n'));
      text.append(MaskText.scope(implemented.result())).append('\n');
      MaskOutput.text(spec, null, text.toString());
    }
    return comparison.isEqual() ? Sightline.FINE : Sightline.CHECK_FAILED;
  }

  /** A name of the catalog, a .onnx file, a folder or a .jar; all else is an expression. */
  private static boolean isModel(String text) {
    if (new ModelSource().isListed(text)) {
      return true;
    }
    try {
      Path path = Path.of(text);
      boolean named = text.toLowerCase(Locale.ROOT).endsWith(".onnx") || text.endsWith(".jar");
      return named || (text.length() < 4096 && Files.isDirectory(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
