package dev.sightline.lab.internal.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EpisodesTest {
  private static final List<Episode> MANY =
      LongStream.range(0, 3000).mapToObj(number -> Episodes.episode(1, number, 0)).toList();

  @Test
  void instructionsHaveThreeToFortyWordsAndAreVaried() {
    Set<String> texts = new HashSet<>();
    int shortest = Integer.MAX_VALUE;
    int longest = 0;
    for (Episode episode : MANY) {
      texts.add(episode.instruction());
      int words = episode.instruction().split(" ").length;
      shortest = Math.min(shortest, words);
      longest = Math.max(longest, words);
    }
    assertThat(shortest).isEqualTo(3);
    assertThat(longest).isBetween(30, Episodes.LONGEST);
    assertThat(texts).hasSizeGreaterThan(2500);
  }

  @Test
  void theExpertSucceedsAndStandingStillDoesNot() {
    int still = 0;
    for (Episode episode : MANY) {
      Episode.Outcome expert = episode.judge(episode.expert());
      assertThat(expert.success()).isTrue();
      assertThat(expert.endError()).isLessThan(1e-6);
      still += episode.judge(new float[2 * Episode.ACTIONS]).success() ? 1 : 0;
    }
    assertThat(still).isLessThan(MANY.size() / 20);
  }

  @Test
  void aSceneNamesEachThingOnceAndKeepsThemApart() {
    for (Episode episode : MANY) {
      List<Thing> things = episode.things();
      assertThat(things).hasSize(Episodes.THINGS);
      for (int i = 0; i < things.size(); i++) {
        for (int j = 0; j < i; j++) {
          Thing a = things.get(i);
          Thing b = things.get(j);
          assertThat(a.is(b.colour(), b.form())).isFalse();
          assertThat(a.distance(b.x(), b.y())).isGreaterThan(2 * Episode.NEAR);
        }
      }
    }
  }

  @Test
  void anotherDrawMovesTheThingsAndKeepsTheWords() {
    Episode one = Episodes.episode(1, 5, 0);
    Episode other = Episodes.episode(1, 5, 1);
    assertThat(other.instruction()).isEqualTo(one.instruction());
    assertThat(other.subtask().ids()).containsExactly(one.subtask().ids());
    assertThat(other.goals()).isNotEqualTo(one.goals());
    assertThat(Episodes.episode(1, 5, 0)).isEqualTo(one);
    assertThat(Episodes.episode(2, 5, 0)).isNotEqualTo(one);
  }
}
