package dev.sightline.spark.internal;

import java.io.Serializable;

/**
 * A row of a frame on its way to a task.
 *
 * @param line its number, counted from 1; of rows with ids only unique
 * @param text a text, or a JSON object with the fields of a sample
 */
public record NumberedText(long line, String text) implements Serializable {}
