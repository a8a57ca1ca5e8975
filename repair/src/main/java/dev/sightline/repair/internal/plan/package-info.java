/** Which mask each attention of a model should have. */
@org.jspecify.annotations.NullMarked
package dev.sightline.repair.internal.plan;
