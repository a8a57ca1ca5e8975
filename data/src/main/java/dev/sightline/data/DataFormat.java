package dev.sightline.data;

import dev.sightline.tensor.internal.Quoted;
import java.nio.file.Path;
import java.util.Locale;

/** The format of a data file, one sample a row. */
public enum DataFormat {
  /** A text a line. */
  LINES,
  /**
   * A JSON object a line: {@code text}, or {@code input_ids} and perhaps {@code attention_mask};
   * perhaps {@code span} as [start, end), {@code weight} and {@code id}.
   */
  JSONL,
  /** Columns of the same names, separated by commas. */
  CSV,
  /** Columns of the same names, separated by tabs. */
  TSV,
  /** Columns of the same names. */
  PARQUET;

  /**
   * Tells the format of a file by its name.
   *
   * @param file the file, which is not read
   * @return the format that the ending of the name means; {@link #LINES} for any other ending
   */
  public static DataFormat of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "jsonl", "ndjson", "json" -> JSONL;
      case "csv" -> CSV;
      case "tsv" -> TSV;
      case "parquet", "pq" -> PARQUET;
      default -> LINES;
    };
  }

  /**
   * Reads a format as the command line writes it.
   *
   * @param text such as {@code jsonl}, in any case
   * @return the format
   * @throws IllegalArgumentException if it is something else
   */
  public static DataFormat parse(String text) {
    for (DataFormat format : values()) {
      if (format.name().equalsIgnoreCase(text)) {
        return format;
      }
    }
    throw new IllegalArgumentException(
        "'" + Quoted.shortened(text) + "' is not lines, jsonl, csv, tsv or parquet");
  }
}
