package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
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
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.nio.file.Files;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file, read and understood but not yet running: what it takes and gives, where its
 * attentions are, and how its mask reaches them. {@link #session} starts it.
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

  private Model(String name, byte[] bytes, @Nullable Path folder) throws ModelException {
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

  private Model(Model other, ModelInputs roles) {
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
   * Returns the same model, of which the mask of a stream is 1 at padding and 0 at real tokens.
   *
   * @param stream index of the stream
   */
  public Model withPaddingAsOne(int stream) {
    List<TokenStream> streams = new ArrayList<>(roles.streams());
    streams.set(stream, streams.get(stream).withPaddingAsOne());
    return new Model(this, new ModelInputs(streams, roles.others()));
  }

  /**
   * Reads a .onnx file, or the one .onnx file of a folder.
   *
   * @param path the file or the folder
   * @return the model, named as its file
   * @throws ModelException if there is no such file, if the folder has none or several, if the file
   *     is not an ONNX model or its graph is empty, or if it keeps weights outside its folder
   */
  public static Model open(Path path) throws ModelException {
    Path file = Files.isDirectory(path) ? onlyModelIn(path) : path;
    Path parent = file.toAbsolutePath().getParent();
    return new Model(file.toString(), ProtoFile.read(file, "model"), parent);
  }

  private static Path onlyModelIn(Path folder) throws ModelException {
    List<Path> models;
    try (Stream<Path> files = Files.list(folder)) {
      models =
          files
              .filter(file -> file.toString().endsWith(".onnx") && Files.isRegularFile(file))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new ModelException("'" + folder + "' cannot be listed: " + e.getMessage(), e);
    }
    if (models.size() != 1) {
      throw new ModelException(
          "the folder '"
              + folder
              + "' has "
              + models.size()
              + " .onnx files; expected one, or the path of a file");
    }
    return models.getFirst();
  }

  /**
   * Reads a model from bytes, which it keeps: do not change them. Such a model cannot keep weights
   * in other files.
   *
   * @param name what to call it in messages
   * @throws ModelException as {@link #open}
   */
  public static Model parse(byte[] bytes, String name) throws ModelException {
    return new Model(name, bytes, null);
  }

  /** What the user calls the model: a name of the catalog, or the file as it was given. */
  public String name() {
    return name;
  }

  /** The exporter that wrote the file, such as {@code pytorch 2.0.1}; empty if it does not say. */
  public String producer() {
    return (proto.getProducerName() + " " + proto.getProducerVersion()).strip();
  }

  /** The version of the standard operator set that the graph is written in. */
  public long opset() {
    return ProtoFile.opset(proto, "");
  }

  /** Bytes of the model file, without weights kept in other files. */
  public long fileBytes() {
    return bytes.length;
  }

  /**
   * The SHA-256 of the model, 64 hexadecimal digits in lower case: of the file, followed by the
   * files that hold its weights if it keeps them elsewhere.
   */
  public String sha256() throws ModelException {
    try {
      return Sha256.of(bytes, externalFiles);
    } catch (IOException e) {
      throw new ModelException("the weights of " + this + " cannot be read: " + e.getMessage(), e);
    }
  }

  public List<TensorSpec> inputs() {
    return inputs;
  }

  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** What the model is fed, by the part that each input plays. */
  public ModelInputs roles() {
    return roles;
  }

  public AttentionSites attention() {
    return attention;
  }

  /**
   * Whether the graph quantises tensors at run time, by their largest value. Such a model's results
   * depend on everything that is in the batch, padding included, however right its mask is.
   */
  public boolean quantizesDynamically() {
    return graph.usesOperator("DynamicQuantizeLinear")
        || graph.usesOperator("DynamicQuantizeMatMul")
        || graph.usesOperator("MatMulIntegerToFloat");
  }

  /**
   * The rounding step at 1 of the coarsest type that the graph computes in, as far as its weights
   * and casts say: a model that gives float32 may round to float16 inside.
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
   * Whether an output's values depend on the values of any tokens, or of any input where there are
   * none. A graph may hand out its mask or its positions again, and those say nothing about what it
   * does with them.
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
        return true; // the body of an If or a Loop reads what it likes
      }
    }
    return false;
  }

  /** How many token ids the model knows, from the table that a stream's ids look up. */
  public OptionalInt vocabulary(TokenStream stream) {
    return limits(stream).vocabulary();
  }

  /** The id of padding, if the graph itself tells padding by one, as RoBERTa's positions do. */
  public OptionalLong padId(TokenStream stream) {
    return limits(stream).padId();
  }

  /** The id of a text's end, if the graph takes the text's vector from where it finds it. */
  public OptionalLong endId(TokenStream stream) {
    return limits(stream).endId();
  }

  /** How many tokens the model takes, from its position table; empty if it has none. */
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
   * Starts the model as the file has it, to run many batches: it is faster than {@link
   * #session()}'s where a graph makes large tensors, and holds as much memory as its largest batch
   * ever needed.
   */
  public ModelSession sessionKeepingMemory() throws ModelException {
    return ModelSession.startKeepingMemory(this, bytes);
  }

  /** Starts the model so that the runtime runs it node by node, none fused with another. */
  public ModelSession unfusedSession() throws ModelException {
    return ModelSession.startUnfused(this, bytes);
  }

  /**
   * Starts the model with additional outputs, {@link AttentionSite#output} for each site and each
   * of the taps that the site has. The runtime cannot fuse what it has to hand out, so its results
   * may differ from {@link #session()}'s by rounding.
   *
   * <p>{@link Tap#PADDING_MASS} adds an input for each site as well, {@link
   * AttentionSite#paddingInput}, and sums inside the graph, so that probabilities never leave it.
   *
   * @throws IllegalArgumentException if a site is none of this model's
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
   * @throws IllegalArgumentException if a site is none of this model's
   */
  public void requireOwn(AttentionSite site) {
    if (site.layer() >= attention.found().size()
        || !attention.found().get(site.layer()).equals(site)) {
      throw new IllegalArgumentException(site + " is no attention of " + this);
    }
  }

  public TapPoint tapPoint(AttentionSite site) {
    return tapPoints.get(site.layer());
  }

  public Graph graph() {
    return graph;
  }

  public byte[] bytes() {
    return bytes;
  }

  public ModelProto proto() {
    return proto;
  }

  /** An input whose first axis counts the rows of a batch. */
  public String batchInput() {
    return roles.streams().isEmpty() ? inputs.getFirst().name() : roles.streams().getFirst().name();
  }

  @Nullable Path folder() {
    return folder;
  }

  /** The name in quotes, as it stands in messages. */
  @Override
  public String toString() {
    return "'" + name + "'";
  }
}
