package dev.sightline.audit;

import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.audit.result.SampleOrigin.Kind;
import dev.sightline.data.DataFormat;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.file.FileSamples;
import dev.sightline.data.file.TextSamples;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Samples to audit a model with, where they are from, and the file that they are read from. */
public final class SampleSource implements AutoCloseable {
  /** Of clearly different lengths, so that all but one need padding when they share a batch. */
  private static final List<String> BUILT_IN_TEXTS =
      List.of(
          "Hello.",
          "Where is the nearest station?",
          "The cat sat on the mat and watched the rain.",
          "A mask says which token may look at which; when it is wrong, nothing crashes.",
          "She opened the letter slowly, read it twice, folded it along its old creases, and put it"
              + " back into the drawer without a word.",
          "Batches are rectangles and texts are not, so every text shorter than the longest one is"
              + " filled up with padding that no real token is ever supposed to see, however many"
              + " layers and heads the model has.");

  /** How many rows of a data file go through all probes: as many as there are built-in texts. */
  public static final int PROBED_ROWS = BUILT_IN_TEXTS.size();

  private static final int RANDOM_SAMPLES = 8;

  private final SampleOrigin origin;
  private final Iterable<Sample> samples;
  private final OptionalLong count;
  private final @Nullable FileSamples file;

  private SampleSource(
      SampleOrigin origin,
      Iterable<Sample> samples,
      OptionalLong count,
      @Nullable FileSamples file) {
    this.origin = origin;
    this.samples = samples;
    this.count = count;
    this.file = file;
  }

  /**
   * {@return samples that are at hand}
   *
   * @param kind what they are
   * @param samples the samples
   */
  public static SampleSource of(Kind kind, List<Sample> samples) {
    return new SampleSource(SampleOrigin.of(kind), samples, OptionalLong.of(samples.size()), null);
  }

  /**
   * {@return what a model is audited with if nothing is given: built-in English texts where it has
   * a tokenizer and takes token ids, else random tokens}
   *
   * @param loaded the model
   * @param tokens draws the random tokens
   * @param notes told which texts were cut, and why
   * @throws ModelException if the model has an input that cannot be filled
   */
  public static SampleSource builtIn(
      LoadedModel loaded, RandomTokens tokens, Consumer<String> notes) throws ModelException {
    List<TokenStream> streams = loaded.model().roles().streams();
    boolean readable = !streams.isEmpty() && streams.stream().allMatch(TokenStream::isOfIds);
    if (loaded.tokenizer() != null && readable) {
      return texts(Kind.BUILT_IN_TEXTS, loaded, BUILT_IN_TEXTS, notes);
    }
    List<Sample> samples = tokens.samples(RANDOM_SAMPLES);
    if (!readable) {
      return of(Kind.RANDOM_VALUES, samples);
    }
    return new SampleSource(
        new SampleOrigin(Kind.RANDOM_IDS, loaded.search().places(), loaded.search().remarks()),
        samples,
        OptionalLong.of(samples.size()),
        null);
  }

  /**
   * {@return texts}
   *
   * @param loaded the model
   * @param texts a text each
   * @param notes told which texts were left out or cut, and why
   * @throws ModelException if the model has no tokenizer, or an input that token ids cannot fill
   */
  public static SampleSource texts(LoadedModel loaded, List<String> texts, Consumer<String> notes)
      throws ModelException {
    return texts(Kind.TEXTS, loaded, texts, notes);
  }

  /** Samples whose number is not known. */
  static SampleSource of(SampleOrigin origin, Iterable<Sample> samples) {
    return new SampleSource(origin, samples, OptionalLong.empty(), null);
  }

  private static SampleSource texts(
      Kind kind, LoadedModel loaded, List<String> texts, Consumer<String> notes)
      throws ModelException {
    return new SampleSource(
        SampleOrigin.of(kind),
        new TextSamples(loaded.model(), requireTokenizer(loaded), List.copyOf(texts), notes),
        OptionalLong.of(texts.size()),
        null);
  }

  static Tokenizer requireTokenizer(LoadedModel loaded) throws ModelException {
    if (loaded.tokenizer() == null) {
      throw new ModelException(
          "texts need a tokenizer, and there is no tokenizer.json beside "
              + loaded.model()
              + loaded.search().remarks().stream()
                  .map(each -> " (" + each + ")")
                  .findFirst()
                  .orElse("")
              + "; name one (--tokenizer), or leave texts away for random ids");
    }
    return loaded.tokenizer();
  }

  /**
   * {@return the rows of a data file, of which the first ones alone go through all probes}
   *
   * @param loaded the model
   * @param file lines of text, or rows of .jsonl, .csv, .tsv or .parquet with a text or input_ids
   * @param notes told which rows were left out or cut, and why
   * @throws IOException if there is no such file, or the model cannot read it
   */
  public static SampleSource file(LoadedModel loaded, Path file, Consumer<String> notes)
      throws IOException {
    FileSamples rows =
        new FileSamples(loaded.model(), loaded.tokenizer(), file, DataFormat.of(file), notes);
    return new SampleSource(SampleOrigin.of(Kind.DATA_FILE), rows, OptionalLong.empty(), rows);
  }

  /** {@return where the samples are from} */
  public SampleOrigin origin() {
    return origin;
  }

  /** {@return the samples; those of a file are read anew by each iterator} */
  public Iterable<Sample> samples() {
    return samples;
  }

  /**
   * {@return how many samples there are}
   *
   * @param readFile whether to read a file once, to count its rows; else they are unknown
   * @throws IOException if the file cannot be read
   */
  public OptionalLong count(boolean readFile) throws IOException {
    return file != null && readFile ? OptionalLong.of(file.countRows()) : count;
  }

  /**
   * {@return an audit of these samples}
   *
   * @param audit an audit of the same model
   */
  public Audit over(Audit audit) {
    Audit given = audit.origin(origin).samples(samples);
    return file == null ? given : given.probeFirst(PROBED_ROWS);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
