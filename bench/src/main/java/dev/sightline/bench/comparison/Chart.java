package dev.sightline.bench.comparison;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * GFLOP/s of all backends as bars, grouped by workload, and the FMA peak as a line. Pairs that do
 * not attend do not count, so a backend that computes them too gets a short bar.
 */
final class Chart {
  private static final int WIDTH = 890;
  private static final int LEFT = 280; // of the bars; the names of the workloads are left of it
  private static final int BARS = 560;
  private static final int TOP = 92;
  private static final int BAR = 15;
  private static final int GAP = 14; // between workloads

  /** The number of a bar shorter than this is right of it, not in it. */
  private static final int ROOM_FOR_A_NUMBER = 44;

  private record Series(Entrant entrant, String css, String title) {}

  private static final List<Series> SERIES =
      List.of(
          new Series(Entrant.SIGHTLINE, "ours", "Sightline"),
          new Series(Entrant.LIBTORCH, "torch", "LibTorch SDPA"),
          new Series(Entrant.ORT_MULTI_HEAD, "mha", "ONNX Runtime MultiHeadAttention"),
          new Series(Entrant.ORT_ATTENTION, "std", "ONNX Runtime Attention"),
          new Series(Entrant.ORT_GROUP_QUERY, "gqa", "GroupQueryAttention"));

  private static final String STYLE =
      """
      <style>
        text { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 12px; fill: #1f2328 }
        .paper { fill: #ffffff } .title { font-size: 16px; font-weight: 600 } .small { font-size: 11px; fill: #59636e }
        .end { text-anchor: end } .middle { text-anchor: middle } .number { font-size: 11px }
        .in { fill: #ffffff; text-anchor: end } .peak { stroke: #59636e; stroke-dasharray: 4 3 }
        .ours { fill: #0a5bc4 } .torch { fill: #a84410 } .mha { fill: #4d6b5a } .std { fill: #6a6f76 } .gqa { fill: #7d5a8c }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 } .paper { fill: #0d1117 } .small { fill: #9198a1 } .in { fill: #ffffff }
          .peak { stroke: #9198a1 }
          .ours { fill: #2f7de1 } .torch { fill: #b8561f } .mha { fill: #577a66 } .std { fill: #6e7681 } .gqa { fill: #8a6699 }
        }
      </style>
      """;

  private Chart() {}

  /** The chart as SVG; empty if it shows none of the rows. */
  static Optional<String> of(Results results) {
    List<Row> rows =
        results.rows().stream()
            .filter(row -> row.workload().chart() && !row.together())
            .filter(row -> row.entries().stream().anyMatch(Chart::isBar))
            .toList();
    return rows.isEmpty() ? Optional.empty() : Optional.of(draw(results, rows));
  }

  private static boolean isBar(TaskResult entry) {
    return entry.timing().isPresent()
        && SERIES.stream().anyMatch(s -> s.entrant() == entry.entrant());
  }

  private static String draw(Results results, List<Row> rows) {
    double peak = rows.stream().mapToDouble(row -> row.peak().rate()).max().orElseThrow();
    StringBuilder bars = new StringBuilder();
    int y = TOP;
    for (Row row : rows) {
      y = group(bars, row, y, peak);
    }
    int bottom = y - GAP + 6;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                + " aria-label=\"Attention on the CPU in GFLOP/s\">\n",
            WIDTH,
            bottom + 28));
    svg.append(STYLE);
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
            WIDTH,
            bottom + 28));
    svg.append(text(16, 26, "title", "Attention on the CPU, GFLOP/s of pairs that attend"));
    svg.append(text(16, 44, "small", subtitle(results, rows.getFirst().threads())));
    legend(svg, rows);
    int x = LEFT + BARS;
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"peak\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
            x,
            TOP - 6,
            x,
            bottom));
    svg.append(bars);
    svg.append(
        text(
            x,
            bottom + 16,
            "small end",
            String.format(Locale.ROOT, "FMA peak %.0f GFLOP/s", peak)));
    return svg.append("</svg>\n").toString();
  }

  private static String subtitle(Results results, int threads) {
    return String.format(
        Locale.ROOT,
        "%s, %s-bit vectors, %d thread%s, JDK %s; %s",
        results.facts().getOrDefault("cpu", "unknown CPU"),
        results.facts().getOrDefault("vector_bits", "?"),
        threads,
        threads == 1 ? "" : "s",
        Runtime.version().feature(),
        String.join(", ", results.backends().stream().map(Chart::withoutRemarks).toList()));
  }

  private static String withoutRemarks(String backend) {
    return backend.replaceAll(" \\(.*\\)", "");
  }

  /** The backends that have a bar, side by side. */
  private static void legend(StringBuilder svg, List<Row> rows) {
    int x = 16;
    for (Series series : SERIES) {
      if (rows.stream().noneMatch(row -> row.timing(series.entrant()).isPresent())) {
        continue;
      }
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%d\" y=\"58\" width=\"12\" height=\"12\"/>\n",
              series.css(),
              x));
      svg.append(text(x + 18, 68, "", series.title()));
      x += 44 + series.title().length() * 7;
    }
  }

  /** Draws the bars of one workload; returns the y of the next one. */
  private static int group(StringBuilder svg, Row row, int y, double peak) {
    List<Series> shown = SERIES.stream().filter(s -> row.timing(s.entrant()).isPresent()).toList();
    int middle = y + shown.size() * BAR / 2 + 4;
    svg.append(text(LEFT - 10, middle, "end", row.workload().label()));
    for (Series series : shown) {
      double speed = row.gigaflops(row.timing(series.entrant()).orElseThrow());
      double width = Math.max(1, BARS * speed / peak);
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
              series.css(),
              LEFT,
              y,
              width,
              BAR - 2));
      boolean inside = width >= ROOM_FOR_A_NUMBER;
      svg.append(
          text(
              LEFT + (int) width + (inside ? -5 : 5),
              y + BAR - 4,
              inside ? "number in" : "number",
              String.format(Locale.ROOT, speed < 10 ? "%.1f" : "%.0f", speed)));
      y += BAR;
    }
    return y + GAP;
  }

  static String text(int x, int y, String css, String text) {
    return String.format(
        Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, css, escape(text));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
