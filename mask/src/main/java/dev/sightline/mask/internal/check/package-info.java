/** Questions about masks over sizes: differences, lint, reach through layers, fingerprint. */
package dev.sightline.mask.internal.check;
