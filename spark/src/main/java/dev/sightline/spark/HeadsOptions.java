package dev.sightline.spark;

import dev.sightline.data.MaskPolarity;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.tensor.internal.Quoted;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a frame are samples, and what is measured.
 *
 * <pre>{@code
 * HeadsOptions.text("prompt").id("prompt_id").at(TokenAggregation.LAST)
 * }</pre>
 *
 * <p>Options are immutable: each method returns others.
 */
public final class HeadsOptions {
  /** Names of columns by the field of a sample that they are. */
  private TreeMap<String, String> columns = new TreeMap<>();

  private String data = "frame";
  private @Nullable String modelName;
  private EnumSet<HeadMetric> metrics = EnumSet.copyOf(HeadMetric.STANDARD);
  private TokenAggregation aggregation = TokenAggregation.MEAN;
  private int maxTokens;
  private @Nullable Long padId;
  private @Nullable MaskPolarity polarity;
  private boolean strict;
  private @Nullable Long seed;
  private int shards;

  private HeadsOptions() {}

  private HeadsOptions with(Consumer<HeadsOptions> change) {
    HeadsOptions copy = new HeadsOptions();
    copy.columns = new TreeMap<>(columns);
    copy.data = data;
    copy.modelName = modelName;
    copy.metrics = metrics;
    copy.aggregation = aggregation;
    copy.maxTokens = maxTokens;
    copy.padId = padId;
    copy.polarity = polarity;
    copy.strict = strict;
    copy.seed = seed;
    copy.shards = shards;
    change.accept(copy);
    return copy;
  }

  private HeadsOptions column(String field, String column) {
    return with(o -> o.columns.put(field, column));
  }

  /**
   * Returns options for a frame of texts.
   *
   * @param column the column of the texts, strings
   * @return the options
   */
  public static HeadsOptions text(String column) {
    return new HeadsOptions().column("text", column);
  }

  /**
   * Returns options for a frame of token ids.
   *
   * @param ids the column of the ids, arrays of whole numbers
   * @param mask the column of the masks, arrays of 1 for a real token and 0 for padding
   * @return the options
   */
  public static HeadsOptions ids(String ids, String mask) {
    return new HeadsOptions().column("input_ids", ids).column("attention_mask", mask);
  }

  /**
   * Names the rows. Runs are compared, and unusable rows reported, by these names. Without them,
   * rows are named by their number, for which the frame is evaluated once more.
   *
   * @param column a column of strings or whole numbers, each value once
   * @return other options
   */
  public HeadsOptions id(String column) {
    return column("id", column);
  }

  /**
   * Gives each row the tokens that its value is read from, for {@link TokenAggregation#SPAN}.
   *
   * @param column arrays of the first character, or token of ids, and the one after the last
   * @return other options
   */
  public HeadsOptions span(String column) {
    return column("span", column);
  }

  /**
   * Gives the rows weights.
   *
   * @param column numbers above 0
   * @return other options
   */
  public HeadsOptions weight(String column) {
    return column("weight", column);
  }

  /**
   * Says which tokens a row's value is read from. The default is {@link TokenAggregation#MEAN}.
   *
   * @param tokens the tokens
   * @return other options
   */
  public HeadsOptions at(TokenAggregation tokens) {
    return with(o -> o.aggregation = tokens);
  }

  /**
   * Names the data set in the results. The default is {@code frame}.
   *
   * @param name the name
   * @return other options
   */
  public HeadsOptions data(String name) {
    return with(o -> o.data = name);
  }

  /**
   * Names the model in the results. The default is its own name, such as its path.
   *
   * @param name the name; only statistics of the same name can be merged
   * @return other options
   */
  public HeadsOptions modelName(String name) {
    return with(o -> o.modelName = name);
  }

  /**
   * Says what is measured. The default is {@link HeadMetric#STANDARD}.
   *
   * @param chosen at least one metric
   * @return other options
   * @throws IllegalArgumentException if there is none
   */
  public HeadsOptions metrics(HeadMetric... chosen) {
    if (chosen.length == 0) {
      throw new IllegalArgumentException("there must be a metric to measure");
    }
    EnumSet<HeadMetric> some = EnumSet.copyOf(Arrays.asList(chosen));
    return with(o -> o.metrics = some);
  }

  /**
   * Cuts texts. The default is the longest input of the model.
   *
   * @param tokens tokens of a text, special tokens included
   * @return other options
   * @throws IllegalArgumentException if there is no token
   */
  public HeadsOptions maxTokens(int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException("a text has 1 token or more, not " + tokens);
    }
    return with(o -> o.maxTokens = tokens);
  }

  /**
   * Gives the token id of padding, if not that of the model and its tokenizer.
   *
   * @param id the id
   * @return other options
   */
  public HeadsOptions padId(long id) {
    return with(o -> o.padId = id);
  }

  /**
   * Says what 1 means in the masks of the model, if not what the model itself shows.
   *
   * @param given the polarity
   * @return other options
   */
  public HeadsOptions maskPolarity(MaskPolarity given) {
    return with(o -> o.polarity = given);
  }

  /**
   * Fails at the first unusable row. The default passes over such rows and counts them.
   *
   * @param fail whether to fail
   * @return other options
   */
  public HeadsOptions strict(boolean fail) {
    return with(o -> o.strict = fail);
  }

  /**
   * Gives another seed: of the bootstrap of statistics, or of all that an audit draws.
   *
   * @param number only statistics of the same seed can be merged
   * @return other options
   */
  public HeadsOptions seed(long number) {
    return with(o -> o.seed = number);
  }

  /**
   * Deals the rows out: row i, counted from 0, to shard i modulo the number of shards, as {@code
   * sightline heads --shard} does. This evens out skewed partitions, for which Spark shuffles the
   * rows. The default leaves the rows in the partitions that they are in; each is a shard.
   *
   * @param count the number of shards
   * @return other options
   * @throws IllegalArgumentException if there is no shard
   */
  public HeadsOptions shards(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("there must be 1 shard or more, not " + count);
    }
    return with(o -> o.shards = count);
  }

  Map<String, String> columns() {
    return Collections.unmodifiableMap(columns);
  }

  /**
   * Checks the columns against a frame's.
   *
   * @throws IllegalArgumentException if one is missing; those of the frame are quoted
   */
  void requireIn(List<String> frame) {
    for (String column : columns.values()) {
      if (!frame.contains(column)) {
        throw new IllegalArgumentException(
            "the frame has no column '"
                + Quoted.shortened(column)
                + "'; it has "
                + Quoted.shortened(String.join(", ", frame)));
      }
    }
  }

  boolean hasIds() {
    return columns.containsKey("id");
  }

  String data() {
    return data;
  }

  Optional<String> modelName() {
    return Optional.ofNullable(modelName);
  }

  EnumSet<HeadMetric> metrics() {
    return EnumSet.copyOf(metrics);
  }

  TokenAggregation aggregation() {
    return aggregation;
  }

  /** Returns 0 for what the model takes. */
  int maxTokens() {
    return maxTokens;
  }

  Optional<Long> padId() {
    return Optional.ofNullable(padId);
  }

  Optional<MaskPolarity> polarity() {
    return Optional.ofNullable(polarity);
  }

  boolean strict() {
    return strict;
  }

  Optional<Long> seed() {
    return Optional.ofNullable(seed);
  }

  /** Returns 0 for the frame's own partitions. */
  int shards() {
    return shards;
  }
}
