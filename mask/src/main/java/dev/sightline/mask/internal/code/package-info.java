/** Masks as source code in Python, for the array libraries that have the same operators. */
package dev.sightline.mask.internal.code;
