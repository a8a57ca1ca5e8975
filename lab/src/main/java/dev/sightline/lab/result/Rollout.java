package dev.sightline.lab.result;

import java.util.List;

/**
 * A task and what was done, for a picture.
 *
 * @param things the scene
 * @param instruction in words
 * @param startX where the hand was, from -1 to 1
 * @param startY where the hand was, from -1 to 1
 * @param goals the places to be reached, in their order
 * @param expert the expert's path, x and y of each point
 * @param policy the policy's path
 * @param success whether the policy reached every goal when it had to
 */
public record Rollout(
    List<Item> things,
    String instruction,
    double startX,
    double startY,
    List<Point> goals,
    List<Point> expert,
    List<Point> policy,
    boolean success) {
  /** Copies the lists. */
  public Rollout {
    things = List.copyOf(things);
    goals = List.copyOf(goals);
    expert = List.copyOf(expert);
    policy = List.copyOf(policy);
  }

  /**
   * A place in the plane.
   *
   * @param x from -1 to 1, to the right
   * @param y from -1 to 1, upwards
   */
  public record Point(double x, double y) {}

  /**
   * A thing of the scene.
   *
   * @param colour as an instruction names it
   * @param form as an instruction names it
   * @param at where it is
   */
  public record Item(String colour, String form, Point at) {}
}
