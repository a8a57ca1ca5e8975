/** JMH benchmarks; {@code bench/run} runs them. */
@org.jspecify.annotations.NullMarked
package dev.sightline.bench.jmh;
