package dev.sightline.repair;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts the right mask into a model, and proves it.
 *
 * <pre>{@code
 * RepairResult result = Repair.of(Model.open(broken)).writeTo(Path.of("fixed.onnx"));
 * RepairResult declared =
 *     Repair.of(model).mask(Expectation.parse("causal & key-padding")).writeTo(file);
 * }</pre>
 *
 * <p>Without a mask it repairs what the audit finds: padding that is seen, tokens that see later
 * ones, a fill that is too weak. The new model is audited from the file that was written; if the
 * proof does not hold, the file is deleted. Immutable: each option returns another repair.
 */
public final class Repair {
  private static final int SAMPLES = 8;

  private final Model model;
  private final Options options;

  private Repair(Model model, Options options) {
    this.model = model;
    this.options = options;
  }

  /** All that can be chosen, with its defaults. */
  static final class Options {
    UnaryOperator<Audit> audit = given -> given;
    @Nullable Iterable<Sample> samples;
    long padId;
    @Nullable Expectation mask;
    Set<Integer> only = Set.of();
    @Nullable String addedMask;
    OptionalDouble fill = OptionalDouble.empty();
    boolean positionsFromMask;
    @Nullable Pooling pooling;
    boolean force;

    private Options copy() {
      Options copy = new Options();
      copy.audit = audit;
      copy.samples = samples;
      copy.padId = padId;
      copy.mask = mask;
      copy.only = only;
      copy.addedMask = addedMask;
      copy.fill = fill;
      copy.positionsFromMask = positionsFromMask;
      copy.pooling = pooling;
      copy.force = force;
      return copy;
    }
  }

  private Repair with(Consumer<Options> change) {
    Options changed = options.copy();
    change.accept(changed);
    return new Repair(model, changed);
  }

  /**
   * {@return a repair of what the audit finds, over random samples}
   *
   * @param model the model, which stays as it is
   */
  public static Repair of(Model model) {
    Options options = new Options();
    if (!model.roles().streams().isEmpty()) {
      options.padId = model.padId(model.roles().streams().getFirst()).orElse(0);
    }
    return new Repair(model, options);
  }

  /**
   * {@return a repair whose audits have further options}
   *
   * @param audit adds options to an audit, such as a tokenizer; both models are audited with them
   */
  public Repair audit(UnaryOperator<Audit> audit) {
    return with(o -> o.audit = audit);
  }

  /**
   * {@return a repair that is proved over these samples}
   *
   * @param samples the samples, read several times
   */
  public Repair samples(Iterable<Sample> samples) {
    return with(o -> o.samples = samples);
  }

  /**
   * {@return a repair with another padding id}
   *
   * @param padId the token id of padding
   */
  public Repair padId(long padId) {
    return with(o -> o.padId = padId);
  }

  /**
   * {@return a repair that puts declared masks into the model, whatever it has}
   *
   * @param mask a mask for some or all attentions
   */
  public Repair mask(Expectation mask) {
    return with(o -> o.mask = mask);
  }

  /**
   * {@return a repair of some attentions}
   *
   * @param layers in order of execution, from 0; none for all
   */
  public Repair only(Set<Integer> layers) {
    return with(o -> o.only = Set.copyOf(layers));
  }

  /**
   * {@return a repair that gives the model a mask input, int64 with 1 at real tokens, for its first
   * stream of tokens}
   *
   * @param name the name of the new input, such as {@code attention_mask}
   */
  public Repair addInput(String name) {
    return with(o -> o.addedMask = name);
  }

  /**
   * {@return a repair with another score of forbidden keys than the lowest that the type has}
   *
   * @param fill the score, below 0
   * @throws IllegalArgumentException if it is not below 0
   */
  public Repair fill(double fill) {
    if (!(fill < 0)) {
      throw new IllegalArgumentException("a fill must be below 0, but is " + fill);
    }
    return with(o -> o.fill = OptionalDouble.of(fill));
  }

  /**
   * {@return a repair that numbers the tokens of a row by the mask, {@code cumsum(mask) - 1}, where
   * the model takes the numbers of their slots, so that padding may be before a text}
   */
  public Repair positionsFromMask() {
    return with(o -> o.positionsFromMask = true);
  }

  /**
   * {@return a repair that lets the model pool real tokens: in the place of the pooling that it
   * has, else as a new output {@code sentence_embedding} of length 1}
   *
   * @param pooling a pooling over real tokens
   * @throws IllegalArgumentException if it is one that counts padding
   */
  public Repair pooling(Pooling pooling) {
    if (!pooling.takesRealTokensOnly()) {
      throw new IllegalArgumentException("a pooling over real tokens is needed, not " + pooling);
    }
    return with(o -> o.pooling = pooling);
  }

  /** {@return a repair that keeps the new model even if the proof does not hold} */
  public Repair force() {
    return with(o -> o.force = true);
  }

  /**
   * Repairs the model.
   *
   * @param file where the new model goes; not a file of the old one
   * @return what was done and the proof
   * @throws ModelException if the model cannot run the samples, or a name of the new input is taken
   * @throws IOException if the file cannot be written; it is then as it was
   * @throws IllegalArgumentException if a declared mask does not fit the model
   */
  public RepairResult writeTo(Path file) throws IOException {
    List<Sample> samples = new ArrayList<>();
    if (options.samples == null) {
      samples.addAll(new RandomTokens(model, options.padId, Audit.DEFAULT_SEED).samples(SAMPLES));
    } else {
      options.samples.forEach(samples::add);
    }
    return new RepairRun(model, options, samples, file).run();
  }
}
