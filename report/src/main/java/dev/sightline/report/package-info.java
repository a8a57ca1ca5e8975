/**
 * Reports and pictures: {@link dev.sightline.report.AuditReport} (JSON, JUnit XML and a page),
 * {@link dev.sightline.report.HeadsReport} (pages) and {@link dev.sightline.report.MaskPicture}
 * (SVG and PNG). Pages are self-contained HTML.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.report;
