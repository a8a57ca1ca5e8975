/** The sightline command: parses what was typed, calls the libraries, prints what they answer. */
@org.jspecify.annotations.NullMarked
package dev.sightline.cli;

