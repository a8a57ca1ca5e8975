package dev.sightline.lab.internal.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

  /** Rows that are padded to the same length where tasks are written for other programs. */
  static final int WRITTEN_ALIKE = 8;

  /** {@return tasks in groups of some rows, such as {@code [[0, 1], [2, 3]]} for four in twos} */
  static List<List<Integer>> groups(int tasks, int rows) {
    return IntStream.range(0, tasks)
        .boxed()
        .collect(Collectors.groupingBy(task -> task / rows, TreeMap::new, Collectors.toList()))
        .values()
        .stream()
        .toList();
  }

  /** {@return the names of tasks in a file} */
  static List<String> ids(List<Integer> tasks) {
    return tasks.stream().map(task -> "held-" + (task + 1)).toList();
  }

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
