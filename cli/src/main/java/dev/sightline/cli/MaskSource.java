package dev.sightline.cli;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A mask as it is given on the command line: an expression, or a file that holds one. */
final class MaskSource {
  private static final long LARGEST_FILE = 64L << 20;

  private MaskSource() {}

  /**
   * Reads a mask. A text that is an expression and a file name is the expression: causal is the
   * mask, ./causal is the file.
   */
  static Mask read(String expressionOrFile) throws IOException {
    try {
      return Mask.parse(expressionOrFile);
    } catch (MaskSyntaxException e) {
      if (isFile(expressionOrFile)) {
        return Mask.parse(contents(expressionOrFile));
      }
      if (expressionOrFile.endsWith(".mask")) {
        throw new IOException("there is no file " + expressionOrFile, e);
      }
      throw e;
    }
  }

  private static boolean isFile(String text) {
    try {
      return text.length() < 4096 && Files.isRegularFile(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String contents(String file) throws IOException {
    Path path = Path.of(file);
    if (Files.size(path) > LARGEST_FILE) {
      throw new IllegalArgumentException(
          file + " has " + Files.size(path) + " bytes; a mask's text has at most " + LARGEST_FILE);
    }
    try {
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8", e);
    }
  }
}
