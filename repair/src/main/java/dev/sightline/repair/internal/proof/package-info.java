/** The proof that a repaired model is what the old one was meant to be. */
@org.jspecify.annotations.NullMarked
package dev.sightline.repair.internal.proof;
