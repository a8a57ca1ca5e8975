package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.file.FileKind;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weights that a model keeps in other files. The model names those files, and a model is not to be
 * trusted: a name that leaves the model's folder, by a path or by a link, is refused before any
 * runtime sees it.
 */
public final class ExternalData {
  private ExternalData() {}

  /**
   * Checks all weights, those of bodies included.
   *
   * @param main the main graph
   * @param folder the folder of the model; null if it was read from memory
   * @param model how messages name the model
   * @param isInMemory weights that only look external
   * @return the files, each once, in alphabetical order
   * @throws ModelException if a file does not exist or is outside of the folder
   */
  public static List<Path> check(
      GraphProto main, @Nullable Path folder, String model, Predicate<TensorProto> isInMemory)
      throws ModelException {
    Set<Path> files = new TreeSet<>();
    Deque<GraphProto> graphs = new ArrayDeque<>();
    graphs.add(main);
    for (boolean isBody = false; !graphs.isEmpty(); isBody = true) {
      GraphProto graph = graphs.removeFirst();
      for (TensorProto tensor : graph.getInitializerList()) {
        if (isBody || !isInMemory.test(tensor)) {
          check(tensor, folder, model).ifPresent(files::add);
        }
      }
      for (var node : graph.getNodeList()) {
        for (AttributeProto attribute : node.getAttributeList()) {
          check(attribute.getT(), folder, model).ifPresent(files::add);
          for (TensorProto tensor : attribute.getTensorsList()) {
            check(tensor, folder, model).ifPresent(files::add);
          }
          if (attribute.hasG()) {
            graphs.add(attribute.getG());
          }
          graphs.addAll(attribute.getGraphsList());
        }
      }
    }
    return List.copyOf(files);
  }

  private static Optional<Path> check(TensorProto tensor, @Nullable Path folder, String model)
      throws ModelException {
    if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      return Optional.empty();
    }
    String location =
        tensor.getExternalDataList().stream()
            .filter(e -> e.getKey().equals("location"))
            .map(StringStringEntryProto::getValue)
            .findFirst()
            .orElse("");
    String weight = model + " keeps the weight '" + tensor.getName() + "' in '" + location + "', ";
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
      try (InputStream in = Files.newInputStream(file)) {
        FileKind.require(in.readNBytes(256), Files.size(file), "'" + file + "'", "weights");
      }
      return Optional.of(file.normalize());
    } catch (InvalidPathException e) {
      throw new ModelException(weight + "which is not a path", e);
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException(weight + "which cannot be read: " + e.getMessage(), e);
    }
  }
}
