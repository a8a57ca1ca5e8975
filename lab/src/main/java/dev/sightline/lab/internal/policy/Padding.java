package dev.sightline.lab.internal.policy;

import java.util.Locale;

/** What is beside an instruction in its batch, and at its padding. */
public enum Padding {
  /** Padded to the longest instruction of the batch, as in training. */
  AS_TRAINED,
  /** One task for itself, without padding. */
  NONE,
  /** Beside a neighbour that is much longer. */
  LONG,
  /** As long, and what is at padding belongs to another instruction. */
  FOREIGN;

  /** {@return the name in commands and files} */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
