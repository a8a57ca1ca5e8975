package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tensor from a .npy, .npz or safetensors file. The format is recognised by the first
 * bytes, not by the file's name.
 */
public final class TensorFile {
  private static final int PREFIX = 9;

  private TensorFile() {}

  /**
   * Reads a tensor.
   *
   * @param file a .npy, .npz or safetensors file
   * @param name which of the tensors of a .npz or safetensors file; null for the only one of a file
   * @return the tensor, row-major and little-endian
   * @throws TensorFileException if there is no such file or tensor, if the file holds several
   *     tensors and no name is given, or if it is damaged, of another format, or of an element type
   *     that {@link ElementType} does not know
   */
  public static RawTensor read(Path file, @Nullable String name) throws TensorFileException {
    byte[] prefix;
    try (ByteSource source = ByteSource.ofFile(file)) {
      prefix = source.upTo(PREFIX);
    }
    if (NpyHeader.isMagic(prefix)) {
      if (name != null) {
        throw refusal(
            file,
            "is a .npy file, whose one tensor has no name; expected no name, but "
                + Quoted.of(name)
                + " was given");
      }
      return Npy.read(file);
    }
    if (startsWith(prefix, 'P', 'K')) {
      Npz npz = Npz.open(file);
      return npz.read(pick(file, npz.names(), name));
    }
    if (prefix.length == PREFIX && prefix[PREFIX - 1] == '{') {
      Safetensors safetensors = Safetensors.open(file);
      return safetensors.read(pick(file, safetensors.names(), name));
    }
    if (startsWith(prefix, 0x80) && prefix.length > 1 && prefix[1] >= 2 && prefix[1] <= 5) {
      throw refusal(
          file,
          "is a Python pickle, which could run any code; save it as .npy or"
              + " .safetensors instead");
    }
    throw refusal(file, "is neither a .npy nor a .npz nor a safetensors file");
  }

  private static String pick(Path file, List<String> names, @Nullable String name)
      throws TensorFileException {
    if (name != null) {
      return name;
    }
    if (names.isEmpty()) {
      throw refusal(file, "holds no tensor");
    }
    if (names.size() > 1) {
      throw refusal(
          file, "holds " + names.size() + " tensors; name one of them: " + Quoted.list(names));
    }
    return names.getFirst();
  }

  private static boolean startsWith(byte[] prefix, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (i >= prefix.length || prefix[i] != (byte) bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private static TensorFileException refusal(Path file, String problem) {
    return new TensorFileException(Quoted.of(file.toString()) + " " + problem);
  }
}
