/** Small policies that train and run under right and wrong masks. */
@org.jspecify.annotations.NullMarked
package dev.sightline.lab;
