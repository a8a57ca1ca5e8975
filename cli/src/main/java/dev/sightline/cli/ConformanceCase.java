package dev.sightline.cli;

import dev.sightline.attention.AttentionOptions;
import dev.sightline.onnx.OnnxNode;
import dev.sightline.onnx.TensorProtoFile;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.RawTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A test case as the ONNX project keeps them: a folder with {@code model.onnx} and {@code
 * test_data_set_0/input_0.pb}, {@code output_0.pb} and so on.
 */
record ConformanceCase(String name, Path folder) {
  private static final String MODEL = "model.onnx";
  private static final String DATA = "test_data_set_";

  /**
   * What came of it.
   *
   * @param read whether the case could be read at all
   * @param problem what is wrong; empty if it passed
   */
  record Outcome(String name, boolean read, Optional<String> problem) {
    boolean passed() {
      return problem.isEmpty();
    }
  }

  /**
   * The case in a folder, or those in its folders, sorted by name.
   *
   * @throws IOException if there is no such folder, or no case in it
   */
  static List<ConformanceCase> in(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder);
    }
    if (isCase(folder)) {
      Path name = folder.toAbsolutePath().normalize().getFileName();
      return List.of(new ConformanceCase(String.valueOf(name), folder));
    }
    List<ConformanceCase> cases = new ArrayList<>();
    for (Path child : children(folder)) {
      if (Files.isDirectory(child) && isCase(child)) {
        cases.add(new ConformanceCase(String.valueOf(child.getFileName()), child));
      }
    }
    if (cases.isEmpty()) {
      throw new IOException(
          folder + " holds no case; expected " + MODEL + " and " + DATA + "0, or folders of them");
    }
    return cases;
  }

  private static boolean isCase(Path folder) throws IOException {
    return Files.exists(folder.resolve(MODEL)) || !dataSets(folder).isEmpty();
  }

  private static List<Path> dataSets(Path folder) throws IOException {
    return children(folder).stream()
        .filter(child -> String.valueOf(child.getFileName()).startsWith(DATA))
        .filter(Files::isDirectory)
        .toList();
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }

  /** Runs the node on every set of data. A case that cannot be run fails, whatever is in it. */
  Outcome run(AttentionOptions options) {
    boolean read = false;
    try {
      OnnxNode node = OnnxNode.read(folder.resolve(MODEL));
      read = true;
      AttentionNode attention = AttentionNode.of(node);
      List<Path> sets = dataSets(folder);
      if (sets.isEmpty()) {
        throw new IOException("there is no " + DATA + "0 beside " + MODEL);
      }
      for (Path set : sets) {
        Optional<String> problem = problem(node, attention, set, options);
        if (problem.isPresent()) {
          String where = sets.size() == 1 ? "" : set.getFileName() + ", ";
          return new Outcome(name, true, Optional.of(where + problem.get()));
        }
      }
      return new Outcome(name, true, Optional.empty());
    } catch (IOException | RuntimeException e) {
      boolean expected = e instanceof IOException || e instanceof IllegalArgumentException;
      String message = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
      return new Outcome(name, read, Optional.of((expected ? "" : "internal error: ") + message));
    } catch (OutOfMemoryError e) {
      // Its tensors are garbage by now, and the other cases may be small.
      String heap = Runtime.getRuntime().maxMemory() / (1 << 20) + " MB";
      return new Outcome(name, read, Optional.of("does not fit into a heap of " + heap));
    }
  }

  private static Optional<String> problem(
      OnnxNode node, AttentionNode attention, Path set, AttentionOptions options)
      throws ModelException {
    Map<String, RawTensor> fed = new HashMap<>();
    for (int i = 0; i < node.graphInputs().size(); i++) {
      fed.put(node.graphInputs().get(i).name(), tensor(set, "input_" + i));
    }
    List<RawTensor> expected = new ArrayList<>();
    for (int i = 0; i < node.graphOutputs().size(); i++) {
      expected.add(tensor(set, "output_" + i));
    }
    List<RawTensor> outputs = attention.run(fed, options);
    for (int i = 0; i < expected.size(); i++) {
      Optional<String> problem = TensorTolerance.problem(outputs.get(i), expected.get(i));
      if (problem.isPresent()) {
        String name = node.graphOutputs().get(i).name();
        return Optional.of("output " + name + ": " + problem.get());
      }
    }
    return Optional.empty();
  }

  private static RawTensor tensor(Path set, String name) throws ModelException {
    return TensorProtoFile.read(set.resolve(name + ".pb")).tensor();
  }
}
