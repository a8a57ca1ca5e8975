package dev.sightline.report.internal.page;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/** Formats sets of integers as ranges, as in "0-3, 7". */
public final class Ranges {
  private Ranges() {}

  public static String of(SortedSet<Integer> numbers) {
    List<String> ranges = new ArrayList<>();
    List<Integer> all = List.copyOf(numbers);
    int from = 0;
    for (int i = 1; i <= all.size(); i++) {
      if (i == all.size() || all.get(i) != all.get(i - 1) + 1) {
        ranges.add(i - from == 1 ? all.get(from).toString() : all.get(from) + "-" + all.get(i - 1));
        from = i;
      }
    }
    return String.join(", ", ranges);
  }
}
