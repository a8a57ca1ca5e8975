/**
 * The goals of the Maven plugin. They run on whatever Java Maven runs on, from 17, and start a
 * process of Java 21 or later that audits: native code that crashes ends that process and not the
 * build, and no class loader of Maven's ever loads a native library.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.maven;
