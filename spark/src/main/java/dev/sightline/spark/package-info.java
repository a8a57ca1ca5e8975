/** Statistics of attention heads, and audits, of a model over the rows of a Spark DataFrame. */
@org.jspecify.annotations.NullMarked
package dev.sightline.spark;
