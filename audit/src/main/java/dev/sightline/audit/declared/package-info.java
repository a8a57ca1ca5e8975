/** Masks that a user declares for a model, and names of its tokens. */
package dev.sightline.audit.declared;
