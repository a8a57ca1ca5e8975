package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sightline.onnx.internal.file.FileKind;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.internal.FilePart;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weights that a model keeps in other files. The model names those files, and a model is not to be
 * trusted: a tensor anywhere in it whose data are outside of the model's folder, or outside of the
 * file that it names, is refused before any runtime sees it.
 */
public final class ExternalData {
  /** What ONNX Runtime takes for an address in its own memory. */
  private static final String ADDRESS = "_ORT_MEM_ADDR_";

  /** Default values of a function's attributes; newer than the classes that read the file. */
  private static final int FUNCTION_ATTRIBUTES = 11;

  private final @Nullable Path folder;
  private final String model;

  /** For each file the bytes in use, from their first to after their last. */
  private final Map<Path, NavigableMap<Long, Long>> used = new TreeMap<>();

  private ExternalData(@Nullable Path folder, String model) {
    this.folder = folder;
    this.model = model;
  }

  /**
   * Checks all tensors: initializers, sparse ones, attributes, bodies, functions, training.
   *
   * @param proto the model
   * @param folder the folder of the model; null if it was read from memory
   * @param model how messages name the model
   * @param isInMemory initializers of the main graph that only look external
   * @return what of which files is used, in the order of their names
   * @throws ModelException if a file does not exist, or data are outside of it or of the folder
   */
  public static List<FilePart> check(
      ModelProto proto, @Nullable Path folder, String model, Predicate<TensorProto> isInMemory)
      throws ModelException {
    ExternalData data = new ExternalData(folder, model);
    Set<TensorProto> inMemory = Collections.newSetFromMap(new IdentityHashMap<>());
    proto.getGraph().getInitializerList().stream().filter(isInMemory).forEach(inMemory::add);
    Deque<Message> todo = new ArrayDeque<>(List.of(proto));
    while (!todo.isEmpty()) {
      Message message = todo.removeLast();
      if (message instanceof TensorProto tensor) {
        if (!inMemory.contains(tensor)) {
          data.check(tensor);
        }
      } else if (message instanceof NodeProto node) {
        todo.addAll(node.getAttributeList()); // all else is text
      } else if (!isLeaf(message)) {
        data.addParts(message, todo);
      }
    }
    return data.parts();
  }

  /**
   * Whether a message holds no tensor. Most hold none, and to ask each what it is made of takes
   * longer than to read the graph.
   */
  private static boolean isLeaf(Message message) {
    if (message instanceof AttributeProto attribute) {
      return !attribute.hasT()
          && !attribute.hasG()
          && !attribute.hasSparseTensor()
          && attribute.getTensorsCount() == 0
          && attribute.getGraphsCount() == 0
          && attribute.getSparseTensorsCount() == 0;
    }
    return message instanceof TypeProto
        || message instanceof ValueInfoProto
        || message instanceof StringStringEntryProto;
  }

  /** Whatever a message is made of, so that no place is forgotten. */
  private void addParts(Message message, Deque<Message> todo) throws ModelException {
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        List<?> values =
            field.getValue() instanceof List<?> list ? list : List.of(field.getValue());
        values.forEach(value -> todo.addLast((Message) value));
      }
    }
    if (message instanceof FunctionProto function) {
      for (ByteString attribute :
          function.getUnknownFields().getField(FUNCTION_ATTRIBUTES).getLengthDelimitedList()) {
        try {
          todo.addLast(AttributeProto.parseFrom(attribute));
        } catch (InvalidProtocolBufferException e) {
          throw new ModelException(
              model + " has a function " + Quoted.of(function.getName()) + " that cannot be read",
              e);
        }
      }
    }
  }

  private void check(TensorProto tensor) throws ModelException {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      if (entry.getValue().contains(ADDRESS)) {
        throw new ModelException(
            model
                + " keeps the weight "
                + Quoted.of(tensor.getName())
                + " at an address in memory, which no file can know");
      }
      // Readers differ in which of two they believe.
      if (entries.put(entry.getKey(), entry.getValue()) != null) {
        throw new ModelException(
            model
                + " says twice of the weight "
                + Quoted.of(tensor.getName())
                + " what its "
                + Quoted.of(entry.getKey())
                + " is");
      }
    }
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      String location = entries.getOrDefault("location", "");
      String weight =
          model
              + " keeps the weight "
              + Quoted.of(tensor.getName())
              + " in "
              + Quoted.of(location)
              + ", ";
      Path file = file(location, weight);
      use(file, tensor, entries, weight);
    }
  }

  private Path file(String location, String weight) throws ModelException {
    if (folder == null) {
      throw new ModelException(weight + "but it was read from memory and has no folder");
    }
    try {
      Path file = folder.resolve(location);
      if (location.isEmpty() || !file.normalize().startsWith(folder.normalize())) {
        throw new ModelException(weight + "which is not inside the model's own folder");
      }
      if (!Files.isRegularFile(file)) {
        throw new ModelException(weight + "which does not exist");
      }
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        throw new ModelException(
            weight
                + "a link that leads out of the model's own folder; copy the files, with 'cp -L'");
      }
      if (!used.containsKey(file.normalize())) {
        try (InputStream in = Files.newInputStream(file)) {
          FileKind.require(
              in.readNBytes(256), Files.size(file), Quoted.of(file.toString()), "weights");
        }
      }
      return file.normalize();
    } catch (InvalidPathException e) {
      throw new ModelException(weight + "which is not a path", e);
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException(weight + "which cannot be read: " + e.getMessage(), e);
    }
  }

  private void use(Path file, TensorProto tensor, Map<String, String> entries, String weight)
      throws ModelException {
    try {
      long size = Files.size(file);
      long offset = number(entries, "offset", 0, weight);
      long length = number(entries, "length", Math.max(0, size - offset), weight);
      long needed = entries.containsKey("length") ? length : bytes(tensor, length);
      if (offset > size || length > size - offset || needed > size - offset) {
        throw new ModelException(
            weight
                + Math.max(length, needed)
                + " bytes from "
                + offset
                + " on, but the file has "
                + size);
      }
      used.computeIfAbsent(file, ignored -> new TreeMap<>())
          .merge(offset, offset + needed, Math::max);
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException(weight + "which cannot be read: " + e.getMessage(), e);
    }
  }

  private static long number(Map<String, String> entries, String key, long otherwise, String weight)
      throws ModelException {
    String text = entries.get(key);
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("[0-9]{1,18}")) {
      throw new ModelException(
          weight + "with the " + key + " " + Quoted.of(text) + ", which is no number of bytes");
    }
    return Long.parseLong(text);
  }

  /** The bytes of a tensor by its shape; the rest of the file for types that are not ours. */
  private static long bytes(TensorProto tensor, long otherwise) {
    ElementType type = OnnxTypes.elementType(tensor.getDataType());
    if (type == null) {
      return otherwise;
    }
    long bytes = type.bytes();
    for (long dim : tensor.getDimsList()) {
      if (dim == 0) {
        return 0;
      }
      if (dim < 0 || bytes > Long.MAX_VALUE / dim) {
        return Long.MAX_VALUE;
      }
      bytes *= dim;
    }
    return bytes;
  }

  /** Whole files, or of a file that is mostly something else the parts in use. */
  private List<FilePart> parts() throws ModelException {
    List<FilePart> parts = new ArrayList<>();
    for (Map.Entry<Path, NavigableMap<Long, Long>> file : used.entrySet()) {
      List<FilePart> own = new ArrayList<>();
      long bytes = 0;
      long at = 0;
      for (Map.Entry<Long, Long> range : file.getValue().entrySet()) {
        long from = Math.max(at, range.getKey());
        if (from < range.getValue()) {
          own.add(new FilePart(file.getKey(), from, range.getValue()));
          bytes += range.getValue() - from;
          at = range.getValue();
        }
      }
      try {
        FilePart whole = FilePart.whole(file.getKey());
        parts.addAll(whole.to() / 2 <= bytes ? List.of(whole) : own);
      } catch (IOException e) {
        throw new ModelException(
            Quoted.of(file.getKey().toString()) + " cannot be read: " + e.getMessage(), e);
      }
    }
    return parts;
  }
}
