package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.internal.row.JsonFields;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.tensor.internal.AtomicFile;
import dev.sightline.tensor.internal.Quoted;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state of a run after some rows of a file. As a file: a line of JSON with the data file and
 * the number of rows, then the JSON of the statistics of these rows.
 *
 * @param data the data file
 * @param shard the part of the file that is measured
 * @param rows number of rows read, with those of other shards
 * @param statistics the statistics of these rows
 */
public record Checkpoint(Fingerprint data, Shard shard, long rows, HeadStatistics statistics) {
  private static final String SCHEMA = "sightline.heads.checkpoint";
  private static final int VERSION = 1;
  private static final int MAX_LINE = 1 << 12;

  public void write(Path file) throws IOException {
    ObjectNode head = JsonMapper.shared().createObjectNode();
    head.put("schema", SCHEMA);
    head.put("version", VERSION);
    head.put("rows", rows);
    head.put("shard", shard.toString());
    head.put("dataBytes", data.bytes());
    head.put("dataSha256", data.sha256());
    AtomicFile.write(
        file,
        out -> {
          out.write(JsonMapper.shared().writeValueAsBytes(head));
          out.write('\n');
          statistics.writeJson(out);
        });
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws DataException if it is something else
   */
  public static Checkpoint read(Path file) throws IOException {
    String name = file.toString();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      JsonFields head = new JsonFields("", JsonMapper.shared().readTree(line(in)));
      if (!head.text("schema").equals(SCHEMA) || head.whole("version") != VERSION) {
        throw new IllegalArgumentException(
            "its schema is '"
                + Quoted.shortened(head.text("schema"))
                + "', version "
                + head.whole("version")
                + ", not "
                + SCHEMA
                + ", version "
                + VERSION);
      }
      Fingerprint data = new Fingerprint(head.count("dataBytes"), head.text("dataSha256"));
      Shard shard = Shard.parse(head.text("shard"));
      long rows = head.count("rows");
      return new Checkpoint(data, shard, rows, HeadStatistics.read(in, name));
    } catch (JacksonException e) {
      throw new DataException("'" + name + "' is no checkpoint: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new DataException("'" + name + "' is no checkpoint: " + e.getMessage(), e);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (line.size() == MAX_LINE) {
        throw new IllegalArgumentException("its first line has more than " + MAX_LINE + " bytes");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** Refuses to go on with a run of something else. */
  public void requireSame(Path file, Checkpoint fresh) throws DataException {
    try {
      Provenance.requireSame("shards", shard, fresh.shard);
      Provenance.requireSame("data files", data, fresh.data);
    } catch (IllegalArgumentException e) {
      throw otherRun(file, e);
    }
    requireSame(file, statistics, fresh.statistics);
  }

  /**
   * Refuses statistics of another run.
   *
   * @param file what holds the statistics that were found
   */
  public static void requireSame(Path file, HeadStatistics found, HeadStatistics fresh)
      throws DataException {
    try {
      found.provenance().requireMergeable(fresh.provenance());
      Provenance.requireSame("shards", found.shards(), fresh.shards());
      SortedMap<String, String> had = found.inputs();
      fresh
          .inputs()
          .forEach((name, value) ->
              Provenance.requireSame(name, had.getOrDefault(name, "unknown"), value));
    } catch (IllegalArgumentException e) {
      throw otherRun(file, e);
    }
  }

  private static DataException otherRun(Path file, IllegalArgumentException e) {
    return new DataException("'" + file + "' is of another run: " + e.getMessage(), e);
  }

  /** Whether a file is a checkpoint from before the first row, with which nothing is lost. */
  public static boolean isEmpty(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      JsonFields head = new JsonFields("", JsonMapper.shared().readTree(line(in)));
      return head.text("schema").equals(SCHEMA) && head.count("rows") == 0;
    } catch (JacksonException | IllegalArgumentException e) {
      return false;
    }
  }
}
