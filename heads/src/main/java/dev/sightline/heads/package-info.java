/** The front door: {@link dev.sightline.heads.HeadRun} measures the attention heads of a model. */
package dev.sightline.heads;
