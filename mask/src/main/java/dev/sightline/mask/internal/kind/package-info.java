/**
 * The kinds of mask, one file for each: its text form, checks, sizes, rule and explanation. {@link
 * dev.sightline.mask.internal.kind.Kinds} lists them.
 */
package dev.sightline.mask.internal.kind;
