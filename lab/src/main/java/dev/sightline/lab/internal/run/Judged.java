package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What paths come to, as results and pictures. */
final class Judged {
  private Judged() {}

  static Results results(
      String condition, List<Episode> tasks, List<float[]> paths, @Nullable Double subtasks) {
    List<Double> success = new ArrayList<>();
    List<Double> endError = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      Episode.Outcome outcome = tasks.get(i).judge(paths.get(i));
      success.add(outcome.success() ? 1.0 : 0.0);
      endError.add(outcome.endError());
    }
    return new Results(condition, success, endError, subtasks);
  }

  /** {@return what an expert does that guesses each instruction, and what the expert does} */
  static List<Results> experts(List<Episode> tasks) {
    SplittableRandom random = new SplittableRandom(1);
    List<float[]> guessed =
        tasks.stream().map(task -> Episodes.guess(task, random).expert()).toList();
    return List.of(
        results(Conditions.GUESS, tasks, guessed, null),
        results(Conditions.EXPERT, tasks, tasks.stream().map(Episode::expert).toList(), null));
  }

  static List<Rollout> rollouts(List<Episode> tasks, List<float[]> paths) {
    List<Rollout> rollouts = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      Episode task = tasks.get(i);
      rollouts.add(
          new Rollout(
              task.things().stream()
                  .map(thing ->
                      new Rollout.Item(
                          word(thing.colour()),
                          word(thing.form()),
                          new Rollout.Point(thing.x(), thing.y())))
                  .toList(),
              task.instruction(),
              task.startX(),
              task.startY(),
              task.goals().stream().map(goal -> new Rollout.Point(goal.x(), goal.y())).toList(),
              points(task, task.expert()),
              points(task, paths.get(i)),
              task.judge(paths.get(i)).success()));
    }
    return rollouts;
  }

  private static String word(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static List<Rollout.Point> points(Episode task, float[] path) {
    List<Rollout.Point> points = new ArrayList<>();
    for (int i = 0; i < Episode.ACTIONS; i++) {
      points.add(new Rollout.Point(task.startX() + path[2 * i], task.startY() + path[2 * i + 1]));
    }
    return points;
  }
}
