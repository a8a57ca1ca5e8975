package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Tells files that are not what their name says by their first bytes. */
public final class FileKind {
  private static final int HEAD = 256;

  private static final String LFS_POINTER = "version https://git-lfs";

  private FileKind() {}

  /**
   * Refuses what a failed download leaves in place of a file: a Git LFS pointer, a page, nothing;
   * and archives.
   *
   * @param bytes the file, or its beginning
   * @param size of the file, bytes
   * @param label how messages name it
   * @param expected what it should be, such as "a model"
   * @throws ModelException if it is one of these
   */
  public static void require(byte[] bytes, long size, String label, String expected)
      throws ModelException {
    if (size == 0) {
      throw new ModelException(label + " is not " + expected + ": it is empty");
    }
    String head =
        new String(Arrays.copyOf(bytes, Math.min(HEAD, bytes.length)), StandardCharsets.UTF_8);
    String text = head.strip().toLowerCase(Locale.ROOT);
    if (text.startsWith(LFS_POINTER)) {
      throw new ModelException(
          label
              + " is a Git LFS pointer of "
              + size
              + " bytes, which only names "
              + expected
              + "; fetch the file itself with 'git lfs pull'");
    }
    if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) {
      throw new ModelException(
          label
              + " is a web page, not "
              + expected
              + "; download the file itself (on Hugging Face its address has /resolve/, not"
              + " /blob/)");
    }
    if (head.startsWith("PK\3\4")) {
      throw new ModelException(
          label + " is a zip archive, not " + expected + "; name it .jar, or unpack it");
    }
    boolean isShortText = size < HEAD && head.chars().allMatch(FileKind::isPrintable);
    if (isShortText && !text.startsWith("{") && !text.startsWith("[")) {
      throw new ModelException(
          label + " is not " + expected + ": it is the text '" + head.strip() + "'");
    }
  }

  private static boolean isPrintable(int character) {
    return (character >= ' ' && character < 127) || character == '\n' || character == '\r';
  }
}
