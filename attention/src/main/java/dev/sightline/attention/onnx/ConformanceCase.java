package dev.sightline.attention.onnx;

import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
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
 * A test case of the ONNX project: a folder with {@code model.onnx} and {@code
 * test_data_set_0/input_0.pb}, {@code output_0.pb} and so on.
 *
 * @param name the folder's name
 * @param folder the folder
 */
public record ConformanceCase(String name, Path folder) {
  private static final String MODEL = "model.onnx";
  private static final String DATA = "test_data_set_";

  /** Reads the files of a case, which are protobuf. */
  public interface Reader {
    /**
     * Reads a model of one node.
     *
     * @param model the file
     * @return its node
     * @throws IOException if the file is not there, or is no such model
     */
    OperatorNode node(Path model) throws IOException;

    /**
     * Reads a tensor.
     *
     * @param file the file
     * @return its tensor
     * @throws IOException if the file is not there, or holds no tensor
     */
    RawTensor tensor(Path file) throws IOException;
  }

  /**
   * The result of a case.
   *
   * @param name the name of the case
   * @param read whether the model could be read
   * @param problem what is wrong; empty if the case passed
   */
  public record Outcome(String name, boolean read, Optional<String> problem) {
    /** {@return whether all outputs were as expected} */
    public boolean passed() {
      return problem.isEmpty();
    }
  }

  /**
   * Finds the case in a folder, or those in its folders.
   *
   * @param folder a case, or a folder of cases
   * @return the cases, sorted by name
   * @throws IOException if there is no such folder, or no case in it
   */
  public static List<ConformanceCase> in(Path folder) throws IOException {
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

  /**
   * Runs the node on every set of data and compares its outputs with the stored ones.
   *
   * @param reader reads the files
   * @param workers the threads that compute; the caller closes them
   * @param provider the kernel
   * @return the result; a case that cannot be run fails
   */
  public Outcome run(Reader reader, Workers workers, Provider provider) {
    boolean read = false;
    try {
      OperatorNode node = reader.node(folder.resolve(MODEL));
      read = true;
      AttentionNode attention = AttentionNode.of(node, workers, provider);
      List<Path> sets = dataSets(folder);
      if (sets.isEmpty()) {
        throw new IOException("there is no " + DATA + "0 beside " + MODEL);
      }
      for (Path set : sets) {
        Optional<String> problem = problem(node, attention, set, reader);
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
      OperatorNode node, AttentionNode attention, Path set, Reader reader) throws IOException {
    Map<String, RawTensor> inputs = new HashMap<>();
    for (int i = 0; i < node.modelInputs().size(); i++) {
      inputs.put(node.modelInputs().get(i), reader.tensor(set.resolve("input_" + i + ".pb")));
    }
    List<RawTensor> expected = new ArrayList<>();
    for (int i = 0; i < node.modelOutputs().size(); i++) {
      expected.add(reader.tensor(set.resolve("output_" + i + ".pb")));
    }
    List<RawTensor> outputs = attention.run(inputs);
    for (int i = 0; i < expected.size(); i++) {
      Optional<String> problem = TensorTolerance.problem(outputs.get(i), expected.get(i));
      if (problem.isPresent()) {
        String name = node.modelOutputs().get(i);
        return Optional.of("output " + name + ": " + problem.get());
      }
    }
    return Optional.empty();
  }
}
