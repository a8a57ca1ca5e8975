/** The sightline command: parses the arguments, calls the other modules, prints the results. */
@org.jspecify.annotations.NullMarked
package dev.sightline.cli;
