package dev.sightline.onnx.internal.session;

import ai.onnxruntime.OrtException;

/** Says in one line what ONNX Runtime says in many. */
final class RuntimeMessage {
  private RuntimeMessage() {}

  static String ofLoading(String model, OrtException e) {
    return model + " is refused by ONNX Runtime: " + firstLine(e);
  }

  static String ofRunning(String model, String fed, OrtException e) {
    return model + " refused " + fed + ": " + firstLine(e);
  }

  private static String firstLine(OrtException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }
}
