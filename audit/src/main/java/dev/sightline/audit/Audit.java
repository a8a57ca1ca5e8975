package dev.sightline.audit;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.trial.MaskTrialRun;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.data.file.TextSamples;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether a model obeys its attention mask, and answers with verdicts that carry their
 * evidence.
 *
 * <pre>{@code
 * AuditResult result = Audit.of(LoadedModel.open(path)).texts("One.", "A longer one.").run();
 * }</pre>
 *
 * <p>An audit is immutable: each option returns another audit, and a second run is a second run.
 * Samples are taken a batch at a time and each batch runs some thirty times, so time grows with
 * their number and memory does not.
 */
public final class Audit {
  /** The seed unless another is given. */
  public static final long DEFAULT_SEED = 42;

  private final Model model;
  private final Options options;

  private Audit(Model model, Options options) {
    this.model = model;
    this.options = options;
  }

  /** All that can be chosen, with its defaults. */
  private static final class Options {
    private @Nullable Tokenizer tokenizer;
    private @Nullable Iterable<String> texts;
    private @Nullable Iterable<Sample> samples;
    private @Nullable Path data;
    private LoadedModel.@Nullable Search search; // of a model that was looked for with a tokenizer
    private @Nullable Expectation expectation;
    private Segments segments = Segments.none();
    private long seed = DEFAULT_SEED;
    private OptionalLong padId = OptionalLong.empty();
    private long lowestId;
    private OptionalLong highestId = OptionalLong.empty();
    private Optional<Pooling> pooling = Optional.empty();
    private Optional<Sides> sides = Optional.empty();
    private Optional<MaskPolarity> polarity = Optional.empty();
    private SampleOrigin origin = SampleOrigin.GIVEN;
    private OptionalInt mostProbed = OptionalInt.empty();
    private Collection<String> notes = List.of();
    private LongConsumer progress = done -> {};

    Options copy() {
      Options copy = new Options();
      copy.tokenizer = tokenizer;
      copy.texts = texts;
      copy.samples = samples;
      copy.data = data;
      copy.search = search;
      copy.expectation = expectation;
      copy.segments = segments;
      copy.seed = seed;
      copy.padId = padId;
      copy.lowestId = lowestId;
      copy.highestId = highestId;
      copy.pooling = pooling;
      copy.sides = sides;
      copy.polarity = polarity;
      copy.origin = origin;
      copy.mostProbed = mostProbed;
      copy.notes = notes;
      copy.progress = progress;
      return copy;
    }
  }

  private Audit with(Consumer<Options> change) {
    Options changed = options.copy();
    change.accept(changed);
    return new Audit(model, changed);
  }

  /**
   * {@return an audit of a model with the defaults} Unless it is given texts, samples or a data
   * file, it brings its own: built-in texts where it is given a {@link #tokenizer}, else random
   * tokens.
   *
   * @param model the model, which stays open
   */
  public static Audit of(Model model) {
    return new Audit(model, new Options());
  }

  /**
   * {@return an audit of a model with its tokenizer, if it has one}
   *
   * @param loaded the model, which stays open
   */
  public static Audit of(LoadedModel loaded) {
    return of(loaded.model())
        .with(o -> {
          o.tokenizer = loaded.tokenizer();
          o.search = loaded.search();
        });
  }

  /**
   * {@return an audit that encodes texts with a tokenizer, and pads with its padding id}
   *
   * @param tokenizer encodes the texts, and gives the padding id
   */
  public Audit tokenizer(Tokenizer tokenizer) {
    return with(o -> o.tokenizer = tokenizer);
  }

  /**
   * {@return an audit over these texts; they need a {@link #tokenizer}}
   *
   * @param texts the texts, at least one
   */
  public Audit texts(String... texts) {
    return texts(List.of(texts));
  }

  /**
   * {@return an audit over texts, read once a run; they need a {@link #tokenizer}}
   *
   * @param texts its iterator may throw {@link UncheckedIOException}
   */
  public Audit texts(Iterable<String> texts) {
    return with(o -> {
      o.texts = texts;
      o.samples = null;
      o.data = null;
    });
  }

  /**
   * {@return an audit over samples, read once a run}
   *
   * @param samples its iterator may throw {@link UncheckedIOException}
   */
  public Audit samples(Iterable<Sample> samples) {
    return with(o -> {
      o.samples = samples;
      o.texts = null;
      o.data = null;
    });
  }

  /**
   * {@return an audit over the rows of a data file, of which the first ones alone go through all
   * probes unless {@link #probeFirst} says how many}
   *
   * @param file lines of text, or rows of .jsonl, .csv, .tsv or .parquet with a text or input_ids
   */
  public Audit data(Path file) {
    return with(o -> {
      o.data = file;
      o.texts = null;
      o.samples = null;
    });
  }

  /**
   * {@return an audit that also checks the model against declared masks}
   *
   * @param expectation a mask for some or all attentions
   */
  public Audit expect(Expectation expectation) {
    return with(o -> o.expectation = expectation);
  }

  /**
   * {@return an audit that names tokens by segments where it checks declared masks}
   *
   * @param segments names for runs of tokens
   */
  public Audit segments(Segments segments) {
    return with(o -> o.segments = segments);
  }

  /**
   * {@return an audit with another seed of all that is drawn at random}
   *
   * @param seed any number
   */
  public Audit seed(long seed) {
    return with(o -> o.seed = seed);
  }

  /**
   * {@return an audit with another padding id} The default is the tokenizer's, else the id that the
   * graph compares its ids with, else 0.
   *
   * @param padId the token id of padding, at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public Audit padId(long padId) {
    if (padId < 0) {
      throw new IllegalArgumentException("the id of padding must not be negative, but is " + padId);
    }
    return with(o -> o.padId = OptionalLong.of(padId));
  }

  /**
   * {@return an audit that draws random token ids from a range} The default is the model's
   * embedding table.
   *
   * @param lowest the lowest id
   * @param end one past the highest id
   * @throws IllegalArgumentException if the range is empty or begins below 0
   */
  public Audit ids(long lowest, long end) {
    if (lowest < 0 || end <= lowest) {
      throw new IllegalArgumentException("token ids go from " + lowest + " to before " + end);
    }
    return with(o -> {
      o.lowestId = lowest;
      o.highestId = OptionalLong.of(end);
    });
  }

  /**
   * {@return an audit that fails a pooled output that is made in another way}
   *
   * @param pooling how the pooled output is meant to be made
   */
  public Audit pooling(Pooling pooling) {
    return with(o -> o.pooling = Optional.of(pooling));
  }

  /**
   * {@return an audit that judges padding on these sides alone, and without excuse} The default is
   * where callers pad: on both sides of a decoder with a mask, and of others on the side that the
   * {@link #tokenizer} pads on, which is the right one unless it says otherwise. What fails
   * elsewhere is told and is no failure.
   *
   * @param sides where padding must do no harm
   */
  public Audit side(Sides sides) {
    return with(o -> o.sides = Optional.of(sides));
  }

  /**
   * {@return an audit that takes the masks of the model in this polarity} The default is what the
   * model itself shows.
   *
   * @param polarity what a 1 in the masks means
   */
  public Audit maskPolarity(MaskPolarity polarity) {
    return with(o -> o.polarity = Optional.of(polarity));
  }

  /**
   * {@return an audit whose result says where its samples are from}
   *
   * @param origin where the samples are from
   */
  public Audit origin(SampleOrigin origin) {
    return with(o -> o.origin = origin);
  }

  /**
   * {@return an audit that asks everything of the first samples only, and compares each of the
   * others alone against the same in a batch, which takes a thirtieth of the time} The default asks
   * everything of all.
   *
   * @param samples how many samples go through all probes
   * @throws IllegalArgumentException if it is less than 1
   */
  public Audit probeFirst(int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException("at least 1 sample must be probed, not " + samples);
    }
    return with(o -> o.mostProbed = OptionalInt.of(samples));
  }

  /**
   * {@return an audit whose result lists further notes, such as what was left out of the samples}
   *
   * @param notes read when a run ends, so that reading the samples may add to them
   */
  public Audit notes(Collection<String> notes) {
    return with(o -> o.notes = notes);
  }

  /**
   * {@return an audit that reports its progress}
   *
   * @param progress told the number of samples done after each batch
   */
  public Audit onProgress(LongConsumer progress) {
    return with(o -> o.progress = progress);
  }

  /**
   * Runs all probes over all samples.
   *
   * @return the verdicts with their evidence
   * @throws ModelException if the model cannot run the samples, or there are none
   * @throws IOException if the samples cannot be read
   * @throws IllegalStateException if there are texts and no tokenizer
   * @throws IllegalArgumentException if a declared mask does not fit the samples
   */
  public AuditResult run() throws IOException {
    AuditSettings settings = settings();
    DeclaredMask declared =
        options.expectation == null
            ? null
            : new DeclaredMask(options.expectation, options.segments);
    Model resolved = resolved();
    AuditRun run = new AuditRun(resolved, settings, declared, options.progress, options.notes);
    try (SampleSource source = source(resolved, settings, run::note)) {
      return run.run(source);
    }
  }

  private AuditSettings settings() {
    return new AuditSettings(
        options.seed,
        padId(),
        options.lowestId,
        options.highestId,
        options.pooling,
        options.sides,
        options.mostProbed.orElse(
            options.data == null ? Integer.MAX_VALUE : SampleSource.PROBED_ROWS),
        options.tokenizer != null && options.tokenizer.padsLeft());
  }

  /**
   * Compares the samples' results under their true mask and under a mask of all ones. Of a model
   * that never reads its mask, or takes none, it compares those with and without a mask that is put
   * in at the attentions.
   *
   * @param result of the same model, for what is known of padding inside
   * @return what the mask is worth on these samples
   * @throws ModelException if the model has no mask and none can be put in, or if it refuses the
   *     samples
   * @throws IOException if the samples cannot be read
   * @throws IllegalStateException if there are texts and no tokenizer
   */
  public MaskTrial compareMasks(AuditResult result) throws IOException {
    Model resolved = resolved();
    try (SampleSource source = source(resolved, settings(), note -> {})) {
      return MaskTrialRun.run(resolved, source.samples().iterator(), padId(), options.seed, result);
    }
  }

  private Model resolved() throws ModelException {
    Model known = LoadedModel.of(model, options.tokenizer).model();
    return ModelExperiments.resolve(known, padId(), options.polarity);
  }

  private long padId() {
    return options.padId.orElseGet(LoadedModel.of(model, options.tokenizer)::padId);
  }

  private SampleSource source(Model resolved, AuditSettings settings, Consumer<String> notes)
      throws IOException {
    if (options.samples != null) {
      Iterable<Sample> given = options.samples;
      return SampleSource.of(options.origin, () -> new NonEmptySamples(given.iterator(), notes));
    }
    if (options.texts != null && options.tokenizer == null && options.search == null) {
      throw new IllegalStateException("texts need a tokenizer; call tokenizer");
    }
    LoadedModel loaded =
        new LoadedModel(
            resolved,
            options.tokenizer,
            options.search == null ? LoadedModel.Search.NONE : options.search);
    if (options.texts != null) {
      SampleOrigin origin =
          options.origin.equals(SampleOrigin.GIVEN)
              ? SampleOrigin.of(SampleOrigin.Kind.TEXTS)
              : options.origin;
      return SampleSource.of(
          origin,
          new TextSamples(resolved, SampleSource.requireTokenizer(loaded), options.texts, notes));
    }
    return options.data == null
        ? SampleSource.builtIn(loaded, settings.randomTokens(resolved), notes)
        : SampleSource.file(loaded, options.data, notes);
  }
}
