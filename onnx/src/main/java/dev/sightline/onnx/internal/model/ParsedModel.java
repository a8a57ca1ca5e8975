package dev.sightline.onnx.internal.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.onnx.internal.graph.AttentionFinder;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.graph.ExternalData;
import dev.sightline.onnx.internal.graph.Graph;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.graph.GraphQuestions;
import dev.sightline.onnx.internal.graph.InputRoles;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.internal.graph.ProtoFile;
import dev.sightline.onnx.internal.graph.TapPoint;
import dev.sightline.onnx.internal.graph.Taps;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.internal.FilePart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A .onnx file, read and checked: its graph, its weights, and the attentions in it. */
public final class ParsedModel {
  private static final int MOST_ROWS = 8192;
  private static final int MOST_TOKENS = 1 << 23;

  private final String name;
  private final ModelSource source;
  private final @Nullable Path folder;
  private final long fileBytes;
  private final ModelProto proto;
  private final Map<String, Weight> weights;
  private final List<FilePart> externalFiles;
  private final Graph graph;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final ModelInputs roles;
  private final AttentionFinder.Found attention;
  private final OptionalInt threads;

  private ParsedModel(String name, ModelSource source, @Nullable Path folder)
      throws ModelException {
    this.name = name;
    this.source = source;
    this.folder = folder;
    ModelReader.Read read = ModelReader.read(source, toString());
    this.fileBytes = read.fileBytes();
    this.proto = read.model();
    this.weights = read.weights();
    GraphProto main = proto.getGraph();
    if (main.getNodeCount() == 0) {
      throw new ModelException(this + " is not an ONNX model: it holds no graph");
    }
    externalFiles = ExternalData.check(proto, folder, toString(), this::isInMemory);
    graph = new Graph(main);
    inputs = graph.fed(main);
    outputs = main.getOutputList().stream().map(OnnxTypes::spec).toList();
    roles = InputRoles.of(graph, inputs);
    requireBatchesThatFit();
    attention = new AttentionFinder(graph, roles.masks(), opset()).find();
    threads = OptionalInt.empty();
  }

  private ParsedModel(ParsedModel other, int threads) {
    this.name = other.name;
    this.source = other.source;
    this.folder = other.folder;
    this.fileBytes = other.fileBytes;
    this.proto = other.proto;
    this.weights = other.weights;
    this.externalFiles = other.externalFiles;
    this.graph = other.graph;
    this.inputs = other.inputs;
    this.outputs = other.outputs;
    this.roles = other.roles;
    this.attention = other.attention;
    this.threads = OptionalInt.of(threads);
  }

  /** Returns the same model, whose sessions run on a number of threads. */
  public ParsedModel withThreads(int count) {
    return new ParsedModel(this, count);
  }

  /** Returns the threads that a session runs on; empty for one for each core. */
  public OptionalInt threads() {
    return threads;
  }

  /**
   * Reads a model.
   *
   * @param name the name of the model in messages
   * @param folder where it may keep weights in other files; null for nowhere
   * @throws ModelException if it is not an ONNX model, its graph is empty, or it keeps weights
   *     outside of its folder
   */
  public static ParsedModel read(String name, ModelSource source, @Nullable Path folder)
      throws ModelException {
    return new ParsedModel(name, source, folder);
  }

  /** Returns the parsed file of a model. */
  public static ParsedModel of(ModelBase model) {
    return model.parsed;
  }

  /** A file of a few bytes may fix any number of rows and tokens, and samples are made for each. */
  private void requireBatchesThatFit() throws ModelException {
    for (TokenStream stream : roles.streams()) {
      TensorSpec input = stream.content();
      long rows = input.isFixed(stream.rowAxis()) ? length(input, stream.rowAxis()) : 1;
      long tokens = input.isFixed(stream.axis()) ? length(input, stream.axis()) : 1;
      if (rows > MOST_ROWS || rows * tokens > MOST_TOKENS) {
        throw new ModelException(
            "%s fixes a batch that is too large, %s; expected at most %d rows, and %d tokens in all"
                .formatted(this, input, MOST_ROWS, MOST_TOKENS));
      }
    }
  }

  private static long length(TensorSpec input, int axis) {
    return input.fixed(axis).orElse(Integer.MAX_VALUE);
  }

  private boolean isInMemory(TensorProto tensor) {
    return weights.containsKey(tensor.getName()) && ModelReader.isInMemory(tensor);
  }

  /** Returns the name of the model in messages. */
  public String name() {
    return name;
  }

  /** Returns the size of the file, bytes. */
  public long fileBytes() {
    return fileBytes;
  }

  /** Returns the SHA-256 of the file, followed by the files of its weights. */
  public String sha256() throws ModelException {
    try {
      return source.sha256(externalFiles);
    } catch (IOException e) {
      throw new ModelException("the weights of " + this + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the folder of weights in other files; null if the model was read from memory. */
  public @Nullable Path folder() {
    return folder;
  }

  /** Returns the bytes of the model's own file. */
  ModelSource source() {
    return source;
  }

  /** Returns the files of weights outside of the model's own file. */
  List<Path> externalFiles() {
    return externalFiles.stream().map(FilePart::file).distinct().toList();
  }

  /** Returns all files that the model is read from; none of a model in memory. */
  public List<Path> files() {
    List<Path> files = new ArrayList<>(externalFiles());
    if (source instanceof ModelSource.OnDisk disk) {
      files.addFirst(disk.file());
    }
    return files;
  }

  /** Returns the model as protobuf, without {@link #weights}. */
  public ModelProto proto() {
    return proto;
  }

  /** Returns the large weights of the main graph by name; the graph declares them external. */
  public Map<String, Weight> weights() {
    return weights;
  }

  /** Returns the version of the standard operators. */
  public long opset() {
    return ProtoFile.opset(proto, "");
  }

  /** Returns the main graph. */
  public Graph graph() {
    return graph;
  }

  /** Returns the inputs that must be fed. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** Returns the declared outputs. */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** Returns the inputs by role, with masks that are 1 at real tokens. */
  public ModelInputs roles() {
    return roles;
  }

  /** Returns the attentions. */
  public AttentionSites attention() {
    return attention.sites();
  }

  /**
   * Returns the rounding step at 1 of the coarsest type among the graph's weights and casts; 0 for
   * none. A model with float32 outputs may round to float16 inside.
   */
  public double coarsestEpsilon() {
    return GraphQuestions.coarsestEpsilon(graph, proto.getGraph().getInitializerList());
  }

  /**
   * Returns the outputs by which two runs can be compared: those of floating-point type, with two
   * axes or more, that are made from tokens. Those of a cache, and those with four axes or more,
   * are left out if there is any other: they are large and say no more than the outputs made from
   * them.
   */
  public List<String> comparableOutputs() {
    Set<String> caches =
        CachePair.of(graph, inputs, outputs).stream()
            .map(CachePair::present)
            .collect(Collectors.toSet());
    List<TensorSpec> made =
        outputs.stream()
            .filter(output -> output.isFloat() && output.dims().size() >= 2)
            .filter(output -> isMadeFromTokens(output.name()))
            .toList();
    List<TensorSpec> small =
        made.stream()
            .filter(output -> output.dims().size() < 4 && !caches.contains(output.name()))
            .toList();
    return (small.isEmpty() ? made : small).stream().map(TensorSpec::name).toList();
  }

  /**
   * Whether an output's values depend on the values of any tokens, or of any input if the model has
   * no token stream. An output may be a copy of the mask or of the positions; such an output does
   * not show how the model uses them.
   */
  private boolean isMadeFromTokens(String output) {
    Set<String> contents =
        roles.streams().isEmpty()
            ? inputs.stream().map(TensorSpec::name).collect(Collectors.toSet())
            : roles.streams().stream().map(TokenStream::name).collect(Collectors.toSet());
    return GraphQuestions.reaches(graph, contents, output);
  }

  /** Returns the tensors that an attention's taps read. */
  public TapPoint tapPoint(AttentionSite site) {
    return attention.points().get(site.layer());
  }

  /**
   * Refuses an attention of another model.
   *
   * @throws IllegalArgumentException if the site is not one of this model's
   */
  public void requireOwn(AttentionSite site) {
    List<AttentionSite> own = attention().found();
    if (site.layer() >= own.size() || !own.get(site.layer()).equals(site)) {
      throw new IllegalArgumentException(site + " is no attention of " + this);
    }
  }

  /** Returns an edit of this model's attentions, of none yet. */
  public AttentionEdit edit() {
    return new AttentionEdit(
        proto, graph, weights, roles, opset(), attention.paths(), batchInput());
  }

  /** An input whose first axis is the batch. */
  private String batchInput() {
    return roles.streams().isEmpty() ? inputs.getFirst().name() : roles.streams().getFirst().name();
  }

  /** Returns taps of this model, of no attention yet. */
  public Taps taps() {
    return new Taps(
        batchInput(), outputs.stream().map(TensorSpec::name).collect(Collectors.toSet()));
  }

  /**
   * Returns the model with those of the taps that each site has.
   *
   * @throws IllegalArgumentException if a site is not one of this model's
   */
  public ModelProto tapped(Collection<AttentionSite> sites, Set<Tap> taps) {
    if (sites.isEmpty() || taps.isEmpty() || inputs.isEmpty()) {
      return proto;
    }
    Taps added = taps();
    for (AttentionSite site : sites) {
      requireOwn(site);
      Set<Tap> here = EnumSet.copyOf(taps);
      here.retainAll(site.taps());
      added.add(site, tapPoint(site), here);
    }
    return with(added.graph().graph());
  }

  /** Returns the model with nodes, inputs and outputs added after its own. */
  public ModelProto with(GraphProto added) {
    ModelProto.Builder more = proto.toBuilder();
    more.getGraphBuilder().mergeFrom(added);
    boolean microsoftUsed =
        added.getNodeList().stream()
            .anyMatch(node -> node.getDomain().equals(GraphBuilder.MICROSOFT));
    boolean imported =
        proto.getOpsetImportList().stream()
            .anyMatch(o -> o.getDomain().equals(GraphBuilder.MICROSOFT));
    if (microsoftUsed && !imported) {
      more.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.MICROSOFT).setVersion(1));
    }
    return more.build();
  }

  /** Returns the name in quotes, as messages show it. */
  @Override
  public String toString() {
    return "'" + name + "'";
  }
}
