package dev.sightline.audit;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.internal.recover.MaskComparer;
import dev.sightline.audit.internal.recover.MaskRecovery;
import dev.sightline.audit.internal.recover.MaskRecovery.Attention;
import dev.sightline.audit.internal.recover.MaskRecovery.Heads;
import dev.sightline.audit.internal.recover.MaskRecovery.Recovered;
import dev.sightline.audit.result.MaskComparison;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskObservation;
import dev.sightline.mask.MaskSample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The mask that a model really implements, read back from its attentions.
 *
 * <pre>{@code
 * Mask mask = ImplementedMask.of(Model.open(path)).layer(0); // causal & window(511,0) & padding
 * }</pre>
 *
 * <p>Each attention is computed a second time with zeros in the place of query times key: what the
 * Softmax then gets is the mask and the bias alone, whatever the tokens are. That is done over
 * samples of several lengths, paddings, token types and positions, and the simplest expression that
 * gives exactly these cells is the answer. It holds for what was seen; a window that is longer than
 * the longest sample looks like none.
 */
public final class ImplementedMask {
  private final Recovered recovered;

  private ImplementedMask(Recovered recovered) {
    this.recovered = recovered;
  }

  /**
   * {@return the masks of a model, read over made-up samples of up to 48 tokens}
   *
   * @param model the model
   * @throws ModelException if the model refuses them, or nothing tells which token ids there are
   */
  public static ImplementedMask of(Model model) throws ModelException {
    return of(model, 0);
  }

  /**
   * {@return the masks of a model, read over made-up samples}
   *
   * @param model the model
   * @param longest the most tokens of a sample; not positive for 48
   * @throws ModelException if the model refuses them, or nothing tells which token ids there are
   */
  public static ImplementedMask of(Model model, int longest) throws ModelException {
    List<TokenStream> streams = model.roles().streams();
    long padId = streams.isEmpty() ? 0 : model.padId(streams.getFirst()).orElse(0);
    return of(model, new RandomTokens(model, padId, Audit.DEFAULT_SEED), padId, longest);
  }

  /**
   * {@return the masks of a model, read over made-up samples}
   *
   * @param model the model
   * @param tokens draws the tokens
   * @param padId the token id of padding
   * @param longest the most tokens of a sample; not positive for 48
   * @throws ModelException if the model refuses them, or nothing tells which token ids there are
   */
  public static ImplementedMask of(Model model, RandomTokens tokens, long padId, int longest)
      throws ModelException {
    return new ImplementedMask(MaskRecovery.madeUp(model, tokens, padId, longest));
  }

  /**
   * {@return the masks of a model, read over given samples}
   *
   * @param model the model
   * @param samples the samples, each alone and padded
   * @param padId the token id of padding
   * @throws ModelException if the model refuses them
   */
  public static ImplementedMask of(Model model, List<Sample> samples, long padId)
      throws ModelException {
    return new ImplementedMask(MaskRecovery.given(model, samples, padId));
  }

  /**
   * {@return the mask of an attention; one for each head where they differ}
   *
   * @param layer index in order of execution, from 0
   * @throws IllegalArgumentException if there is no such attention
   * @throws IllegalStateException if it could not be read, or no expression gives its cells
   */
  public Mask layer(int layer) {
    Attention attention = attention(layer);
    if (attention.heads().isEmpty()) {
      throw new IllegalStateException(
          "attention " + layer + " could not be read: " + attention.whyNotRead());
    }
    if (attention.heads().size() == 1) {
      return mask(layer, attention.heads().getFirst());
    }
    TreeSet<Integer> numbers = new TreeSet<>();
    attention.heads().forEach(heads -> numbers.addAll(heads.heads()));
    return Mask.perHead(
        numbers.stream()
            .map(number ->
                attention.heads().stream()
                    .filter(heads -> heads.heads().contains(number))
                    .findFirst()
                    .map(heads -> mask(layer, heads))
                    .orElseThrow())
            .toArray(Mask[]::new));
  }

  private static Mask mask(int layer, Heads heads) {
    return heads
        .mask()
        .mask()
        .orElseThrow(() ->
            new IllegalStateException(
                "no expression gives the cells of attention "
                    + layer
                    + ", heads "
                    + heads.heads()));
  }

  private Attention attention(int layer) {
    if (layer < 0 || layer >= recovered.attentions().size()) {
      throw new IllegalArgumentException(
          "there is no attention " + layer + "; the model has " + recovered.attentions().size());
    }
    return recovered.attentions().get(layer);
  }

  /** {@return the masks of all attentions, as plain values} */
  public ModelMask result() {
    List<MaskSample> samples =
        recovered.attentions().stream()
            .flatMap(attention -> attention.heads().stream())
            .flatMap(heads -> heads.observations().stream())
            .map(MaskObservation::sample)
            .toList();
    List<String> notes = new ArrayList<>(recovered.notes());
    Map<Float, List<Integer>> penalties = new TreeMap<>();
    for (Attention attention : recovered.attentions()) {
      if (attention.penalty() != null) {
        penalties
            .computeIfAbsent(attention.penalty(), p -> new ArrayList<>())
            .add(attention.site().layer());
      }
    }
    penalties.forEach((penalty, layers) -> notes.add(MaskText.penalty(layers, penalty)));
    List<Integer> notInside =
        recovered.attentions().stream()
            .filter(attention -> attention.heads().stream().anyMatch(Heads::notInside))
            .map(attention -> attention.site().layer())
            .toList();
    if (!notInside.isEmpty()) {
      notes.add(MaskText.notInside(notInside));
    }
    boolean guessed =
        recovered.attentions().stream()
            .filter(Attention::guessed)
            .flatMap(attention -> attention.heads().stream())
            .flatMap(heads -> heads.observations().stream())
            .anyMatch(seen -> isPadded(seen.sample()));
    if (guessed) {
      notes.add(MaskText.guessed());
    }
    return new ModelMask(
        recovered.attentions().stream().map(ImplementedMask::layer).toList(),
        samples.stream().mapToInt(MaskSample::keys).min().orElse(0),
        samples.stream().mapToInt(MaskSample::keys).max().orElse(0),
        samples.stream().anyMatch(ImplementedMask::isPadded),
        samples.stream().anyMatch(s -> s.sameTokens() && s.queries() < s.keys()),
        notes);
  }

  private static boolean isPadded(MaskSample sample) {
    for (int k = 0; k < sample.keys(); k++) {
      if (!sample.isRealKey(k)) {
        return true;
      }
    }
    return false;
  }

  private static ModelMask.Layer layer(Attention attention) {
    return new ModelMask.Layer(
        attention.site().layer(),
        attention.site().node(),
        attention.site().source(),
        attention.heads().stream().map(ImplementedMask::heads).toList(),
        attention.whyNotRead());
  }

  private static ModelMask.Heads heads(Heads heads) {
    MaskObservation longest =
        heads.observations().stream()
            .max(
                Comparator.<MaskObservation>comparingInt(o -> isPadded(o.sample()) ? 0 : 1)
                    .thenComparingInt(o -> o.sample().queries())
                    .thenComparingInt(o -> o.sample().keys()))
            .orElseThrow();
    return new ModelMask.Heads(
        heads.heads(),
        text(heads.mask().mask()),
        heads.mask().byCells(),
        heads.cases().stream()
            .map(each -> new ModelMask.Case(each.kind(), text(each.mask().mask())))
            .toList(),
        cells(longest),
        heads.observations().size());
  }

  private static String text(Optional<Mask> mask) {
    return mask.map(Mask::toString).orElse("");
  }

  private static List<String> cells(MaskObservation observation) {
    List<String> rows = new ArrayList<>();
    for (int q = 0; q < observation.sample().queries(); q++) {
      StringBuilder row = new StringBuilder();
      for (int k = 0; k < observation.sample().keys(); k++) {
        row.append(observation.allowed(q, k) ? '1' : '0');
      }
      rows.add(row.toString());
    }
    return rows;
  }

  /**
   * {@return how the masks of the model relate to declared ones} Attentions of which nothing is
   * declared, or which could not be read, are left out.
   *
   * @param expectation a mask for some or all attentions
   * @throws IllegalArgumentException if a mask is declared for an attention that there is not, or
   *     does not fit the samples
   */
  public MaskComparison against(Expectation expectation) {
    expectation.requireWithin(recovered.attentions().size());
    List<MaskComparison.Layer> layers = new ArrayList<>();
    for (Attention attention : recovered.attentions()) {
      Optional<Mask> declared = expectation.of(attention.site().layer());
      if (declared.isPresent()) {
        attention
            .heads()
            .forEach(heads ->
                layers.add(
                    MaskComparer.with(
                        attention.site().layer(),
                        numbers(attention, heads),
                        heads,
                        declared.get())));
      }
    }
    return new MaskComparison(layers);
  }

  /**
   * {@return how the masks of the model relate to those that another model implements}
   *
   * @param other the masks of the other model
   * @throws IllegalArgumentException if it has another number of attentions
   */
  public MaskComparison against(ImplementedMask other) {
    if (recovered.attentions().size() != other.recovered.attentions().size()) {
      throw new IllegalArgumentException(
          "the models have "
              + recovered.attentions().size()
              + " and "
              + other.recovered.attentions().size()
              + " attentions, and are compared one by one");
    }
    List<MaskComparison.Layer> layers = new ArrayList<>();
    for (int n = 0; n < recovered.attentions().size(); n++) {
      Attention attention = recovered.attentions().get(n);
      for (Heads heads : attention.heads()) {
        for (Heads there : other.recovered.attentions().get(n).heads()) {
          List<Integer> both = heads.heads().stream().filter(there.heads()::contains).toList();
          if (!both.isEmpty()) {
            List<Integer> shown = attention.heads().size() == 1 ? List.of() : both;
            layers.add(MaskComparer.with(n, shown, heads, there));
          }
        }
      }
    }
    return new MaskComparison(layers);
  }

  private static List<Integer> numbers(Attention attention, Heads heads) {
    return attention.heads().size() == 1 ? List.of() : heads.heads();
  }

  /** Returns the mask in a line, as in {@code layers 0-4: causal & padding; layer 5: causal}. */
  @Override
  public String toString() {
    return MaskText.line(result());
  }
}
