package dev.sightline.lab.internal.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The words of instructions as ids, for a policy that learns them itself. */
public final class Words {
  /** The id at padding. */
  public static final int PADDING = 0;

  private final Map<String, Integer> ids = new LinkedHashMap<>();

  /** Numbers the words of these texts, from 1, in the order in which they come. */
  public Words(List<String> texts) {
    texts.forEach(text -> split(text).forEach(word -> ids.putIfAbsent(word, ids.size() + 1)));
  }

  /** {@return the words' ids} */
  public int[] ids(String text) {
    return split(text).stream().mapToInt(this::id).toArray();
  }

  private int id(String word) {
    Integer id = ids.get(word);
    if (id == null) {
      throw new IllegalArgumentException("no instruction has the word '" + word + "'");
    }
    return id;
  }

  /** {@return one more than the largest id} */
  public int size() {
    return ids.size() + 1;
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    for (String part : text.split(" ", -1)) {
      words.add(part.replace(",", ""));
    }
    return words;
  }
}
