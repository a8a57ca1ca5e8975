package dev.sightline.mask.internal.code;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers that a condition looks up, as a Python list: repeated numbers as {@code [n] * times},
 * consecutive ones as {@code list(range(a, b))}.
 *
 * @param name the variable
 * @param python the value
 */
public record NumberTable(String name, String python) {
  private static final int MOST_PIECES = 4096;
  private static final int SHORTEST_RUN = 5;

  /**
   * A table of one row, or of several.
   *
   * @throws IllegalArgumentException if it takes too much text
   */
  static NumberTable of(String name, List<int[]> rows) {
    List<String> lists = rows.stream().map(NumberTable::list).toList();
    String python = lists.size() == 1 ? lists.get(0) : "[" + String.join(", ", lists) + "]";
    return new NumberTable(name, python);
  }

  private static String list(int[] numbers) {
    List<String> pieces = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (int at = 0, count = 0; at < numbers.length; ) {
      int same = run(numbers, at, 0);
      int rising = run(numbers, at, 1);
      int length = Math.max(same, rising);
      if (length >= SHORTEST_RUN) {
        close(open, pieces);
        pieces.add(
            same >= rising
                ? "[" + numbers[at] + "] * " + same
                : "list(range(" + numbers[at] + ", " + (numbers[at] + rising) + "))");
      } else {
        length = 1;
        open.append(open.isEmpty() ? "[" : ", ").append(numbers[at]);
      }
      at += length;
      if (++count > MOST_PIECES) {
        throw new IllegalArgumentException(
            "as code this mask is a table of "
                + numbers.length
                + " numbers, too long to copy; take a form that is a file, such as"
                + " 'sightline mask convert --to bool -o FILE'");
      }
    }
    close(open, pieces);
    return pieces.isEmpty() ? "[]" : String.join(" + ", pieces);
  }

  private static void close(StringBuilder open, List<String> pieces) {
    if (!open.isEmpty()) {
      pieces.add(open.append("]").toString());
      open.setLength(0);
    }
  }

  /** How many numbers from a place on differ by a step from one to the next. */
  private static int run(int[] numbers, int from, int step) {
    int end = from + 1;
    while (end < numbers.length && numbers[end] == numbers[end - 1] + step) {
      end++;
    }
    return end - from;
  }
}
