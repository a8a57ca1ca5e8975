/** What trainings came to, and how they are compared. */
@org.jspecify.annotations.NullMarked
package dev.sightline.lab.result;
