package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the comparison with a declared mask found, counted, in a few sentences. */
public final class ConformanceSummary {
  private ConformanceSummary() {}

  /** What the comparison with the declared mask found, in one or two short sentences. */
  public static List<String> sentences(Conformance conformance) {
    long offences = conformance.attentions().stream().mapToLong(Attention::offences).sum();
    long forbidden = conformance.attentions().stream().mapToLong(Attention::forbidden).sum();
    List<String> sentences = new ArrayList<>();
    String where = inShort(conformance);
    if (offences > 0) {
      sentences.add(
          (where.isEmpty() ? "" : where + ": ")
              + Numbers.count(offences)
              + " of "
              + Numbers.count(forbidden)
              + " forbidden probabilities are not 0");
    } else if (forbidden > 0) {
      sentences.add(
          "no head attends to more than declared: "
              + Numbers.count(forbidden)
              + " forbidden probabilities are all 0");
    }
    Conformance.Reach reach = conformance.reach();
    if (reach.leaks() > 0) {
      sentences.add(
          "through all layers: "
              + Numbers.count(reach.leaks())
              + " of "
              + Numbers.count(reach.unreachable(), "pair")
              + " without a path depend on each other");
    }
    return sentences;
  }

  /** What breaks the declared mask, in one line for the top of the page; empty if nothing does. */
  static String inShort(Conformance conformance) {
    List<List<Attention>> offending = alike(conformance, true);
    if (offending.isEmpty()) {
      return "";
    }
    List<Attention> first = offending.getFirst();
    CellPicture picture = first.getFirst().picture();
    List<SegmentTable.Block> blocks =
        picture == null ? List.of() : new SegmentTable(picture).blocks();
    if (blocks.isEmpty()) {
      return "";
    }
    SegmentTable.Block worst = blocks.getFirst();
    int more = blocks.size() - 1;
    return worst.rows()
        + " attends to "
        + (worst.padding() ? "padding of " : "")
        + worst.columns()
        + (more == 0 ? "" : ", and " + Numbers.count(more, "more pair") + " of segments")
        + ", in "
        + (first.size() == 1
            ? "attention " + first.getFirst().attention()
            : "attentions " + numbers(first))
        + (offending.size() == 1
            ? ""
            : "; " + Numbers.count(offending.size() - 1, "other kind") + " of offence besides");
  }

  static String numbers(List<Attention> attentions) {
    return listed(attentions.stream().map(a -> Integer.toString(a.attention())).toList());
  }

  static String counts(Conformance conformance) {
    Map<State, Long> states =
        conformance.attentions().stream()
            .collect(Collectors.groupingBy(Attention::state, Collectors.counting()));
    List<String> parts = new ArrayList<>();
    for (State state : State.values()) {
      long count = states.getOrDefault(state, 0L);
      if (count > 0) {
        parts.add(count + " " + words(state, count));
      }
    }
    String held =
        parts.isEmpty()
            ? "No attention was found"
            : "Of "
                + Numbers.count(conformance.attentions().size(), "attention")
                + ", "
                + String.join(", ", parts);
    return held
        + ". Looked at: "
        + Numbers.count(conformance.samples(), "sample")
        + " of "
        + Numbers.count(conformance.tokens().size(), "token")
        + ".";
  }

  private static String words(State state, long count) {
    boolean one = count == 1;
    return switch (state) {
      case CONFORMS -> one ? "conforms" : "conform";
      case OFFENDS -> one ? "attends to what it must not" : "attend to what they must not";
      case NARROWER -> one ? "allows less than declared" : "allow less than declared";
      case UNUSED -> one ? "uses no allowed key" : "use no allowed key";
      case NOT_DECLARED -> one ? "has no declared mask" : "have no declared mask";
      case NOT_READABLE -> "cannot be read";
    };
  }

  /** Attentions of the same declared and the same offending cells, in order of execution. */
  static List<List<Attention>> alike(Conformance conformance, boolean offend) {
    Map<String, List<Attention>> groups = new LinkedHashMap<>();
    for (Attention attention : conformance.attentions()) {
      CellPicture picture = attention.picture();
      if (picture != null && (attention.state() == State.OFFENDS) == offend) {
        groups
            .computeIfAbsent(attention.state() + looks(picture), k -> new ArrayList<>())
            .add(attention);
      }
    }
    return List.copyOf(groups.values());
  }

  private static String looks(CellPicture picture) {
    StringBuilder looks = new StringBuilder();
    looks.append(picture.sample()).append(picture.rows()).append(picture.columns());
    for (int r = 0; r < picture.rows().size(); r++) {
      for (int c = 0; c < picture.columns().size(); c++) {
        looks.append(picture.declared(r, c) ? '1' : picture.offends(r, c) ? '#' : '0');
      }
    }
    return looks.toString();
  }

  /** {@code 0, 2 and 4}. */
  private static String listed(List<String> words) {
    if (words.size() > 12) {
      return String.join(", ", words.subList(0, 12)) + " and " + (words.size() - 12) + " more";
    }
    return String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.getLast();
  }
}
