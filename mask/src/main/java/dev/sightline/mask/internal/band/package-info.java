/**
 * Allowed keys as runs, the bands of rows that share their form, and what follows from them:
 * sweeps, tiles, densities. Knows nothing about kinds of mask.
 */
package dev.sightline.mask.internal.band;
