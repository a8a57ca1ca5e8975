package dev.sightline.lab.internal.task;

import java.util.List;

/**
 * One task: what is seen, what is asked, and how the expert does it.
 *
 * @param things the scene, in the order of its tokens
 * @param instruction what is asked, in words
 * @param subtask what the instruction means
 * @param startX where the hand is, from -1 to 1
 * @param startY where the hand is, from -1 to 1
 * @param goals the places to be reached, one or two, in their order
 */
public record Episode(
    List<Thing> things,
    String instruction,
    Subtask subtask,
    double startX,
    double startY,
    List<Place> goals) {
  /** Points of an action chunk; each goal gets an equal part of them. */
  public static final int ACTIONS = 8;

  /** How near the hand must come to a goal. */
  public static final double NEAR = 0.15;

  /** Copies the lists. */
  public Episode {
    things = List.copyOf(things);
    goals = List.copyOf(goals);
  }

  /**
   * A place in the plane.
   *
   * @param x from -1 to 1
   * @param y from -1 to 1
   */
  public record Place(double x, double y) {}

  /**
   * What a path of a policy or of the expert has come to.
   *
   * @param success whether every goal was reached when it had to be
   * @param endError how far the last point is from the last goal
   */
  public record Outcome(boolean success, double endError) {}

  /** {@return this task with other words} */
  public Episode asking(String words) {
    return new Episode(things, words, subtask, startX, startY, goals);
  }

  /** {@return the expert's action chunk {@code [ACTIONS, 2]}: places relative to the start} */
  public float[] expert() {
    float[] path = new float[2 * ACTIONS];
    int part = ACTIONS / goals.size();
    double fromX = startX;
    double fromY = startY;
    for (int goal = 0; goal < goals.size(); goal++) {
      Place to = goals.get(goal);
      for (int i = 0; i < part; i++) {
        double done = (i + 1.0) / part;
        int at = 2 * (goal * part + i);
        path[at] = (float) (fromX + done * (to.x - fromX) - startX);
        path[at + 1] = (float) (fromY + done * (to.y - fromY) - startY);
      }
      fromX = to.x;
      fromY = to.y;
    }
    return path;
  }

  /**
   * {@return whether a path reached every goal when it had to, and its last point's distance from
   * the last goal}
   *
   * @param path {@code [ACTIONS, 2]}, relative to the start
   */
  public Outcome judge(float[] path) {
    int part = ACTIONS / goals.size();
    boolean success = true;
    double error = 0;
    for (int goal = 0; goal < goals.size(); goal++) {
      int at = 2 * ((goal + 1) * part - 1);
      error =
          Math.hypot(
              startX + path[at] - goals.get(goal).x, startY + path[at + 1] - goals.get(goal).y);
      success &= error <= NEAR;
    }
    return new Outcome(success, error);
  }

  /** {@return the scene's tokens {@code [things, Thing.FEATURES]}} */
  public float[] sceneFeatures() {
    float[] features = new float[things.size() * Thing.FEATURES];
    for (int i = 0; i < things.size(); i++) {
      things.get(i).writeFeatures(features, i * Thing.FEATURES, startX, startY);
    }
    return features;
  }
}
