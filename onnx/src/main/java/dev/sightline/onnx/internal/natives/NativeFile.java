package dev.sightline.onnx.internal.natives;

import java.net.URL;
import org.jspecify.annotations.Nullable;

/**
 * A native library in a jar.
 *
 * @param path of the jar's entry
 * @param size in bytes
 * @param sha256 lower-case hexadecimal
 * @param source the entry itself; null if it was not looked up
 */
record NativeFile(String path, long size, String sha256, @Nullable URL source) {
  NativeFile from(URL found) {
    return new NativeFile(path, size, sha256, found);
  }

  /** The name of the file, such as {@code libonnxruntime.so}. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
