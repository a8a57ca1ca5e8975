/** Measurements of the project on the machine they run on. */
@org.jspecify.annotations.NullMarked
package dev.sightline.bench;

