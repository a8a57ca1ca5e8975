package dev.sightline.spark.internal;

import dev.sightline.heads.statistics.HeadStatistics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The statistics of one shard as a task returns them.
 *
 * @param number counted from 1
 * @param of number of shards
 * @param samples measured
 * @param skipped passed over
 * @param state the JSON of the statistics, compressed with gzip
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ShardState(int number, int of, long samples, long skipped, byte[] state)
    implements Serializable {

  static ShardState of(int number, int of, HeadStatistics statistics) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes, 1 << 16)) {
      statistics.writeJson(out);
    }
    return new ShardState(
        number, of, statistics.samples(), statistics.skipped(), bytes.toByteArray());
  }

  /** Reads the JSON of statistics that was compressed. */
  public static HeadStatistics read(byte[] state, String name) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(state), 1 << 16)) {
      return HeadStatistics.read(in, name);
    }
  }
}
