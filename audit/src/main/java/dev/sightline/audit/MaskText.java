package dev.sightline.audit;

import dev.sightline.audit.result.MaskComparison;
import dev.sightline.audit.result.MaskComparison.DifferentCell;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.ModelMask.Heads;
import dev.sightline.audit.result.ModelMask.Layer;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Says in English which masks a model implements, and how they differ from others. */
public final class MaskText {
  private MaskText() {}

  /**
   * {@return the masks in a line, as in {@code layers 0-4: causal & padding; layer 5: causal}}
   *
   * @param mask the masks of all attentions
   */
  public static String line(ModelMask mask) {
    return String.join("; ", lines(mask));
  }

  /**
   * {@return the masks, each with the layers that have it}
   *
   * @param mask the masks of all attentions
   */
  public static List<String> lines(ModelMask mask) {
    return List.copyOf(byLine(mask).keySet());
  }

  /**
   * {@return the layers by the line that says their mask, in the order of the first of each}
   *
   * @param mask the masks of all attentions
   */
  public static SequencedMap<String, List<Layer>> byLine(ModelMask mask) {
    Map<String, List<Layer>> alike = new LinkedHashMap<>();
    for (Layer layer : mask.layers()) {
      String key = (layer.source() == Source.CROSS ? "cross " : "self ") + of(layer);
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(layer);
    }
    SequencedMap<String, List<Layer>> lines = new LinkedHashMap<>();
    boolean mixed =
        mask.layers().stream().anyMatch(layer -> layer.source() == Source.CROSS)
            && mask.layers().stream().anyMatch(layer -> layer.source() == Source.SELF);
    for (List<Layer> layers : alike.values()) {
      boolean cross = layers.getFirst().source() == Source.CROSS;
      lines.put(
          (layers.size() == 1 ? "layer " : "layers ")
              + ranges(layers.stream().map(Layer::layer).toList())
              + (mixed && cross ? " (cross)" : "")
              + ": "
              + of(layers.getFirst()),
          layers);
    }
    return lines;
  }

  /**
   * {@return the mask of a layer, for each head where they differ}
   *
   * @param layer an attention and its mask
   */
  public static String of(Layer layer) {
    if (layer.heads().isEmpty()) {
      return "not read (" + layer.whyNotRead() + ")";
    }
    if (layer.heads().size() == 1) {
      return of(layer.heads().getFirst());
    }
    return layer.heads().stream()
        .map(heads -> heads(heads) + ": " + of(heads))
        .collect(Collectors.joining(", "));
  }

  /**
   * {@return the numbers of heads, as in {@code heads 0-2, 5}}
   *
   * @param heads heads that allow the same
   */
  public static String heads(Heads heads) {
    return (heads.heads().size() == 1 ? "head " : "heads ") + ranges(heads.heads());
  }

  private static String of(Heads heads) {
    if (!heads.cases().isEmpty()) {
      return heads.cases().stream()
          .map(each -> each.mask() + " " + of(each.kind()))
          .collect(Collectors.joining(", and "));
    }
    if (heads.mask().isEmpty() || heads.byCells()) {
      return "cells that no short expression gives";
    }
    return heads.mask();
  }

  private static String of(ModelMask.Kind kind) {
    return switch (kind) {
      case UNPADDED -> "in a batch without padding";
      case PADDED -> "in one with padding";
      case AT_ONCE -> "where all tokens run at once";
      case IN_STEPS -> "in steps over a cache";
    };
  }

  /**
   * {@return what the masks were read from, and what that leaves open}
   *
   * @param mask the masks of all attentions
   */
  public static String scope(ModelMask mask) {
    String lengths =
        mask.shortest() == mask.longest()
            ? "for " + tokens(mask.longest())
            : "for lengths " + mask.shortest() + " to " + mask.longest();
    return lengths
        + (mask.padding() ? ", with and without padding" : ", without padding")
        + (mask.steps() ? ", at once and in steps over a cache" : "");
  }

  /**
   * {@return which masks would look the same, and how to tell them; empty if none would}
   *
   * @param mask the masks of all attentions
   */
  public static String ties(ModelMask mask) {
    boolean open =
        mask.layers().stream()
            .flatMap(layer -> layer.heads().stream())
            .anyMatch(heads -> !heads.byCells() && isOpen(heads.mask()));
    return open && mask.shortest() < mask.longest()
        ? "a window or chunk of "
            + mask.longest()
            + " tokens or more would look the same up to length "
            + mask.longest()
            + "; --length N reads longer samples"
        : "";
  }

  /** Whether no window, chunk or document ends the mask to the left. */
  private static boolean isOpen(String mask) {
    return !mask.isEmpty()
        && !mask.contains("window")
        && !mask.contains("chunk")
        && !mask.contains("groups")
        && !mask.contains("none");
  }

  static String penalty(List<Integer> layers, float penalty) {
    boolean one = layers.size() == 1;
    return String.format(
        Locale.ROOT,
        "%s %s %s %.4g to the scores of padded keys, which does not forbid them",
        one ? "layer" : "layers",
        ranges(layers),
        one ? "adds" : "add",
        penalty);
  }

  static String notInside(List<Integer> layers) {
    return (layers.size() == 1 ? "layer " : "layers ")
        + ranges(layers)
        + ": samples with padding inside are left out, no short expression gives their cells too";
  }

  static String guessed() {
    return "which keys are padding is taken from the mask itself where an attention has other"
        + " lengths than the inputs";
  }

  /**
   * {@return how a model's masks relate to others, a sentence for each layer}
   *
   * @param comparison how the masks relate to others
   */
  public static List<String> lines(MaskComparison comparison) {
    Map<String, List<MaskComparison.Layer>> alike = new LinkedHashMap<>();
    for (MaskComparison.Layer layer : comparison.layers()) {
      alike.computeIfAbsent(layer.heads() + of(layer), k -> new ArrayList<>()).add(layer);
    }
    List<String> lines = new ArrayList<>();
    for (List<MaskComparison.Layer> layers : alike.values()) {
      List<Integer> heads = layers.getFirst().heads();
      lines.add(
          (layers.size() == 1 ? "layer " : "layers ")
              + ranges(layers.stream().map(MaskComparison.Layer::layer).toList())
              + (heads.isEmpty()
                  ? ""
                  : (heads.size() == 1 ? ", head " : ", heads ") + ranges(heads))
              + ": "
              + of(layers.getFirst()));
    }
    return lines;
  }

  private static String of(MaskComparison.Layer layer) {
    String implemented = layer.implemented().isEmpty() ? "its cells" : layer.implemented();
    String other = layer.other().isEmpty() ? "the other cells" : layer.other();
    return switch (layer.relation()) {
      case EQUAL -> implemented + " is equal to " + other;
      case WIDER -> implemented + " is wider than " + other + cells(layer);
      case NARROWER -> implemented + " is narrower than " + other + cells(layer);
      case OTHER -> implemented + " allows other cells than " + other + cells(layer);
      case UNKNOWN -> implemented + " and " + other + " were read from different samples";
    };
  }

  private static String cells(MaskComparison.Layer layer) {
    List<String> counts = new ArrayList<>();
    if (layer.wider() > 0) {
      counts.add(layer.wider() + (layer.wider() == 1 ? " cell more" : " cells more"));
    }
    if (layer.narrower() > 0) {
      counts.add(layer.narrower() + (layer.narrower() == 1 ? " cell less" : " cells less"));
    }
    DifferentCell first = layer.cells().getFirst();
    return " ("
        + String.join(", ", counts)
        + "; of "
        + tokens(first.keys())
        + ", query "
        + first.query()
        + (first.implemented() ? " sees key " : " does not see key ")
        + first.key()
        + ")";
  }

  private static String tokens(int count) {
    return count + (count == 1 ? " token" : " tokens");
  }

  /** As in {@code 0-4, 6}. */
  static String ranges(List<Integer> numbers) {
    List<String> ranges = new ArrayList<>();
    for (int n = 0; n < numbers.size(); ) {
      int end = n;
      while (end + 1 < numbers.size() && numbers.get(end + 1) == numbers.get(end) + 1) {
        end++;
      }
      ranges.add(n == end ? "" + numbers.get(n) : numbers.get(n) + "-" + numbers.get(end));
      n = end + 1;
    }
    return String.join(", ", ranges);
  }
}
