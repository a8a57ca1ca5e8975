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
 */
public record Episode(
    List<Thing> things, String instruction, Subtask subtask, double startX, double startY) {
  /** Points of an action chunk. */
  public static final int ACTIONS = 8;

  /** How near to the goal the hand must end; half as far as two goals at one thing are apart. */
  public static final double NEAR = 0.15;

  /** Copies the scene. */
  public Episode {
    things = List.copyOf(things);
  }

  /**
   * What a path of a policy or of the expert has come to.
   *
   * @param success whether the path's last point is near the goal
   * @param endError how far it is from the goal
   */
  public record Outcome(boolean success, double endError) {}

  /** {@return where the hand has to end} */
  public double goalX() {
    return subtask.relation().x(subtask.thing());
  }

  /** {@return where the hand has to end} */
  public double goalY() {
    return subtask.relation().y(subtask.thing());
  }

  /** {@return the expert's action chunk {@code [ACTIONS, 2]}: places relative to the start} */
  public float[] expert() {
    float[] path = new float[2 * ACTIONS];
    for (int i = 0; i < ACTIONS; i++) {
      double done = (i + 1.0) / ACTIONS;
      path[2 * i] = (float) (done * (goalX() - startX));
      path[2 * i + 1] = (float) (done * (goalY() - startY));
    }
    return path;
  }

  /**
   * {@return what a path has come to}
   *
   * @param path {@code [ACTIONS, 2]}, relative to the start
   */
  public Outcome judge(float[] path) {
    int last = 2 * (ACTIONS - 1);
    double error = Math.hypot(startX + path[last] - goalX(), startY + path[last + 1] - goalY());
    return new Outcome(error <= NEAR, error);
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
