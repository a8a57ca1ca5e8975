package dev.sightline.heads.statistics;

import dev.sightline.data.DataException;
import dev.sightline.heads.internal.statistics.Bootstrap;
import dev.sightline.tensor.internal.Hash;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The statistics of every attention head over a set of samples, by metric, layer and head.
 *
 * <p>Statistics of shards merge to those of the whole, in any order: means and deviations within
 * 1e-12, quantiles within a rank error of 1.5 %. A layer without data has a reason and is never 0.
 * Not safe for use by several threads.
 */
public final class HeadStatistics {
  private static final int MAX_REASONS = 8;
  static final int MAX_DATA = 100;
  private static final int MAX_REASON = 300;
  static final int MAX_INPUTS = 20;

  /** Samples that a cell adds at once: their bootstrap draws, 50 KB, stay in the L2 cache. */
  private static final int BLOCK = 32;

  private final Provenance provenance;
  private final Bootstrap bootstrap;
  private final CellGrid cells;
  private final Skips skips = new Skips();
  private final Skips remarks = new Skips();
  private final TreeSet<Shard> shards = new TreeSet<>();
  private final TreeSet<String> data = new TreeSet<>();
  private final TreeMap<Site, SortedSet<String>> missing = new TreeMap<>();
  private final TreeMap<String, String> inputs = new TreeMap<>();
  private long samples;
  private long tokens;

  /**
   * The weight of all samples in each bootstrap replicate; shared by the cells with all samples.
   */
  private final Map<Weighting, double[]> replicateWeights = new EnumMap<>(Weighting.class);

  /** The sum of the ids' hashes, which does not depend on their order. */
  private long idSum;

  /** A metric of a layer, by their indices. */
  record Site(int metric, int layer) implements Comparable<Site> {
    @Override
    public int compareTo(Site other) {
      return metric != other.metric
          ? Integer.compare(metric, other.metric)
          : Integer.compare(layer, other.layer);
    }
  }

  /**
   * Creates empty statistics of one part of a data set.
   *
   * @param provenance the model and what is measured
   * @param shard the part of the data set
   * @param data the name of the data set, such as its file
   */
  public HeadStatistics(Provenance provenance, Shard shard, String data) {
    this(provenance, List.of(shard), List.of(data), 0, 0, 0);
  }

  HeadStatistics(
      Provenance provenance,
      Iterable<Shard> shards,
      Iterable<String> data,
      long samples,
      long tokens,
      long idSum) {
    this.provenance = provenance;
    this.bootstrap = new Bootstrap(provenance.seed());
    this.samples = samples;
    this.tokens = tokens;
    this.idSum = idSum;
    shards.forEach(this.shards::add);
    data.forEach(this::addData);
    for (Weighting weighting : Weighting.values()) {
      replicateWeights.put(weighting, new double[Bootstrap.REPLICATES]);
    }
    cells = new CellGrid(provenance);
  }

  /**
   * Adds one sample. {@link #addAll} is several times faster for many.
   *
   * @param sample the values of the sample
   * @throws IllegalArgumentException if its metrics, layers or heads are not those of the
   *     provenance; nothing is added then
   */
  public void add(SampleValues sample) {
    addAll(List.of(sample));
  }

  /**
   * Adds samples in their order. The result is, bit by bit, that of adding them one by one.
   *
   * @param several the values of the samples
   * @throws IllegalArgumentException if the metrics, layers or heads of one are not those of the
   *     provenance; nothing is added then
   */
  public void addAll(List<SampleValues> several) {
    several.forEach(sample -> cells.requireShape(sample, provenance));
    for (int from = 0; from < several.size(); from += BLOCK) {
      addBlock(several.subList(from, Math.min(from + BLOCK, several.size())));
    }
  }

  private void addBlock(List<SampleValues> several) {
    long[] hashes = several.stream().mapToLong(sample -> Hash.of(sample.id())).toArray();
    double[][] draws = Arrays.stream(hashes).mapToObj(bootstrap::draws).toArray(double[][]::new);
    Map<Weighting, double[]> weights = new EnumMap<>(Weighting.class);
    weights.put(Weighting.MACRO, several.stream().mapToDouble(SampleValues::weight).toArray());
    weights.put(
        Weighting.MICRO,
        several.stream().mapToDouble(sample -> sample.weight() * sample.read()).toArray());
    Cell.Block block = new Cell.Block(samples, draws, weights, replicateWeights);
    cells.add(several, block);
    replicateWeights.forEach((weighting, sums) ->
        Replicates.accumulate(sums, weights.getOrDefault(weighting, new double[0]), draws));
    samples += several.size();
    for (int s = 0; s < hashes.length; s++) {
      tokens += several.get(s).tokens();
      idSum += hashes[s];
    }
  }

  private void addData(String name) {
    if (data.size() < MAX_DATA) {
      data.add(Quoted.shortened(name));
    }
  }

  /**
   * Counts a sample that has no value, such as one without a real token.
   *
   * @param id the id of the sample
   * @param reason why it has none
   */
  public void skip(String id, String reason) {
    skips.add(reason, 1, List.of(id));
  }

  /**
   * Counts a measured sample with a remark, such as that it was cut.
   *
   * @param id the id of the sample
   * @param remark the remark
   */
  public void remark(String id, String remark) {
    remarks.add(remark, 1, List.of(id));
  }

  /**
   * Records why a layer has no data for a metric.
   *
   * @param metric index in the provenance's metrics
   * @param layer counted from 0
   * @param reason why there is no data
   * @throws IllegalArgumentException if there is no such metric or layer
   */
  public void missing(int metric, int layer, String reason) {
    if (!cells.hasLayer(metric, layer)) {
      throw new IllegalArgumentException(
          "there is no layer " + layer + " of metric " + metric + " in " + provenance);
    }
    SortedSet<String> reasons =
        missing.computeIfAbsent(new Site(metric, layer), site -> new TreeSet<>());
    if (reasons.size() < MAX_REASONS) {
      reasons.add(reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...");
    }
  }

  /**
   * Returns the model and what was measured.
   *
   * @return the provenance
   */
  public Provenance provenance() {
    return provenance;
  }

  /**
   * Returns the number of measured samples.
   *
   * @return the number of samples, without skipped ones
   */
  public long samples() {
    return samples;
  }

  /**
   * Returns the number of real tokens of the measured samples.
   *
   * @return the number of tokens, without padding
   */
  public long tokens() {
    return tokens;
  }

  /**
   * Returns the number of skipped samples.
   *
   * @return the number of samples that have no value
   */
  public long skipped() {
    return skips.count();
  }

  /**
   * Returns the skipped samples by reason.
   *
   * @return the count and the first ids of each reason
   */
  public Map<String, SkippedSamples> skips() {
    return skips.byReason();
  }

  /**
   * Returns the measured samples that have a remark, by remark.
   *
   * @return the count and the first ids of each remark
   */
  public Map<String, SkippedSamples> remarks() {
    return remarks.byReason();
  }

  /**
   * Returns the names of the data sets.
   *
   * @return at most {@value #MAX_DATA} names, in alphabetical order
   */
  public SortedSet<String> data() {
    return Collections.unmodifiableSortedSet(data);
  }

  /**
   * Returns what the run read, and those of its options that the provenance does not have.
   *
   * @return values by name, in the order of the names; none if this is the sum of several runs
   */
  public SortedMap<String, String> inputs() {
    return Collections.unmodifiableSortedMap(inputs);
  }

  /**
   * Records what the run reads. A run that is resumed must read the same.
   *
   * @param values values by name
   * @throws IllegalArgumentException if there are more than 20, or one is too long
   */
  public void recordInputs(Map<String, String> values) {
    if (values.size() > MAX_INPUTS) {
      throw new IllegalArgumentException(
          "there are at most " + MAX_INPUTS + " inputs, not " + values.size());
    }
    values.forEach((name, value) -> {
      Provenance.requireText("the name of an input", name, 1);
      Provenance.requireText("an input", value, 0);
    });
    inputs.clear();
    inputs.putAll(values);
  }

  /**
   * Returns the parts of the data set that were measured.
   *
   * @return the shards in ascending order
   */
  public SortedSet<Shard> shards() {
    return Collections.unmodifiableSortedSet(shards);
  }

  /**
   * Returns the numbers of one metric of one head.
   *
   * @param metric index in the provenance's metrics
   * @param layer counted from 0
   * @param head counted from 0
   * @return the numbers; without samples, the reason why there are none
   */
  public CellSummary cell(int metric, int layer, int head) {
    return cells.get(metric, layer, head).summary(samples, reason(metric, layer, head));
  }

  /**
   * Returns quantiles of one head's values over the samples, each sample counted once.
   *
   * @param metric index in the provenance's metrics
   * @param layer counted from 0
   * @param head counted from 0
   * @param shares from 0 to 1, in ascending order
   * @return one value for each share, rank error about 1.5 %; empty without data
   */
  public double[] quantiles(int metric, int layer, int head, double... shares) {
    return cells.get(metric, layer, head).sketch().quantiles(shares);
  }

  private String reason(int metric, int layer, int head) {
    SortedSet<String> reasons = missing.get(new Site(metric, layer));
    if (reasons != null) {
      return String.join("; ", reasons);
    }
    long notFinite = cells.get(metric, layer, head).notFinite();
    return samples == 0
        ? "there were no samples"
        : notFinite > 0 ? "no value was finite" : "the layer delivered nothing";
  }

  /**
   * A layer that has no data for a metric.
   *
   * @param metric the metric
   * @param layer counted from 0
   * @param reason why there is no data
   */
  public record MissingLayer(Metric metric, int layer, String reason) {}

  /**
   * Returns the layers of which no head has data.
   *
   * @return the layers, metric by metric
   */
  public List<MissingLayer> missingLayers() {
    List<MissingLayer> all = new ArrayList<>();
    for (int m = 0; m < provenance.metrics().size(); m++) {
      for (int layer = 0; layer < provenance.headsPerLayer().size(); layer++) {
        if (cells.isEmpty(m, layer)) {
          all.add(new MissingLayer(provenance.metrics().get(m), layer, reason(m, layer, 0)));
        }
      }
    }
    return all;
  }

  /**
   * Returns the statistics of both parts together. Neither part changes.
   *
   * @param other the statistics of another part
   * @return the sum
   * @throws IllegalArgumentException if the provenances differ, quoting both, or the parts overlap
   */
  public HeadStatistics merge(HeadStatistics other) {
    provenance.requireMergeable(other.provenance);
    requireDisjoint(other);
    HeadStatistics sum = new HeadStatistics(provenance, shards, data, 0, 0, 0);
    try {
      sum.include(this);
      sum.include(other);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("their counts are too large to be added", e);
    }
    return sum;
  }

  private void requireDisjoint(HeadStatistics other) {
    if (samples > 0 && samples == other.samples && idSum == other.idSum) {
      throw new IllegalArgumentException(
          "both hold the same " + samples + " samples, by their ids; give the rows an id if not");
    }
    if (shards.equals(new TreeSet<>(List.of(Shard.WHOLE))) && shards.equals(other.shards)) {
      return;
    }
    for (Shard shard : other.shards) {
      if (shards.contains(shard)) {
        throw new IllegalArgumentException("both hold shard " + shard);
      }
      if (shard.of() != shards.first().of()) {
        throw new IllegalArgumentException(
            "shards " + shards.first() + " and " + shard + " are not of one division");
      }
    }
  }

  private void include(HeadStatistics part) {
    cells.merge(part.cells);
    part.missing.forEach(
        (site, reasons) -> reasons.forEach(r -> missing(site.metric(), site.layer(), r)));
    skips.merge(part.skips);
    remarks.merge(part.remarks);
    part.data.forEach(this::addData);
    shards.addAll(part.shards);
    if (shards.size() == shards.first().of()) {
      // All parts of a division, so that those of another data set can join them.
      shards.clear();
      shards.add(Shard.WHOLE);
    }
    samples = Math.addExact(samples, part.samples);
    tokens = Math.addExact(tokens, part.tokens);
    idSum += part.idSum;
    replicateWeights.replaceAll(
        (weighting, sums) -> Replicates.sum(sums, part.replicateWeights(weighting)));
    cells.share(samples, replicateWeights);
  }

  /**
   * Compares this run with another, head by head.
   *
   * @param other the other run; the difference is its mean less the mean of this one
   * @param weighting what counts once in the means
   * @param margins by metric name, in its unit: a smaller difference is no effect
   * @return the difference of each head
   * @throws IllegalArgumentException if the runs cannot be compared, quoting both
   */
  public HeadDifference diff(
      HeadStatistics other, Weighting weighting, Map<String, Double> margins) {
    return HeadDifference.between(this, other, weighting, margins);
  }

  /**
   * Writes the full state as JSON. The same state gives the same bytes; {@link #read} restores it.
   *
   * @param out where to write; stays open
   * @throws IOException if writing fails
   */
  public void writeJson(OutputStream out) throws IOException {
    StatisticsWriter.write(this, out);
  }

  /**
   * Reads what {@link #writeJson} wrote.
   *
   * @param in the JSON; may be from an untrusted source
   * @param name the name of the source in messages
   * @return the statistics
   * @throws DataException if it is not such JSON, or its numbers contradict each other
   */
  public static HeadStatistics read(InputStream in, String name) throws DataException {
    return StatisticsReader.read(in, name);
  }

  /**
   * Writes one line per metric, layer and head as CSV (RFC 4180), with a header.
   *
   * @param out where to write; stays open
   * @throws IOException if writing fails
   */
  public void writeCsv(Writer out) throws IOException {
    StatisticsCsv.write(this, out);
  }

  Cell state(int metric, int layer, int head) {
    return cells.get(metric, layer, head);
  }

  void restore(int metric, int layer, int head, Cell cell) {
    cells.set(metric, layer, head, cell);
  }

  Skips skipTallies() {
    return skips;
  }

  Skips remarkTallies() {
    return remarks;
  }

  Map<Site, SortedSet<String>> missing() {
    return missing;
  }

  double[] replicateWeights(Weighting weighting) {
    return Objects.requireNonNull(replicateWeights.get(weighting));
  }

  void restoreWeights(Weighting weighting, double[] sums) {
    replicateWeights.put(weighting, sums);
  }

  long idSum() {
    return idSum;
  }
}
