package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files in ONNX's protobuf form. What is parsed stays a view of the bytes it was parsed from. */
public final class ProtoFile {
  private ProtoFile() {}

  /**
   * All bytes of a file.
   *
   * @param kind what the file should be, as in "model"
   */
  public static byte[] read(Path file, String kind) throws ModelException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new ModelException("there is no " + kind + " file '" + file + "'");
      }
      if (Files.size(file) > Integer.MAX_VALUE - 16) {
        throw new ModelException(
            "'"
                + file
                + "' has "
                + Files.size(file)
                + " bytes; a "
                + kind
                + " file holds at most 2 GiB"
                + (kind.equals("model")
                    ? ", larger ones keep their weights in files beside it"
                    : ""));
      }
      return Files.readAllBytes(file);
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException("'" + file + "' cannot be read: " + e.getMessage(), e);
    }
  }

  public static ModelProto model(byte[] bytes, String label) throws ModelException {
    return parse(ModelProto.parser(), bytes, label, "model");
  }

  public static TensorProto tensor(byte[] bytes, String label) throws ModelException {
    return parse(TensorProto.parser(), bytes, label, "tensor");
  }

  private static <T> T parse(Parser<T> parser, byte[] bytes, String label, String kind)
      throws ModelException {
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true); // weights stay views of the bytes: 90 MB less for a small encoder
      return parser.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelException(
          label + " is not an ONNX " + kind + ", or a part of one: " + e.getMessage(), e);
    }
  }

  /** The version of an operator set that a model's nodes are written in; 1 if it does not say. */
  public static long opset(ModelProto model, String domain) {
    return model.getOpsetImportList().stream()
        .filter(o -> domain(o.getDomain()).equals(domain(domain)))
        .mapToLong(o -> o.getVersion())
        .max()
        .orElse(1);
  }

  /** The standard operators have two names, of which files use the empty one. */
  public static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }
}
