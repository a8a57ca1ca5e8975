package dev.sightline.web;

import java.util.List;

/**
 * Starts commands of the command line in processes of their own: a model is native code, which may
 * crash, hang or take all memory, and must not take the workbench with it.
 */
@FunctionalInterface
public interface ChildProcesses {
  /**
   * {@return a process that is ready to start}
   *
   * @param arguments the words after {@code sightline}, such as {@code audit model.onnx}
   */
  ProcessBuilder command(List<String> arguments);
}
