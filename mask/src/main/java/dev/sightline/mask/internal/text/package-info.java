/**
 * Reading a text: characters, arguments of a word, errors that point into it. Knows nothing about
 * kinds of mask.
 */
package dev.sightline.mask.internal.text;
