package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.file.FileKind;
import dev.sightline.onnx.internal.file.ModelFiles;
import dev.sightline.onnx.internal.file.TextConfig;
import dev.sightline.onnx.internal.graph.AttentionFinder;
import dev.sightline.onnx.internal.graph.ExternalData;
import dev.sightline.onnx.internal.graph.Graph;
import dev.sightline.onnx.internal.graph.InputRoles;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.internal.graph.ProtoFile;
import dev.sightline.onnx.internal.graph.StreamLimits;
import dev.sightline.onnx.internal.graph.Tables;
import dev.sightline.onnx.internal.graph.TapPoint;
import dev.sightline.onnx.internal.graph.Taps;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A parsed ONNX file: its inputs and outputs, its attentions, and how its mask reaches them. {@link
 * #session} starts it.
 *
 * <p>The file's bytes are held once; weights inside the parsed graph are views of them.
 */
public final class Model {
  private final String name;
  private final byte[] bytes;
  private final @Nullable Path folder;
  private final List<Path> externalFiles;
  private final ModelProto proto;
  private final Graph graph;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final ModelInputs roles;
  private final Map<TokenStream, StreamLimits> limits = new HashMap<>();
  private final AttentionSites attention;
  private final List<TapPoint> tapPoints;
  private final SpecialTokens special;
  private final boolean polarityKnown;

  private Model(String name, byte[] bytes, @Nullable Path folder, SpecialTokens special)
      throws ModelException {
    this.special = special;
    this.polarityKnown = false;
    this.name = name;
    this.bytes = bytes;
    this.folder = folder;
    this.proto = ProtoFile.model(bytes, this.toString());
    GraphProto main = proto.getGraph();
    if (main.getNodeCount() == 0) {
      throw new ModelException(this + " is not an ONNX model: it holds no graph");
    }
    externalFiles = ExternalData.check(main, folder, toString());
    graph = new Graph(main);
    inputs = graph.fed(main);
    outputs = main.getOutputList().stream().map(OnnxTypes::spec).toList();
    roles = InputRoles.of(graph, inputs);
    Tables tables = new Tables(graph);
    roles.streams().forEach(stream -> limits.put(stream, StreamLimits.of(stream, tables)));
    AttentionFinder.Found found = new AttentionFinder(graph, roles.masks(), opset()).find();
    attention = found.sites();
    tapPoints = found.points();
  }

  private Model(Model other, ModelInputs roles, SpecialTokens special, boolean polarityKnown) {
    this.special = special;
    this.polarityKnown = polarityKnown;
    this.name = other.name;
    this.bytes = other.bytes;
    this.folder = other.folder;
    this.proto = other.proto;
    this.externalFiles = other.externalFiles;
    this.graph = other.graph;
    this.inputs = other.inputs;
    this.outputs = other.outputs;
    this.roles = roles;
    for (int s = 0; s < roles.streams().size(); s++) {
      limits.put(roles.streams().get(s), other.limits(other.roles.streams().get(s)));
    }
    this.attention = other.attention;
    this.tapPoints = other.tapPoints;
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
    return new Model(this, new ModelInputs(streams, roles.others()), special, true);
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
    return new Model(
        files.name(), files.bytes(), files.folder().orElse(null), TextConfig.of(files).tokens());
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
    return new Model(name, bytes, null, SpecialTokens.NONE);
  }

  /**
   * Returns the name of the model.
   *
   * @return a name of the catalog, or the path as it was given
   */
  public String name() {
    return name;
  }

  /**
   * Returns the exporter that wrote the file.
   *
   * @return name and version such as {@code pytorch 2.0.1}; empty if the file does not say
   */
  public String producer() {
    return (proto.getProducerName() + " " + proto.getProducerVersion()).strip();
  }

  /**
   * Returns the version of the standard operator set that the graph uses.
   *
   * @return the opset version
   */
  public long opset() {
    return ProtoFile.opset(proto, "");
  }

  /**
   * Returns the size of the model file, without weights kept in other files.
   *
   * @return bytes
   */
  public long fileBytes() {
    return bytes.length;
  }

  /**
   * Returns the SHA-256 of the model file, followed by the files that hold its weights if it keeps
   * them elsewhere.
   *
   * @return 64 hexadecimal digits in lower case
   * @throws ModelException if a file of weights cannot be read
   */
  public String sha256() throws ModelException {
    try {
      return Sha256.of(bytes, externalFiles);
    } catch (IOException e) {
      throw new ModelException("the weights of " + this + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the inputs that the caller must feed.
   *
   * @return the inputs in the order of the file
   */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /**
   * Returns the outputs that the file declares.
   *
   * @return the outputs in the order of the file
   */
  public List<TensorSpec> outputs() {
    return outputs;
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
    return attention;
  }

  /**
   * Returns whether the graph quantises tensors at run time, by their largest value. The results of
   * such a model depend on every value in the batch, padding included, even if its mask is correct.
   *
   * @return true if the graph has an operator of dynamic quantisation
   */
  public boolean quantizesDynamically() {
    return graph.usesOperator("DynamicQuantizeLinear")
        || graph.usesOperator("DynamicQuantizeMatMul")
        || graph.usesOperator("MatMulIntegerToFloat");
  }

  /**
   * Returns the rounding step at 1 of the coarsest type among the graph's weights and casts. A
   * model with float32 outputs may round to float16 inside.
   *
   * @return the largest {@link ElementType#epsilon()}; 0 if there is no floating-point weight or
   *     cast
   */
  public double coarsestEpsilon() {
    double coarsest = 0;
    for (TensorProto weight : proto.getGraph().getInitializerList()) {
      coarsest = Math.max(coarsest, epsilon(weight.getDataType()));
    }
    for (NodeProto node : graph.nodes()) {
      if (node.getOpType().equals("Cast")) {
        for (AttributeProto to : node.getAttributeList()) {
          coarsest = Math.max(coarsest, epsilon((int) to.getI()));
        }
      }
    }
    return coarsest;
  }

  private static double epsilon(int dataType) {
    ElementType type = OnnxTypes.elementType(dataType);
    return type == null ? 0 : type.epsilon();
  }

  /**
   * Returns whether an output's values depend on the values of any tokens, or of any input if the
   * model has no token stream. An output may be a copy of the mask or of the positions; such an
   * output does not show how the model uses them.
   *
   * @param output name of an output
   * @return true if a path that carries values leads from the tokens to the output
   */
  public boolean isMadeFromTokens(String output) {
    Set<String> contents =
        roles.streams().isEmpty()
            ? inputs.stream().map(TensorSpec::name).collect(Collectors.toSet())
            : roles.streams().stream().map(TokenStream::name).collect(Collectors.toSet());
    Set<String> seen = new HashSet<>(Set.of(output));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      if (contents.contains(tensor)) {
        return true;
      }
      NodeProto node = graph.producer(tensor);
      for (int i = 0; node != null && i < node.getInputCount(); i++) {
        if (!Graph.isShapeEdge(node, i) && seen.add(node.getInput(i))) {
          todo.addLast(node.getInput(i));
        }
      }
      if (node != null && node.getAttributeList().stream().anyMatch(AttributeProto::hasG)) {
        return true; // the body of an If or a Loop may read any tensor
      }
    }
    return false;
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
    return ModelSession.start(this, bytes);
  }

  /**
   * Starts the model as the file has it, for many batches. It is faster than {@link #session()} if
   * the graph makes large tensors, and keeps as much memory as its largest batch needed.
   *
   * @return a session, to be closed
   * @throws ModelException if ONNX Runtime refuses the model
   */
  public ModelSession sessionKeepingMemory() throws ModelException {
    return ModelSession.startKeepingMemory(this, bytes);
  }

  /**
   * Starts the model with each node run on its own, not fused with another.
   *
   * @return a session, to be closed
   * @throws ModelException if ONNX Runtime refuses the model
   */
  public ModelSession unfusedSession() throws ModelException {
    return ModelSession.startUnfused(this, bytes);
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
    if (sites.isEmpty() || taps.isEmpty() || inputs.isEmpty()) {
      return session();
    }
    Taps added = new Taps(batchInput());
    for (AttentionSite site : sites) {
      requireOwn(site);
      Set<Tap> here = EnumSet.copyOf(taps);
      here.retainAll(site.taps());
      added.add(site, tapPoints.get(site.layer()), here);
    }
    return ModelSession.start(this, added.appendedTo(bytes, proto));
  }

  /**
   * Refuses an attention of another model.
   *
   * @param site the attention to check
   * @throws IllegalArgumentException if the site is not one of this model's
   */
  public void requireOwn(AttentionSite site) {
    if (site.layer() >= attention.found().size()
        || !attention.found().get(site.layer()).equals(site)) {
      throw new IllegalArgumentException(site + " is no attention of " + this);
    }
  }

  /**
   * Returns the tensors of the graph that an attention's taps read.
   *
   * @param site an attention of this model
   * @return the tensors, for the exporting modules only
   */
  public TapPoint tapPoint(AttentionSite site) {
    return tapPoints.get(site.layer());
  }

  /**
   * Returns the parsed graph.
   *
   * @return the graph, indexed by tensor name
   */
  public Graph graph() {
    return graph;
  }

  /**
   * Returns the bytes of the model file.
   *
   * @return the model's own array, not a copy
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Returns the model as protobuf; its weights are views of {@link #bytes()}.
   *
   * @return the message that the file holds
   */
  public ModelProto proto() {
    return proto;
  }

  /**
   * Returns the name of an input whose first axis counts the rows of a batch.
   *
   * @return the first token stream's content, or the first input if there is no stream
   */
  public String batchInput() {
    return roles.streams().isEmpty() ? inputs.getFirst().name() : roles.streams().getFirst().name();
  }

  @Nullable Path folder() {
    return folder;
  }

  /** Returns the name in quotes, as messages show it. */
  @Override
  public String toString() {
    return "'" + name + "'";
  }
}
