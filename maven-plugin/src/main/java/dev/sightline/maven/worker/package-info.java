/** What runs in the process that the goals start. */
@org.jspecify.annotations.NullMarked
package dev.sightline.maven.worker;
