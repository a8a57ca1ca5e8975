package dev.sightline.report.internal.audit;

import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.report.internal.page.Numbers;
import java.util.Comparator;
import java.util.List;

/** The attentions of the graph and how the mask reaches them, in words. */
final class InventoryView {
  private InventoryView() {}

  /** How the mask reaches the attentions. */
  public record Inventory(
      String sentence, boolean open, List<Site> sites, List<Rejected> rejected) {}

  /** One attention. */
  public record Site(int layer, String softmax, String route, String css, List<String> operands) {}

  /** What was not taken as an attention. */
  public record Rejected(String node, String reason) {}

  static Inventory of(AttentionSites attention) {
    List<AttentionSite> found = attention.found();
    List<Site> sites = found.stream().map(InventoryView::site).toList();
    long reached = found.stream().filter(s -> route(s) == MaskRoute.VALUE).count();
    String sentence =
        found.isEmpty()
            ? "No attention was found in the graph."
            : reached == found.size()
                ? "The values of the mask reach "
                    + (found.size() == 1
                        ? "the one attention"
                        : "all " + found.size() + " attentions")
                    + " of the model."
                : "The values of the mask reach "
                    + reached
                    + " of the model's "
                    + Numbers.count(found.size(), "attention")
                    + ".";
    return new Inventory(
        sentence,
        reached < found.size(),
        sites,
        attention.rejected().stream().map(r -> new Rejected(r.node(), r.reason())).toList());
  }

  private static Site site(AttentionSite site) {
    List<String> operands = site.masks().stream().flatMap(m -> m.operands().stream()).toList();
    return switch (route(site)) {
      case VALUE -> new Site(site.layer(), site.node(), "its values", "pass", operands);
      case SHAPE_ONLY ->
          new Site(site.layer(), site.node(), "only its shape: ignored", "fail", operands);
      case NONE -> new Site(site.layer(), site.node(), "no path", "fail", operands);
    };
  }

  /** The strongest route of any mask: an attention needs but the one of its own tokens. */
  private static MaskRoute route(AttentionSite site) {
    return site.masks().stream()
        .map(MaskPath::route)
        .min(Comparator.naturalOrder())
        .orElse(MaskRoute.NONE);
  }
}
