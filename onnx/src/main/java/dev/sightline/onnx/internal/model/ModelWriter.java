package dev.sightline.onnx.internal.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a changed graph of a parsed model as a .onnx file: with the weights that {@link
 * ModelReader} took out of it, and with everything else as the file had it. Weights in other files
 * stay there; a model that is written into another folder gets copies of those files beside it.
 */
public final class ModelWriter {
  /** Protobuf cannot hold more in one message, bytes. */
  private static final long LARGEST = Integer.MAX_VALUE;

  private static final int CHUNK = 1 << 16;

  private final ParsedModel model;

  /** A writer of changes of a model. */
  public ModelWriter(ParsedModel model) {
    this.model = model;
  }

  /**
   * Refuses a file that cannot be written, or that the model itself is read from, before any work
   * is done.
   *
   * @throws IOException if it is the model's file or one of its weights, a folder or a device, or
   *     its folder does not exist
   */
  public void requireOther(Path file) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("'" + file + "' cannot be written: its folder does not exist");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("'" + file + "' cannot be written: it is not a regular file");
    }
    for (Path own : model.files()) {
      if (Files.exists(file) && Files.exists(own) && Files.isSameFile(file, own)) {
        throw new IOException(
            "'" + file + "' is a file of the model itself; give the new model another name");
      }
    }
  }

  /**
   * Writes a file: all of it, or nothing.
   *
   * @param changed the model with another graph; its large weights are those of the parsed model
   * @return the files of weights that were copied beside it
   * @throws IOException if the file is one of the model's own or cannot be written
   */
  public List<Path> write(ModelProto changed, Path file) throws IOException {
    requireOther(file);
    List<Path> copies = new ArrayList<>();
    boolean written = false;
    try {
      Path folder = file.toAbsolutePath().normalize().getParent();
      if (folder != null) {
        copyWeights(folder, copies);
      }
      AtomicFile.write(file, out -> write(changed, out));
      written = true;
    } finally {
      if (!written) {
        for (Path copy : copies) {
          Files.deleteIfExists(copy);
        }
      }
    }
    return copies;
  }

  /**
   * A file of weights.
   *
   * @param location its path from the model's folder, as the model has it
   */
  public record External(String location, Path file) {}

  /** Returns the files of weights outside of the model's own file. */
  public List<External> external() {
    Path from = model.folder();
    return from == null
        ? List.of()
        : model.externalFiles().stream()
            .map(file -> new External(from.normalize().relativize(file).toString(), file))
            .toList();
  }

  /** Writes the bytes of the model's own file, as they were read. */
  public void copyOwn(OutputStream out) throws IOException {
    try (InputStream in = model.source().open()) {
      in.transferTo(out);
    }
  }

  private void copyWeights(Path to, List<Path> copies) throws IOException {
    Path from = model.folder();
    if (from == null || Files.isSameFile(from, to)) {
      return;
    }
    for (Path weights : model.externalFiles()) {
      Path copy = to.resolve(from.normalize().relativize(weights).toString());
      if (Files.exists(copy)) {
        if (Files.mismatch(weights, copy) >= 0) {
          throw new IOException(
              "'"
                  + copy
                  + "' is not the weights of the model, which keeps them in a file of that name;"
                  + " write the new model into another folder");
        }
        continue;
      }
      Path parent = copy.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      copies.add(copy);
      Files.copy(weights, copy);
    }
  }

  /**
   * Writes the bytes of a file.
   *
   * @throws IOException if the stream fails, or the model is larger than a file can be
   */
  public void write(ModelProto changed, OutputStream stream) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(stream, CHUNK);
    ModelProto rest = changed.toBuilder().clearGraph().build();
    rest.writeTo(out);
    GraphProto graph = changed.getGraph();
    GraphProto nodes = graph.toBuilder().clearInitializer().build();
    long size = nodes.getSerializedSize();
    for (TensorProto tensor : graph.getInitializerList()) {
      size += field(GraphProto.INITIALIZER_FIELD_NUMBER, size(tensor));
    }
    if (field(ModelProto.GRAPH_FIELD_NUMBER, size) + rest.getSerializedSize() > LARGEST) {
      throw new IOException(
          "the model has more than 2 GB in one file, which protobuf cannot hold; its weights must"
              + " be in a file of their own");
    }
    start(out, ModelProto.GRAPH_FIELD_NUMBER, size);
    nodes.writeTo(out);
    for (TensorProto tensor : graph.getInitializerList()) {
      start(out, GraphProto.INITIALIZER_FIELD_NUMBER, size(tensor));
      Weight weight = weight(tensor);
      if (weight == null) {
        tensor.writeTo(out);
      } else {
        described(tensor).writeTo(out);
        start(out, TensorProto.RAW_DATA_FIELD_NUMBER, weight.size());
        copy(weight.values(), out);
      }
    }
    out.flush();
  }

  private static void copy(ByteBuffer values, CodedOutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    ByteBuffer rest = values.duplicate();
    while (rest.hasRemaining()) {
      int count = Math.min(chunk.length, rest.remaining());
      rest.get(chunk, 0, count);
      out.writeRawBytes(chunk, 0, count);
    }
  }

  private long size(TensorProto tensor) {
    Weight weight = weight(tensor);
    return weight == null
        ? tensor.getSerializedSize()
        : described(tensor).getSerializedSize()
            + field(TensorProto.RAW_DATA_FIELD_NUMBER, weight.size());
  }

  /** The weight that was taken out of a tensor; null if none was. */
  private @Nullable Weight weight(TensorProto tensor) {
    return ModelReader.isInMemory(tensor) ? model.weights().get(tensor.getName()) : null;
  }

  private static TensorProto described(TensorProto tensor) {
    return tensor.toBuilder().clearExternalData().clearDataLocation().build();
  }

  /** The bytes of a field of bytes. */
  private static long field(int number, long size) {
    return CodedOutputStream.computeTagSize(number)
        + CodedOutputStream.computeUInt64SizeNoTag(size)
        + size;
  }

  private static void start(CodedOutputStream out, int number, long size) throws IOException {
    out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(Math.toIntExact(size));
  }
}
