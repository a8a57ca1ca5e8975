package dev.sightline.mask;

import java.util.List;
import java.util.stream.Collectors;

/** Nodes as text, such that reading the text gives an equal node. */
final class Printer {
  private static final int BRIEF = 60;
  private static final int WIDEST_BITS = 256;

  private Printer() {}

  static String print(Node node) {
    return print(node, " ");
  }

  /** As {@link #print}, cut short: for messages. */
  static String brief(Node node) {
    String text = print(node);
    return text.length() <= BRIEF ? text : text.substring(0, BRIEF - 3) + "...";
  }

  /**
   * @param gap what separates the parts of a long form: a blank, or a line break and an indentation
   */
  static String print(Node node, String gap) {
    return switch (node) {
      case Node.Full full -> "full";
      case Node.Nothing nothing -> "none";
      case Node.Causal causal ->
          causal.alignment() instanceof Alignment.Unstated
              ? "causal"
              : "causal(" + alignment(causal.alignment()) + ")";
      case Node.Window window ->
          "window("
              + distance(window.left())
              + ","
              + distance(window.right())
              + aligned(window.alignment())
              + ")";
      case Node.Chunk chunk ->
          "chunk("
              + chunk.size()
              + (chunk.leftPadding().equals(Ints.of(0))
                  ? ""
                  : "; left-padding=" + chunk.leftPadding())
              + ")";
      case Node.Prefix prefix -> "prefix(" + prefix.lengths() + aligned(prefix.alignment()) + ")";
      case Node.Padding padding -> padding.who().word + "(" + tokens(padding.tokens()) + ")";
      case Node.Documents documents ->
          "documents("
              + documents.queries()
              + (documents.keys().equals(documents.queries()) ? "" : "; keys=" + documents.keys())
              + ")";
      case Node.SameId same -> (same.islands() ? "islands(" : "documents(ids=") + same.ids() + ")";
      case Node.BlockCausal block -> "block-causal(" + bits(block.rows()) + ")";
      case Node.RowCausal block -> "row-causal(" + bits(block.rows()) + ")";
      case Node.Dilated dilated -> "dilated(" + dilated.step() + ")";
      case Node.Global global -> "global(" + global.positions() + ")";
      case Node.SharedPrefix shared ->
          "shared-prefix(" + shared.prefix() + "; " + shared.branches() + ")";
      case Node.Tree tree -> "tree(" + tree.parents() + ")";
      case Node.Grouped grouped -> groups(grouped.groups(), gap);
      case Node.Preset preset -> preset.text();
      case Node.Dense dense -> dense(dense.rows());
      case Node.Step step -> "step(" + print(step.joint(), gap) + ")";
      case Node.Cached cached ->
          "cached(" + bits(cached.prefix()) + "; " + print(cached.suffix(), gap) + ")";
      case Node.And and -> and(and.parts(), gap);
      case Node.Or or ->
          or.parts().stream().map(part -> print(part, gap)).collect(Collectors.joining(" | "));
      case Node.Not not -> "!" + operand(not.part(), gap);
      case Node.PerBatch per -> "per-batch(" + list(per.rows(), gap) + ")";
      case Node.PerHead per -> "per-head(" + list(per.heads(), gap) + ")";
    };
  }

  private static String list(List<Node> nodes, String gap) {
    return nodes.stream().map(node -> print(node, gap)).collect(Collectors.joining("; "));
  }

  private static String and(List<Node> parts, String gap) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      Node part = parts.get(i);
      if (i > 0 && part instanceof Node.Not not) {
        text.append(" - ").append(operand(not.part(), gap));
      } else {
        text.append(i > 0 ? " & " : "").append(operand(part, gap));
      }
    }
    return text.toString();
  }

  private static String operand(Node node, String gap) {
    boolean loose = node instanceof Node.And || node instanceof Node.Or;
    return loose ? "(" + print(node, gap) + ")" : print(node, gap);
  }

  static String alignment(Alignment alignment) {
    return switch (alignment) {
      case Alignment.Unstated unstated -> "";
      case Alignment.TopLeft topLeft -> "top-left";
      case Alignment.BottomRight bottomRight -> "bottom-right";
      case Alignment.Offset offset ->
          "offset="
              + offset.offsets().stream().map(String::valueOf).collect(Collectors.joining(","));
    };
  }

  private static String aligned(Alignment alignment) {
    return alignment instanceof Alignment.Unstated ? "" : "; " + alignment(alignment);
  }

  private static String distance(int distance) {
    return distance == Mask.UNBOUNDED ? "inf" : Integer.toString(distance);
  }

  private static String bits(List<Bits> rows) {
    return rows.stream().map(Bits::toString).collect(Collectors.joining(","));
  }

  private static String tokens(Tokens tokens) {
    String text =
        switch (tokens) {
          case Tokens.Lengths lengths when lengths.side() == Side.LEFT ->
              lengths.lengths() + "; side=left";
          case Tokens.Lengths lengths -> lengths.lengths().toString();
          case Tokens.Flags flags -> bits(flags.rows());
          case Tokens.Digits digits -> String.join(",", digits.rows());
        };
    if (tokens instanceof Tokens.Lengths lengths && lengths.side() == Side.LEFT) {
      return text;
    }
    // Digits that could be either are read as whatever fits the mask, so what is known is said.
    List<String> items = List.of(text.split(",", -1));
    return switch (tokens) {
      case Tokens.Lengths lengths when TokensText.meaning(items) != TokensText.Meaning.LENGTHS ->
          "lengths=" + text;
      case Tokens.Flags flags when TokensText.meaning(items) != TokensText.Meaning.BITS ->
          "bits=" + text;
      default -> text;
    };
  }

  static String groups(Groups groups, String gap) {
    StringBuilder text = new StringBuilder("groups(");
    String lineBreak = gap.equals(" ") ? "" : gap;
    text.append(lineBreak);
    for (int s = 0; s < groups.segments().size(); s++) {
      Groups.Segment segment = groups.segments().get(s);
      text.append(s == 0 ? "" : " ").append(segment.name()).append("(").append(segment.size());
      text.append(segment.inside() == Groups.Inside.CAUSAL ? ", causal)" : ")");
    }
    for (Groups.Segment viewer : groups.segments()) {
      String seen =
          groups.segments().stream()
              .map(Groups.Segment::name)
              .filter(name -> groups.canSee(viewer.name(), name))
              .collect(Collectors.joining(" "));
      if (!seen.isEmpty()) {
        text.append(";").append(gap).append(viewer.name()).append(" sees ").append(seen);
      }
    }
    return text.append(lineBreak.isEmpty() ? "" : "\n").append(")").toString();
  }

  private static String dense(RowRuns rows) {
    StringBuilder text = new StringBuilder();
    if (rows.keys() <= WIDEST_BITS) {
      for (int i = 0; i < rows.queries(); i++) {
        Runs row = rows.row(i);
        text.append(i == 0 ? "dense(" : "/");
        for (int j = 0; j < rows.keys(); j++) {
          text.append(row.contains(j) ? '1' : '0');
        }
      }
      return text.append(")").toString();
    }
    text.append("rows(").append(rows.keys()).append("; ");
    for (int i = 0; i < rows.queries(); i++) {
      text.append(i == 0 ? "" : " / ").append(rows.row(i).isEmpty() ? "-" : rows.row(i));
    }
    return text.append(")").toString();
  }
}
