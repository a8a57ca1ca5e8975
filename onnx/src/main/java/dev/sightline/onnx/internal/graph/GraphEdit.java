package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.onnx.internal.graph.GraphChange.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The main graph of a model under change: nodes are added, removed and given other operands. The
 * result has its nodes in an order of execution, those of the file in the order that they had where
 * possible, and without those that nothing reads any more. Weights stay as they are.
 */
final class GraphEdit {
  private static final String PREFIX = "sightline/";

  private final ModelProto model;
  private final Set<String> outputs;
  private final Set<Node> nodes = new LinkedHashSet<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Set<Node>> consumers = new HashMap<>();
  private final Set<Node> own = new HashSet<>();
  private final Set<String> unread = new HashSet<>();
  private final Set<String> otherShapes = new HashSet<>();
  private final GraphProto.Builder rest = GraphProto.newBuilder();
  private final Map<Operand, String> originals = new HashMap<>();
  private final List<GraphChange> changes = new ArrayList<>();
  private final String prefix;

  /** A node under change; no two are equal. */
  static final class Node {
    private final NodeProto.Builder proto;

    private Node(NodeProto node) {
      proto = node.toBuilder();
    }

    private NodeProto built() {
      return proto.build();
    }
  }

  private record Operand(Node node, int input) {}

  GraphEdit(ModelProto model) {
    this.model = model;
    GraphProto graph = model.getGraph();
    outputs =
        graph.getOutputList().stream()
            .map(ValueInfoProto::getName)
            .collect(Collectors.toCollection(HashSet::new));
    graph.getNodeList().forEach(node -> index(new Node(node)));
    producers.keySet().stream().filter(tensor -> !isRead(tensor)).forEach(unread::add);
    prefix = freePrefix(graph);
  }

  /** A start of names that no tensor and no node has, those of bodies included. */
  private static String freePrefix(GraphProto graph) {
    Set<String> used = new HashSet<>();
    Deque<GraphProto> todo = new ArrayDeque<>(List.of(graph));
    while (!todo.isEmpty()) {
      GraphProto here = todo.removeFirst();
      here.getInputList().forEach(input -> used.add(input.getName()));
      here.getInitializerList().forEach(constant -> used.add(constant.getName()));
      for (NodeProto node : here.getNodeList()) {
        used.add(node.getName());
        used.addAll(node.getOutputList());
        addBodies(todo, node.getAttributeList());
      }
    }
    used.removeIf(name -> !name.startsWith(PREFIX));
    String free = PREFIX;
    for (int n = 2; startsAny(used, free); n++) {
      free = PREFIX + n + "/";
    }
    return free;
  }

  private static boolean startsAny(Set<String> names, String start) {
    return names.stream().anyMatch(name -> name.startsWith(start));
  }

  private void index(Node node) {
    nodes.add(node);
    node.proto.getOutputList().forEach(output -> producers.put(output, node));
    reads(node).forEach(t -> consumers.computeIfAbsent(t, k -> new LinkedHashSet<>()).add(node));
  }

  /** What a node reads, its bodies included. */
  private static List<String> reads(Node node) {
    List<String> read = new ArrayList<>(node.proto.getInputList());
    Deque<GraphProto> todo = new ArrayDeque<>();
    addBodies(todo, node.proto.getAttributeList());
    while (!todo.isEmpty()) {
      GraphProto body = todo.removeFirst();
      for (NodeProto inner : body.getNodeList()) {
        read.addAll(inner.getInputList());
        addBodies(todo, inner.getAttributeList());
      }
      body.getOutputList().forEach(output -> read.add(output.getName()));
    }
    return read;
  }

  private static void addBodies(Deque<GraphProto> todo, List<AttributeProto> attributes) {
    for (AttributeProto attribute : attributes) {
      todo.addAll(attribute.getGraphsList());
      if (attribute.hasG()) {
        todo.add(attribute.getG());
      }
    }
  }

  private boolean isRead(String tensor) {
    return outputs.contains(tensor) || !consumers.getOrDefault(tensor, Set.of()).isEmpty();
  }

  /** Starts nodes whose names the graph does not have. */
  GraphBuilder builder(String part) {
    return GraphBuilder.addition(prefix + part + "/");
  }

  /** Adds nodes, and their inputs, outputs, constants and declarations. */
  void add(GraphProto added) {
    for (NodeProto node : added.getNodeList()) {
      Node copy = new Node(node);
      own.add(copy);
      index(copy);
      changes.add(new GraphChange(Kind.ADDED, node.getOpType(), Graph.label(node), ""));
    }
    added.getOutputList().forEach(output -> outputs.add(output.getName()));
    rest.mergeFrom(added.toBuilder().clearNode().build());
  }

  /** Gives an operand of a node another tensor. */
  void setInput(Node node, int input, String tensor) {
    while (node.proto.getInputCount() <= input) {
      node.proto.addInput("");
    }
    String was = node.proto.getInput(input);
    if (was.equals(tensor)) {
      return;
    }
    node.proto.setInput(input, tensor);
    Set<Node> readers = consumers.getOrDefault(was, new HashSet<>());
    if (!reads(node).contains(was)) {
      readers.remove(node);
    }
    consumers.computeIfAbsent(tensor, k -> new LinkedHashSet<>()).add(node);
    rewired(node, input, was, tensor);
  }

  /** Of an operand that is changed several times the first and the last tensor are told. */
  private void rewired(Node node, int input, String was, String is) {
    Operand operand = new Operand(node, input);
    String first = originals.computeIfAbsent(operand, k -> was);
    String start = "operand " + input + ": " + shown(first) + " -> ";
    String label = label(node);
    changes.removeIf(change -> change.node().equals(label) && change.detail().startsWith(start));
    if (!first.equals(is)) {
      changes.add(new GraphChange(Kind.REWIRED, node.proto.getOpType(), label, start + shown(is)));
    }
  }

  private static String shown(String tensor) {
    return tensor.isEmpty() ? "none" : tensor;
  }

  void setAttribute(Node node, String name, long value) {
    for (int a = 0; a < node.proto.getAttributeCount(); a++) {
      AttributeProto attribute = node.proto.getAttribute(a);
      if (attribute.getName().equals(name) && attribute.getI() != value) {
        node.proto.setAttribute(a, attribute.toBuilder().setI(value));
        changes.add(
            new GraphChange(
                Kind.REWIRED,
                node.proto.getOpType(),
                label(node),
                name + ": " + attribute.getI() + " -> " + value));
      }
    }
  }

  /** Takes out what the file says of a tensor, which has a row for each row of the batch now. */
  void forgetShape(String tensor) {
    otherShapes.add(tensor);
  }

  /** Lets all nodes that read a tensor so far read another. */
  void replaceUses(String tensor, String by) {
    for (Node reader : List.copyOf(consumers.getOrDefault(tensor, Set.of()))) {
      for (int i = 0; i < reader.proto.getInputCount(); i++) {
        if (reader.proto.getInput(i).equals(tensor)) {
          setInput(reader, i, by);
        }
      }
    }
  }

  /**
   * Lets everything read another tensor in the place of one, the caller of the model too.
   *
   * @param by of the same type and shape, made by nodes that are added
   */
  void takeOver(String tensor, String by) {
    replaceUses(tensor, by);
    if (!outputs.contains(tensor)) {
      return;
    }
    Node old = producer(tensor);
    String aside = prefix + "replaced/" + tensor;
    for (int o = 0; o < old.proto.getOutputCount(); o++) {
      if (old.proto.getOutput(o).equals(tensor)) {
        old.proto.setOutput(o, aside);
      }
    }
    producers.put(aside, old);
    GraphBuilder added = builder("replacing");
    added.op("Identity", by).outputs(tensor);
    add(added.graph());
  }

  /** The node that makes a tensor, to be changed. */
  Node producer(String tensor) {
    Node node = producers.get(tensor);
    if (node == null) {
      throw new IllegalArgumentException("no node makes " + tensor);
    }
    return node;
  }

  /** What has been changed so far; what nothing reads any more is removed by {@link #result}. */
  List<GraphChange> changes() {
    return List.copyOf(changes);
  }

  /** Returns the changed model. */
  ModelProto result() {
    removeUnread();
    ModelProto.Builder changed = model.toBuilder();
    GraphProto.Builder graph = changed.getGraphBuilder();
    graph.clearNode();
    inOrder().forEach(graph::addNode);
    for (int v = graph.getValueInfoCount() - 1; v >= 0; v--) {
      if (otherShapes.contains(graph.getValueInfo(v).getName())) {
        graph.removeValueInfo(v);
      }
    }
    graph.mergeFrom(rest.build());
    boolean microsoft =
        own.stream().anyMatch(node -> node.proto.getDomain().equals(GraphBuilder.MICROSOFT));
    boolean imported =
        model.getOpsetImportList().stream()
            .anyMatch(o -> o.getDomain().equals(GraphBuilder.MICROSOFT));
    if (microsoft && !imported) {
      changed.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.MICROSOFT).setVersion(1));
    }
    return changed.build();
  }

  /** What nothing read in the file stays. */
  private void removeUnread() {
    List<Node> before = List.copyOf(nodes);
    Deque<Node> todo = new ArrayDeque<>(nodes);
    while (!todo.isEmpty()) {
      Node node = todo.removeFirst();
      boolean stays =
          node.proto.getOutputList().stream().anyMatch(t -> isRead(t) || unread.contains(t))
              || !nodes.contains(node);
      if (stays) {
        continue;
      }
      remove(node);
      for (String input : new HashSet<>(reads(node))) {
        Set<Node> readers = consumers.getOrDefault(input, new HashSet<>());
        readers.remove(node);
        Node maker = producers.get(input);
        if (maker != null && readers.isEmpty()) {
          todo.addLast(maker);
        }
      }
    }
    for (Node node : before) {
      if (!nodes.contains(node) && !own.remove(node)) {
        changes.add(new GraphChange(Kind.REMOVED, node.proto.getOpType(), label(node), ""));
      }
    }
  }

  private void remove(Node node) {
    nodes.remove(node);
    String label = label(node);
    changes.removeIf(change -> change.node().equals(label));
  }

  private static String label(Node node) {
    return node.proto.getName().isEmpty() && node.proto.getOutputCount() > 0
        ? node.proto.getOutput(0)
        : node.proto.getName();
  }

  /** Every node after those that make what it reads, otherwise in the order of the file. */
  private List<NodeProto> inOrder() {
    Map<Node, Integer> place = new HashMap<>();
    Map<Node, Integer> missing = new HashMap<>();
    for (Node node : nodes) {
      place.put(node, own.contains(node) ? -1 : place.size());
    }
    Map<Node, List<Node>> next = new HashMap<>();
    PriorityQueue<Node> ready =
        new PriorityQueue<>(
            (a, b) -> Integer.compare(place.getOrDefault(a, 0), place.getOrDefault(b, 0)));
    for (Node node : nodes) {
      Set<Node> before = new HashSet<>();
      for (String input : reads(node)) {
        Node maker = producers.get(input);
        if (maker != null && maker != node && place.containsKey(maker) && before.add(maker)) {
          next.computeIfAbsent(maker, k -> new ArrayList<>()).add(node);
        }
      }
      missing.put(node, before.size());
      if (before.isEmpty()) {
        ready.add(node);
      }
    }
    Set<Node> done = new LinkedHashSet<>();
    while (!ready.isEmpty()) {
      Node node = ready.poll();
      done.add(node);
      for (Node after : next.getOrDefault(node, List.of())) {
        if (missing.merge(after, -1, Integer::sum) == 0) {
          ready.add(after);
        }
      }
    }
    done.addAll(nodes); // a cycle, which the runtime refuses
    return done.stream().map(Node::built).toList();
  }
}
