/** Statistics of attention heads over samples: mergeable, comparable, saved as JSON and CSV. */
package dev.sightline.heads.statistics;
