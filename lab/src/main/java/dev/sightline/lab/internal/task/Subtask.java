package dev.sightline.lab.internal.task;

/**
 * What an instruction asks for, without its synonyms and fillers: to go to a place beside a thing.
 *
 * @param relation where the place is, seen from the thing
 * @param thing one of the scene
 */
public record Subtask(Relation relation, Thing thing) {
  /** Tokens of a subtask. */
  public static final int TOKENS = 3;

  private static final int COLOURS = Thing.Colour.values().length;
  private static final int FORMS = Thing.Form.values().length;

  /** The number of different tokens. */
  public static final int VOCABULARY = COLOURS + FORMS + Relation.values().length;

  /** {@return the subtask as {@link #TOKENS} ids of its own small vocabulary} */
  public int[] ids() {
    return new int[] {
      COLOURS + FORMS + relation.ordinal(),
      thing.colour().ordinal(),
      COLOURS + thing.form().ordinal()
    };
  }
}
