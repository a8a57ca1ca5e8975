/** The metrics of an attention head. */
package dev.sightline.heads.metric;
