package dev.sightline.bench.comparison;

/** What the output of a task should be. */
interface Expectation {
  static Expectation of(Workload workload, Inputs inputs) {
    return workload.kind().isBackward()
        ? new GradientReference(workload, inputs)
        : new Reference(workload, inputs);
  }

  /**
   * The largest relative error of those parts that are checked; infinite if a number is not finite.
   *
   * @param output as {@link TimedTask#output} gives it
   */
  double error(float[] output);

  /** What is said of an output with this error; empty if it is small. */
  String problem(double error);
}
