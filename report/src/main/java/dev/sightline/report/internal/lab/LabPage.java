package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Comparison;

/** The page of a comparison. */
public final class LabPage {
  private LabPage() {}

  /** Returns an HTML document. */
  public static String of(Comparison comparison, String command, String version) {
    return "";
  }
}
