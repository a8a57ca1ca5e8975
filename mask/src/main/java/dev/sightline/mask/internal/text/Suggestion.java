package dev.sightline.mask.internal.text;

import java.util.List;
import java.util.Locale;

/** What a message says about a word that is not known. */
public final class Suggestion {
  private Suggestion() {}

  /** The nearest of the known words if one is near, otherwise all of them. */
  public static String of(String unknown, List<String> known) {
    String wanted = Excerpt.of(unknown).toLowerCase(Locale.ROOT).replace('_', '-');
    for (String word : known) {
      if (distance(wanted, word) <= (word.length() > 4 ? 2 : 1)) {
        return "did you mean " + word + "?";
      }
    }
    return "the masks are " + String.join(", ", known);
  }

  /** The number of letters to insert, remove or replace to get from one word to the other. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
