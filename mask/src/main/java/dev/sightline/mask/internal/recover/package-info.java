/** Expressions from cells: the simplest mask that allows exactly what was observed. */
package dev.sightline.mask.internal.recover;
