package dev.sightline.lab.internal.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tasks that no policy is trained on: the instructions after the trained ones, again and again in
 * other scenes.
 *
 * @param first the number of the first held instruction
 * @param texts how many there are
 */
record HeldTasks(int first, int texts) {
  /** Rows of a batch in which held tasks are run. */
  static final int ROWS = 64;

  /** {@return the number of a held task's instruction} */
  int number(int task) {
    return first + task % texts;
  }

  /** {@return what draws a held task's scene; those of training are positive} */
  long draw(int task) {
    return -1L - task;
  }

  /**
   * {@return the tasks of each batch}
   *
   * @param real for each task, how many tokens its instruction has
   * @param padding without it, a task is beside those of its own length
   */
  static List<List<Integer>> batches(int[] real, Padding padding) {
    Map<Integer, List<Integer>> alike = new TreeMap<>();
    for (int task = 0; task < real.length; task++) {
      int key = padding == Padding.NONE ? real[task] : task / ROWS;
      alike.computeIfAbsent(key, any -> new ArrayList<>()).add(task);
    }
    return List.copyOf(alike.values());
  }
}
