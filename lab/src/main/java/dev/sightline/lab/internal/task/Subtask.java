package dev.sightline.lab.internal.task;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps that an instruction asks for, without its synonyms and fillers: which thing is taken,
 * and beside which thing the hand ends.
 *
 * @param taken the thing to be taken
 * @param relation where the hand goes after the first thing, or null if the task ends there
 * @param beside the thing it goes to, or null if the task ends there
 */
public record Subtask(Thing taken, @Nullable Relation relation, @Nullable Thing beside) {
  /** Tokens of a subtask. */
  public static final int TOKENS = 5;

  private static final List<Relation> ALL_RELATIONS = List.of(Relation.values());
  private static final int COLOURS = Thing.COLOURS.size();
  private static final int FORMS = Thing.FORMS.size();
  private static final int RELATIONS = ALL_RELATIONS.size();

  /** The number of different tokens; the last one says that the task has no second part. */
  public static final int VOCABULARY = COLOURS + FORMS + RELATIONS + 1;

  private static final int NOTHING = VOCABULARY - 1;

  /** {@return the subtask as {@link #TOKENS} ids of its own small vocabulary} */
  public int[] ids() {
    List<Integer> ids = new ArrayList<>();
    ids.add(taken.colourNumber());
    ids.add(COLOURS + taken.formNumber());
    if (relation == null || beside == null) {
      ids.addAll(List.of(NOTHING, NOTHING, NOTHING));
    } else {
      ids.add(COLOURS + FORMS + ALL_RELATIONS.indexOf(relation));
      ids.add(beside.colourNumber());
      ids.add(COLOURS + beside.formNumber());
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
