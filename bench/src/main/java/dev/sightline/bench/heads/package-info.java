/** {@code sightline bench heads}: the cost of head statistics. */
@org.jspecify.annotations.NullMarked
package dev.sightline.bench.heads;
