package dev.sightline.fuzz;

import java.util.Random;

/** What is fuzzed: how an input is made, and what is done with it. */
interface Target {
  /** The name of a file with an input, such as {@code a.npy}, by its number. */
  String file(byte[] input);

  /** Makes an input that depends on the random numbers alone. */
  byte[] make(Random random);

  /**
   * Uses an input.
   *
   * @return one word for how it ended, such as {@code refused}
   * @throws Throwable if it did not end as it should: the input is saved
   */
  String run(byte[] input) throws Throwable;
}
