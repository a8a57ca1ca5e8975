/** Audits whether a model obeys its attention mask; {@link dev.sightline.audit.Audit} runs one. */
package dev.sightline.audit;
