/**
 * Kinds combined by and, or, not, step and others: parser, printer, compiler, checks against sizes,
 * explanation.
 */
package dev.sightline.mask.internal.expression;
