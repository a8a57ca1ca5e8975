package dev.sightline.lab.internal.policy;

import java.util.List;
import java.util.SplittableRandom;

/** An encoder whose states are random numbers of each text, at padding too. */
record MadeUpLanguage(int width) implements Language {
  @Override
  public List<Encoded> encode(List<String> texts, int tokens) {
    return texts.stream()
        .map(text -> {
          SplittableRandom random = new SplittableRandom(text.hashCode());
          return new Encoded(Batches.noise(random, tokens * width), text.split(" ").length);
        })
        .toList();
  }
}
