package dev.sightline.onnx.internal.session;

import ai.onnxruntime.OrtException;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.Quoted;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says in one line which node ONNX Runtime failed at and why. Its own messages carry a code, the
 * source file and the signature of a C++ function besides; the cause of our exception keeps them.
 */
public final class RuntimeMessage {
  private static final int LONGEST = 300;

  /** What the C++ libraries call a failed allocation. */
  private static final Set<String> OUT_OF_MEMORY =
      Set.of("std::bad_alloc", "bad allocation", "std::bad_array_new_length");

  private static final String START = " - message: ";

  /** The node of a missing kernel, and of a failed run. */
  private static final Pattern NODE =
      Pattern.compile(
          "(?:for|running) (\\w+)(?:\\(\\d+\\))? node(?: with name |\\. Name:)'([^']*)'");

  /** Where in ONNX Runtime, up to what is said; a failed check repeats its condition. */
  private static final Pattern SOURCE =
      Pattern.compile("^\\S*onnxruntime\\S*\\.(?:cc|cpp|h|hpp):\\d+ (?:.{0,600}? was false\\. )?");

  private RuntimeMessage() {}

  static String ofLoading(String model, OrtException e) {
    return model + " is refused by ONNX Runtime: " + of(e);
  }

  static String ofRunning(String model, String fed, OrtException e) {
    return model + " refused " + fed + ": " + of(e);
  }

  private static String of(OrtException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    int start = message.indexOf(START);
    return of(start < 0 ? message : message.substring(start + START.length()));
  }

  /**
   * Returns the node at which a run failed, such as {@code Reshape /encoder/Reshape}.
   *
   * @param failure what a session threw
   * @return operator and name; empty if ONNX Runtime named no node
   */
  public static String node(ModelException failure) {
    Throwable cause = failure.getCause();
    Matcher node = NODE.matcher(cause == null ? "" : String.valueOf(cause.getMessage()));
    return node.find() ? node.group(1) + " " + Quoted.plain(node.group(2), LONGEST) : "";
  }

  /** Returns what a message of ONNX Runtime says, without its code. */
  static String of(String message) {
    Matcher node = NODE.matcher(message);
    if (!node.find()) {
      return reason(message);
    }
    String place = "node " + Quoted.of(node.group(2)) + " (" + node.group(1) + ")";
    String rest = message.substring(node.end()).replaceFirst("^\\s*Status Message: ", "").strip();
    String reason = reason(rest);
    return place + ": " + (reason.isEmpty() ? "no implementation for its types and opset" : reason);
  }

  private static String reason(String message) {
    String reason = SOURCE.matcher(message).replaceFirst("");
    return OUT_OF_MEMORY.contains(reason.strip())
        ? "it asks for more memory than there is"
        : Quoted.plain(reason, LONGEST);
  }
}
