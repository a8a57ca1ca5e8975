@org.jspecify.annotations.NullMarked
package dev.sightline.spark.internal;
