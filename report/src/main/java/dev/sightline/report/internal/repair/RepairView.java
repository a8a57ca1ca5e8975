package dev.sightline.report.internal.repair;

import dev.sightline.audit.MaskText;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.ModelMask.Heads;
import dev.sightline.audit.result.ModelMask.Layer;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.repair.RepairResult;
import dev.sightline.repair.RepairResult.MaskChange;
import dev.sightline.repair.RepairResult.NodeChange;
import dev.sightline.repair.RepairText;
import dev.sightline.report.internal.audit.AllowedCells;
import dev.sightline.report.internal.audit.AuditView;
import dev.sightline.report.internal.audit.AuditView.Badge;
import dev.sightline.report.internal.audit.AuditView.Fact;
import dev.sightline.report.internal.audit.CellSquares;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the page of a repair says. The records are public so that FreeMarker can read them; the
 * class is not.
 */
public final class RepairView {
  private static final int MOST_MASKS = 12;
  private static final int MOST_HEADS = 4;
  private static final int MOST_NODES = 1500;

  private RepairView() {}

  /**
   * The page.
   *
   * @param name of the old model
   * @param file the new model; empty if none was written
   * @param facts what was done and proved
   * @param wrong what is not proved, or not cured
   * @param masks before and after, by what changed
   * @param notDrawn what is left out of them, in a sentence; empty if nothing is
   * @param example what is drawn
   * @param changed the probes whose answers are others now
   * @param same the other probes
   * @param nodes what happened to the graph, by kind
   * @param nodesLeftOut in a sentence; empty if all are listed
   * @param repaired whether there is a new model, written or not
   * @param command the command line that repeats it; null if unknown
   */
  public record Page(
      String name,
      String file,
      Badge badge,
      String meaning,
      List<Fact> facts,
      List<String> wrong,
      List<Masks> masks,
      String notDrawn,
      String example,
      List<Probe> changed,
      List<Probe> same,
      List<Nodes> nodes,
      String nodesLeftOut,
      boolean repaired,
      @Nullable String command,
      String writtenBy) {}

  /**
   * A mask that was replaced.
   *
   * @param layers whose, as in {@code layers 0-4}
   * @param nodes the names of their nodes
   */
  public record Masks(String layers, List<String> nodes, Side before, Side after) {}

  /**
   * A mask.
   *
   * @param text the expression
   * @param pictures of groups of heads; none if it was not read
   */
  public record Side(String text, List<Picture> pictures) {}

  /**
   * What some heads allow.
   *
   * @param id in the page
   * @param title which heads; empty for all
   */
  public record Picture(String id, String title, CellSquares.Pair squares) {}

  /**
   * A probe of both audits.
   *
   * @param id in the pages of the audits
   * @param after null if there is no new model
   */
  public record Probe(
      String id,
      String question,
      String stream,
      Badge before,
      String meaningBefore,
      @Nullable Badge after,
      String meaningAfter) {}

  /**
   * Changes of one kind.
   *
   * @param kind {@code added}, {@code rewired} or {@code removed}
   * @param sign as in a diff
   * @param open whether there are few enough to be shown at once
   */
  public record Nodes(String kind, String sign, List<NodeChange> nodes, int count, boolean open) {}

  static Page of(RepairResult result, String command, String version) {
    AuditResult after = result.after();
    List<Masks> masks = masks(result);
    List<Probe> probes = probes(result.before(), after);
    List<String> wrong = new ArrayList<>();
    result.refused().forEach(refusal -> wrong.add(RepairText.of(refusal)));
    result.stillWrong().stream().filter(each -> !wrong.contains(each)).forEach(wrong::add);
    int all = result.nodes().size();
    return new Page(
        result.before().model().name(),
        result.file() == null ? "" : result.file().toString(),
        badge(result),
        RepairText.meaning(result),
        facts(result),
        wrong,
        masks.stream().limit(MOST_MASKS).toList(),
        masks.size() > MOST_MASKS
            ? "Not drawn: " + Numbers.count(masks.size() - MOST_MASKS, "further mask") + "."
            : "",
        AllowedCells.EXAMPLE,
        probes.stream().filter(RepairView::isOther).toList(),
        probes.stream().filter(probe -> !isOther(probe)).toList(),
        nodes(result),
        all > MOST_NODES
            ? "Of %d changes %d of each kind at most are listed; repair.json has all."
                .formatted(all, MOST_NODES)
            : "",
        after != null,
        command.isBlank() ? null : command,
        "sightline repair"
            + (version.isEmpty() ? "" : " " + version)
            + ", "
            + result.before().conditions().finished()
            + ", model SHA-256 "
            + result.before().model().sha256());
  }

  private static Badge badge(RepairResult result) {
    String css =
        switch (result.outcome()) {
          case REPAIRED, WAS_RIGHT -> "pass";
          case NOT_PROVED, NO_CURE -> "fail";
        };
    return new Badge(RepairText.word(result.outcome()), "", css);
  }

  private static List<Fact> facts(RepairResult result) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(
            "New model",
            result.file() == null
                ? "none was written"
                : result.file() + (result.stillWrong().isEmpty() ? "" : ", forced")));
    result
        .further()
        .forEach(
            change -> facts.add(new Fact(capitalised(change.what()), RepairText.further(change))));
    RepairResult.Sameness sameness = result.sameness();
    if (sameness != null) {
      facts.add(new Fact("Without padding", RepairText.unpadded(sameness)));
      facts.add(
          new Fact("Speed", Numbers.of(sameness.ratio()) + " times the time of the old model"));
      facts.add(new Fact("Graph", RepairText.counts(result)));
    }
    return facts;
  }

  private static String capitalised(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  private static List<Masks> masks(RepairResult result) {
    Map<String, List<MaskChange>> alike = new LinkedHashMap<>();
    for (MaskChange change : result.masks()) {
      alike
          .computeIfAbsent(change.was() + "\n" + change.is(), key -> new ArrayList<>())
          .add(change);
    }
    AuditResult after = result.after();
    List<Masks> masks = new ArrayList<>();
    for (List<MaskChange> changes : alike.values()) {
      MaskChange first = changes.getFirst();
      int number = masks.size();
      masks.add(
          new Masks(
              RepairText.layers(changes.stream().map(MaskChange::layer).toList()),
              changes.stream().map(MaskChange::node).toList(),
              side("before-" + number, first.layer(), first.was(), result.before().mask()),
              side(
                  "after-" + number,
                  first.layer(),
                  first.is(),
                  after == null ? null : after.mask())));
    }
    return masks;
  }

  /** What was read from the model itself, and not what was meant to be in it. */
  private static Side side(String id, int layer, String text, @Nullable ModelMask mask) {
    Optional<Layer> read =
        mask == null
            ? Optional.empty()
            : mask.layers().stream().filter(each -> each.layer() == layer).findFirst();
    List<Picture> pictures = new ArrayList<>();
    List<Heads> groups = read.map(Layer::heads).orElse(List.of());
    for (Heads heads : groups.subList(0, Math.min(MOST_HEADS, groups.size()))) {
      boolean cross = read.map(each -> each.source() == Source.CROSS).orElse(false);
      Optional<CellSquares.Pair> square = AllowedCells.ofExample(heads, cross);
      if (square.isEmpty() && !heads.cells().isEmpty()) {
        square = Optional.of(AllowedCells.asRead(heads));
      }
      String title = groups.size() == 1 ? "" : MaskText.heads(heads);
      int number = pictures.size();
      square.ifPresent(pair -> pictures.add(new Picture(id + "-" + number, title, pair)));
    }
    String shown = read.filter(each -> !each.heads().isEmpty()).map(MaskText::of).orElse(text);
    return new Side(shown.isEmpty() ? "unknown" : shown, pictures);
  }

  private static List<Probe> probes(AuditResult before, @Nullable AuditResult after) {
    List<Probe> probes = new ArrayList<>();
    for (Finding finding : before.findings()) {
      Optional<Finding> now =
          after == null
              ? Optional.empty()
              : after.findings().stream()
                  .filter(f -> f.probe() == finding.probe() && f.stream().equals(finding.stream()))
                  .findFirst();
      if (finding.verdict().outcome() == Outcome.NOT_APPLICABLE
          && now.map(f -> f.verdict().outcome() == Outcome.NOT_APPLICABLE).orElse(true)) {
        continue;
      }
      probes.add(
          new Probe(
              finding.probe().id(),
              VerdictText.question(finding.probe()),
              finding.stream(),
              AuditView.badge(finding.verdict().outcome()),
              VerdictText.of(finding),
              now.map(f -> AuditView.badge(f.verdict().outcome())).orElse(null),
              now.map(VerdictText::of).orElse("")));
    }
    return probes;
  }

  private static boolean isOther(Probe probe) {
    return probe.after == null
        ? probe.before.css().equals("fail")
        : !probe.after.equals(probe.before);
  }

  private static List<Nodes> nodes(RepairResult result) {
    List<Nodes> nodes = new ArrayList<>();
    for (String kind : List.of("rewired", "removed", "added")) {
      List<NodeChange> some =
          result.nodes().stream().filter(node -> node.kind().equals(kind)).toList();
      if (!some.isEmpty()) {
        String sign = kind.equals("added") ? "+" : kind.equals("removed") ? "\u2212" : "~";
        List<NodeChange> listed = some.stream().limit(MOST_NODES).toList();
        nodes.add(new Nodes(kind, sign, listed, some.size(), some.size() <= 12));
      }
    }
    return nodes;
  }
}
