/** The results of audits and head runs as text for a terminal. */
@org.jspecify.annotations.NullMarked
package dev.sightline.report.text;
