package dev.sightline.mask;

import java.util.List;

/**
 * Why a pair is allowed or not.
 *
 * @param cell the pair
 * @param allowed the answer
 * @param reasons the parts of the expression that decide it, and why
 */
public record Explanation(Cell cell, boolean allowed, List<Reason> reasons) {
  /**
   * One part of the expression that decides.
   *
   * @param part the part, in the text form
   * @param words what the part says about this pair
   */
  public record Reason(String part, String words) {
    @Override
    public String toString() {
      return part + ": " + words;
    }
  }

  /** Copies the reasons. */
  public Explanation {
    reasons = List.copyOf(reasons);
  }

  /** The answer on one line, then a line for each reason. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("query ").append(cell.query()).append(allowed ? " may" : " may not");
    text.append(" attend to key ").append(cell.key());
    for (Reason reason : reasons) {
      text.append("\n  ").append(reason);
    }
    return text.toString();
  }
}
