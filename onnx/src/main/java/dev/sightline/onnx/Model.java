package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.onnx.internal.file.FileKind;
import dev.sightline.onnx.internal.file.ModelFiles;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.file.TextConfig;
import dev.sightline.onnx.internal.graph.GraphQuestions;
import dev.sightline.onnx.internal.graph.StreamLimits;
import dev.sightline.onnx.internal.graph.Tables;
import dev.sightline.onnx.internal.model.ModelBase;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A parsed ONNX file: its inputs and outputs, its attentions, and how its mask reaches them. {@link
 * #session} starts it.
 *
 * <p>The weights are held once, in native memory, however many sessions there are.
 */
public final class Model extends ModelBase {
  private final ParsedModel file;
  private final ModelInputs roles;
  private final Map<TokenStream, StreamLimits> limits = new HashMap<>();
  private final SpecialTokens special;
  private final boolean polarityKnown;

  private Model(ParsedModel file, SpecialTokens special) {
    super(file);
    this.file = file;
    this.roles = file.roles();
    this.special = special;
    this.polarityKnown = false;
    Tables tables = new Tables(file.graph());
    roles.streams().forEach(stream -> limits.put(stream, StreamLimits.of(stream, tables)));
  }

  private Model(Model other, ModelInputs roles, SpecialTokens special, boolean polarityKnown) {
    this(other, other.file, roles, special, polarityKnown);
  }

  private Model(
      Model other,
      ParsedModel file,
      ModelInputs roles,
      SpecialTokens special,
      boolean polarityKnown) {
    super(file);
    this.file = file;
    this.roles = roles;
    this.special = special;
    this.polarityKnown = polarityKnown;
    for (int s = 0; s < roles.streams().size(); s++) {
      limits.put(roles.streams().get(s), other.limits(other.roles.streams().get(s)));
    }
  }

  /**
   * Returns the same model with the masks of some streams read as 1 at padding and 0 at real
   * tokens, and all others the other way round. Their polarity counts as known from then on.
   *
   * @param padding indices in {@link ModelInputs#streams()}
   * @return a copy that shares the graph
   * @throws IndexOutOfBoundsException if there is no such stream
   */
  public Model withPaddingAsOne(List<Integer> padding) {
    List<TokenStream> streams = new ArrayList<>(roles.streams());
    for (int s = 0; s < streams.size(); s++) {
      streams.set(s, streams.get(s).withPaddingAsOne(false));
    }
    for (int stream : padding) {
      streams.set(stream, streams.get(stream).withPaddingAsOne(true));
    }
    return new Model(
        this, new ModelInputs(streams, roles.others(), roles.rowAxes()), special, true);
  }

  /**
   * Returns the same model with an input that says how many tokens of each row are real.
   *
   * @param stream index in {@link ModelInputs#streams()}
   * @param lengths one of the other inputs, integers {@code [B]}
   * @return a copy that shares the graph
   * @throws IndexOutOfBoundsException if there is no such stream
   */
  public Model withLengths(int stream, TensorSpec lengths) {
    List<TokenStream> streams = new ArrayList<>(roles.streams());
    streams.set(stream, streams.get(stream).withLengths(lengths));
    List<TensorSpec> others =
        roles.others().stream().filter(other -> !other.equals(lengths)).toList();
    return new Model(
        this, new ModelInputs(streams, others, roles.rowAxes()), special, polarityKnown);
  }

  /**
   * Returns the same model with what is known of the axes of its other inputs.
   *
   * @param axes the axis that counts the rows of a batch, by the name of the input
   * @return a copy that shares the graph
   */
  public Model withRowAxes(Map<String, Integer> axes) {
    ModelInputs known = new ModelInputs(roles.streams(), roles.others(), axes);
    return new Model(this, known, special, polarityKnown);
  }

  /**
   * Returns the same model without the limit that a table seemed to set to a stream's length.
   *
   * @param stream one of this model's {@link #roles()}
   * @return a copy that shares the graph
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public Model withoutTokenLimit(TokenStream stream) {
    Model copy = new Model(this, roles, special, polarityKnown);
    copy.limits.put(stream, limits(stream).withoutMaxTokens());
    return copy;
  }

  /**
   * Returns the same model with a least length of made-up samples.
   *
   * @param stream one of this model's {@link #roles()}
   * @param least the number of tokens
   * @return a copy that shares the graph
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public Model withLeastTokens(TokenStream stream, int least) {
    Model copy = new Model(this, roles, special, polarityKnown);
    copy.limits.put(stream, limits(stream).withLeastTokens(least));
    return copy;
  }

  /**
   * Returns the same model, whose sessions run on a number of threads. The default is one for each
   * core of the machine.
   *
   * @param threads at least 1
   * @return a copy that shares the graph
   * @throws IllegalArgumentException if there is no thread
   */
  public Model withThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a model runs on 1 thread or more, not " + threads);
    }
    return new Model(this, file.withThreads(threads), roles, special, polarityKnown);
  }

  /**
   * Returns how long a made-up sample must be.
   *
   * @param stream one of this model's {@link #roles()}
   * @return the number of tokens; empty if any length is enough
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public OptionalInt leastTokens(TokenStream stream) {
    return limits(stream).leastTokens();
  }

  /**
   * Returns whether the polarity of the masks was given or found, and is not merely assumed.
   *
   * @return true after {@link #withPaddingAsOne}
   */
  public boolean isPolarityKnown() {
    return polarityKnown;
  }

  /**
   * Returns the same model with special tokens that are known from elsewhere, such as its
   * tokenizer. What they leave open stays as it was.
   *
   * @param known the special tokens
   * @return a copy that shares the graph
   */
  public Model withSpecialTokens(SpecialTokens known) {
    return new Model(this, roles, known.or(special), polarityKnown);
  }

  /**
   * Reads a .onnx file, or the one of a folder, of the folder {@code onnx} in it, or of a .jar. Of
   * several in one folder it takes {@code model.onnx}.
   *
   * @param path the file, the folder or the .jar
   * @return the model, named as its file
   * @throws ModelException if there is no such file, if there are none or several, if the file is
   *     not an ONNX model or its graph is empty, or if it keeps weights outside its folder
   */
  public static Model open(Path path) throws ModelException {
    return open(ModelFiles.of(path));
  }

  static Model open(ModelFiles files) throws ModelException {
    ParsedModel file = ParsedModel.read(files.name(), files.source(), files.folder().orElse(null));
    return new Model(file, TextConfig.of(files).tokens());
  }

  /**
   * Reads a model from bytes. Such a model cannot keep weights in other files.
   *
   * @param bytes the .onnx file; kept, not copied, so do not change them
   * @param name the name of the model in messages
   * @return the model
   * @throws ModelException as {@link #open}
   */
  public static Model parse(byte[] bytes, String name) throws ModelException {
    FileKind.require(bytes, bytes.length, "'" + name + "'", "an ONNX model");
    ParsedModel file = ParsedModel.read(name, new ModelSource.InMemory(bytes), null);
    return new Model(file, SpecialTokens.NONE);
  }

  /**
   * Returns the name of the model.
   *
   * @return a name of the catalog, or the path as it was given
   */
  public String name() {
    return file.name();
  }

  /**
   * Returns the exporter that wrote the file.
   *
   * @return name and version such as {@code pytorch 2.0.1}; empty if the file does not say
   */
  public String producer() {
    return (file.proto().getProducerName() + " " + file.proto().getProducerVersion()).strip();
  }

  /**
   * Returns the version of the standard operator set that the graph uses.
   *
   * @return the opset version
   */
  public long opset() {
    return file.opset();
  }

  /**
   * Returns the size of the model file, without weights kept in other files.
   *
   * @return bytes
   */
  public long fileBytes() {
    return file.fileBytes();
  }

  /**
   * Returns the files that the model is read from: the .onnx file, and those of its weights.
   *
   * @return the files; none if it was read from memory or out of a .jar
   */
  public List<Path> files() {
    return file.files();
  }

  /**
   * Returns the SHA-256 of the model file, followed by the files that hold its weights if it keeps
   * them elsewhere. Of a file of which the model uses less than half, such as one that models
   * share, the parts that it uses are taken.
   *
   * @return 64 hexadecimal digits in lower case
   * @throws ModelException if a file of weights cannot be read
   */
  public String sha256() throws ModelException {
    return file.sha256();
  }

  /**
   * Returns the inputs that the caller must feed.
   *
   * @return the inputs in the order of the file
   */
  public List<TensorSpec> inputs() {
    return file.inputs();
  }

  /**
   * Returns the outputs that the file declares.
   *
   * @return the outputs in the order of the file
   */
  public List<TensorSpec> outputs() {
    return file.outputs();
  }

  /**
   * Returns the inputs, sorted by role.
   *
   * @return token streams with their masks, and all other inputs
   */
  public ModelInputs roles() {
    return roles;
  }

  /**
   * Returns the attentions of the model.
   *
   * @return the attentions found, and the nodes rejected
   */
  public AttentionSites attention() {
    return file.attention();
  }

  /**
   * Returns whether the graph quantises tensors at run time, by their largest value. The results of
   * such a model depend on every value in the batch, padding included, even if its mask is correct.
   *
   * @return true if the graph has an operator of dynamic quantisation
   */
  public boolean quantizesDynamically() {
    return GraphQuestions.quantizesDynamically(file.graph());
  }

  /**
   * Returns the size of the vocabulary, from the embedding table that a stream's ids index.
   *
   * @param stream one of this model's {@link #roles()}
   * @return number of token ids; empty if there is no such table
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public OptionalInt vocabulary(TokenStream stream) {
    return limits(stream).vocabulary();
  }

  /**
   * Returns the id of padding if the graph compares ids with a single constant, as RoBERTa's
   * positions do.
   *
   * @param stream one of this model's {@link #roles()}
   * @return the token id; empty if the graph has no such comparison
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public OptionalLong padId(TokenStream stream) {
    return limits(stream).padId();
  }

  /**
   * Returns the id of a text's end, if the graph takes the text's vector from where it finds it.
   *
   * @param stream one of this model's {@link #roles()}
   * @return the id; empty if the graph looks for none
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public OptionalLong endId(TokenStream stream) {
    return limits(stream).endId();
  }

  /**
   * Returns the special tokens of a stream: what the files beside the model tell, else the graph.
   *
   * @param stream one of this model's {@link #roles()}
   * @return what is known; a stream after the first begins and ends with none
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public SpecialTokens specialTokens(TokenStream stream) {
    StreamLimits own = limits(stream);
    List<Long> end = own.endId().stream().boxed().toList();
    SpecialTokens graph = new SpecialTokens(own.padId(), List.of(), end, Set.of());
    if (!stream.equals(roles.streams().getFirst())) {
      return new SpecialTokens(
          special.or(graph).padding(), List.of(), end, special.or(graph).all());
    }
    SpecialTokens both = special.or(graph);
    return new SpecialTokens(
        both.padding(), both.first(), end.isEmpty() ? both.last() : end, both.all());
  }

  /**
   * Returns the longest sequence that the model takes: the length that the file fixes, else the
   * rows of the position table.
   *
   * @param stream one of this model's {@link #roles()}
   * @return number of tokens; empty if the file gives neither
   * @throws IllegalArgumentException if the stream is not one of this model's
   */
  public OptionalInt maxTokens(TokenStream stream) {
    return limits(stream).maxTokens();
  }

  private StreamLimits limits(TokenStream stream) {
    StreamLimits known = limits.get(stream);
    if (known == null) {
      throw new IllegalArgumentException("'" + stream + "' is no stream of " + this);
    }
    return known;
  }

  /**
   * Starts the model as the file has it.
   *
   * @return a session, to be closed
   * @throws ModelException if ONNX Runtime refuses the model
   */
  public ModelSession session() throws ModelException {
    return start(file.proto(), Use.PLAIN);
  }

  /**
   * Starts the model as the file has it, for many batches. It is faster than {@link #session()} if
   * the graph makes large tensors, and keeps as much memory as its largest batch needed.
   *
   * @return a session, to be closed
   * @throws ModelException if ONNX Runtime refuses the model
   */
  public ModelSession sessionKeepingMemory() throws ModelException {
    return start(file.proto(), Use.KEEPING_MEMORY);
  }

  /**
   * Starts the model with additional outputs, {@link AttentionSite#output} for each site and each
   * of the taps that the site has. The runtime cannot fuse nodes across an added output, so the
   * results may differ from {@link #session()}'s by rounding.
   *
   * <p>{@link Tap#PADDING_MASS} adds an input for each site as well, {@link
   * AttentionSite#paddingInput}, and sums inside the graph, so that probabilities are not copied
   * out of it.
   *
   * @param sites attentions of this model
   * @param taps the taps to add where a site has them
   * @return a session, to be closed
   * @throws ModelException if ONNX Runtime refuses the model
   * @throws IllegalArgumentException if a site is not one of this model's
   */
  public ModelSession tappedSession(List<AttentionSite> sites, Set<Tap> taps)
      throws ModelException {
    return start(file.tapped(sites, taps), Use.CHANGED);
  }

  private ModelSession start(ModelProto graph, Use use) throws ModelException {
    return new ModelSession(RuntimeSession.start(file, graph, use));
  }

  /** Returns the name in quotes, as messages show it. */
  @Override
  public String toString() {
    return file.toString();
  }
}
