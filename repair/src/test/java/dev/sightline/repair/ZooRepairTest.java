package dev.sightline.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.data.RandomTokens;
import dev.sightline.onnx.Model;
import dev.sightline.repair.RepairResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every planted bug that a mask can cure is cured without options, and every other one is refused.
 * The table of all is in docs/zoo.md; {@code -Dsightline.writeDocs=true} repairs the whole zoo,
 * which takes minutes, and writes it. Without that, some are repaired.
 */
class ZooRepairTest {
  private static final String HEADING = "## Repairs";

  @TempDir Path folder;

  /** What masks do not reach: where tokens mix, and pooling, which wants an option. */
  private static boolean isCurable(ZooModel model) {
    if (model.bug() == Bug.POSITIONS_IGNORED) {
      return true;
    }
    boolean inBody = model.name().startsWith("if-");
    return model.bug().place() == Bug.Place.ATTENTION && model.bug() != Bug.SWAPPED_AXES && !inBody;
  }

  /** Of every way in which an attention takes its mask, with the bugs in turn. */
  private static final List<ZooModel> SOME =
      List.of(
          Zoo.model(Architecture.MS_ATTENTION, Bug.MASK_INVERTED),
          Zoo.model(Architecture.MULTI_HEAD, Bug.PAD_ID_IS_REAL),
          Zoo.model(Architecture.ATTENTION_OP, Bug.WRONG_STRIDE),
          Zoo.model(Architecture.DECODER_PAST, Bug.CAUSAL_OFF_BY_ONE),
          Zoo.model(Architecture.ENCODER_DECODER, Bug.ENCODER_MASK_IGNORED_LAYER),
          Zoo.model(Architecture.IF_BRANCH, Bug.MASK_CUT_ALL));

  @Test
  void bugsOfMasks_areCured_andOthersAreRefused() throws IOException {
    for (ZooModel model : SOME) {
      assertThat(repair(model).outcome())
          .as(model.name())
          .isEqualTo(isCurable(model) ? Outcome.REPAIRED : Outcome.NO_CURE);
    }
  }

  @Test
  void attentionInABody_isRefused_byNodeAndBody() throws IOException {
    RepairResult result = repair(Zoo.model(Architecture.IF_BRANCH, Bug.MASK_CUT_ALL));
    assertThat(result.refused().getFirst().reason())
        .matches("if_\\d+: a Softmax inside the body of this If is out of reach: .+_branch");
  }

  @Test
  void table_isTheOneInTheDocs() throws IOException {
    Path docs = Path.of("..", "docs", "zoo.md");
    String text = Files.readString(docs);
    if (Boolean.getBoolean("sightline.writeDocs")) {
      int end = text.indexOf(HEADING);
      String rest = end < 0 ? text + "\n" : text.substring(0, end);
      Files.writeString(docs, rest + table());
      return;
    }
    for (Bug bug : Zoo.bugs().map(ZooModel::bug).distinct().toList()) {
      long all = Zoo.bugs().filter(m -> m.bug() == bug).count();
      long cured = Zoo.bugs().filter(m -> m.bug() == bug && isCurable(m)).count();
      assertThat(text.substring(text.indexOf(HEADING)))
          .contains("| %s | %d | %d |".formatted(name(bug), all, cured));
    }
  }

  private String table() throws IOException {
    Map<Bug, List<RepairResult>> results = new TreeMap<>();
    for (ZooModel model : Zoo.bugs().toList()) {
      RepairResult result = repair(model);
      assertThat(result.outcome())
          .as(model.name())
          .isEqualTo(isCurable(model) ? Outcome.REPAIRED : Outcome.NO_CURE);
      results.computeIfAbsent(model.bug(), b -> new ArrayList<>()).add(result);
    }
    StringBuilder table = new StringBuilder();
    table.append(
        """
        ## Repairs

        `sightline repair` without options, made and checked by `ZooRepairTest`: a model counts as repaired only if its
        audit then fails nothing. Equal to the bit are the outputs of samples without padding, of models whose old mask was
        right there.

        | bug | models | repaired | equal to the bit | refused, since |
        | --- | --- | --- | --- | --- |
        """);
    results.forEach((bug, all) -> table.append(row(bug, all)));
    return table.toString();
  }

  private static String row(Bug bug, List<RepairResult> results) {
    List<RepairResult> cured =
        results.stream().filter(result -> result.outcome() == Outcome.REPAIRED).toList();
    long expected =
        cured.stream()
            .map(RepairResult::sameness)
            .filter(same -> same != null && same.expected())
            .count();
    long equal =
        cured.stream()
            .map(RepairResult::sameness)
            .filter(same -> same != null && same.expected() && same.different() == 0)
            .count();
    String why =
        results.stream().anyMatch(result -> result.outcome() == Outcome.NO_CURE) ? reason(bug) : "";
    return "| %s | %d | %d | %s | %s |%n"
        .formatted(
            name(bug),
            results.size(),
            cured.size(),
            expected == 0 ? "" : equal + " of " + expected,
            why);
  }

  private static String reason(Bug bug) {
    return switch (bug.place()) {
      case POOLING -> "the pooling takes padding: `--pooling` replaces it";
      case ATTENTION ->
          bug == Bug.SWAPPED_AXES ? "attention is between rows" : "the Softmax is in an If's body";
      default -> "tokens are mixed outside attention";
    };
  }

  private static String name(Bug bug) {
    return bug.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private RepairResult repair(ZooModel zoo) throws IOException {
    Model model = Model.parse(zoo.bytes(), zoo.name());
    return Repair.of(model)
        .padId(0)
        .samples(new RandomTokens(model, 0, 1).samples(4))
        .writeTo(folder.resolve("out.onnx"));
  }
}
