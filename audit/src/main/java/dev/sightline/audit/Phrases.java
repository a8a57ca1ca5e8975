package dev.sightline.audit;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and lists as sentences of an audit show them. */
final class Phrases {

  private Phrases() {}

  /** As in {@code layer 3} and {@code layers 0, 2}. */
  static String listed(String noun, List<Integer> numbers) {
    return noun + (numbers.size() == 1 ? " " : "s ") + joined(numbers);
  }

  static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** As in {@code 0-3, 5}. */
  static String ranges(List<Integer> numbers) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < numbers.size(); i++) {
      int from = i;
      while (i + 1 < numbers.size() && numbers.get(i + 1) == numbers.get(i) + 1) {
        i++;
      }
      text.append(text.isEmpty() ? "" : ", ").append(numbers.get(from));
      if (i > from) {
        text.append(i == from + 1 ? ", " : "-").append(numbers.get(i));
      }
    }
    return text.toString();
  }

  /** As in {@code 1 time} and {@code 40 times}. */
  static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** Three significant digits; 0 as {@code 0}. */
  static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }

  /** A share of 1 as percent; below a thousandth as it is. */
  static String percent(double share) {
    return share >= 0.001
        ? String.format(Locale.ROOT, share < 1 ? "%.1f %%" : "%.0f %%", 100 * share)
        : String.format(Locale.ROOT, "%.1e", share);
  }
}
