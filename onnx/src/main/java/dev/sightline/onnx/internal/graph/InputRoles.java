package dev.sightline.onnx.internal.graph;

import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells which input plays which part, by type, rank and the names that exporters give, and by what
 * the graph does with it where the name says nothing. Inputs that speak of the same stream have an
 * axis of the same name or length, or names that begin alike: {@code decoder_input_ids} and {@code
 * decoder_attention_mask}.
 */
public final class InputRoles {
  private enum Role {
    IDS,
    VECTORS,
    MASK,
    TOKEN_TYPES,
    POSITIONS,
    LENGTHS,
    OTHER
  }

  /** What is left of a name before one of these words says whose it is. */
  private static final Pattern STEM =
      Pattern.compile(
          "(inputs?_|input_)?(ids|attention_mask|padding_mask|pad_mask|mask|embeds|embeddings"
              + "|features|hidden_states|values|token_type_ids|segment_ids|position_ids|positions"
              + "|tokens|(seq_?)?len(gth)?s?(_k)?)$");

  /** Names of integers {@code [B]} that count the real tokens of each row. */
  private static final Pattern LENGTHS =
      Pattern.compile("(^|[_.])(kv_?)?(seq_?)?len(gth)?s?([_.]k)?$|seq_?lens?|lengths");

  /** Names of numbers about other lengths than those of the rows. */
  private static final Pattern OTHER_LENGTHS =
      Pattern.compile("max|min|total|past|cache|cu_|penalty|new_");

  /** Names of axes that count tokens, and rows. */
  private static final Pattern TOKENS = Pattern.compile("(?i)seq|time|len|frames|tokens|^[STL]$");

  private static final Pattern ROWS = Pattern.compile("(?i)batch|rows|^[BN]$");

  private final Graph graph;
  private final List<TensorSpec> inputs;

  private InputRoles(Graph graph, List<TensorSpec> inputs) {
    this.graph = graph;
    this.inputs = inputs;
  }

  public static ModelInputs of(Graph graph, List<TensorSpec> inputs) {
    return new InputRoles(graph, inputs).streams();
  }

  private ModelInputs streams() {
    List<TensorSpec> contents =
        inputs.stream()
            .filter(i -> role(i) == Role.IDS || role(i) == Role.VECTORS)
            .filter(i -> !i.dims().contains("0")) // as an empty cache of a first step
            .toList();
    Set<TensorSpec> used = new HashSet<>(contents);
    List<TokenStream> streams = new ArrayList<>();
    for (TensorSpec content : contents) {
      streams.add(
          new TokenStream(
              content,
              tokenAxis(content),
              companion(Role.MASK, content, contents, used),
              false,
              companion(Role.TOKEN_TYPES, content, contents, used),
              companion(Role.POSITIONS, content, contents, used),
              lengths(content, contents, used)));
    }
    return new ModelInputs(streams, inputs.stream().filter(i -> !used.contains(i)).toList());
  }

  /** The input of a role that speaks of this content rather than of any other. */
  private @Nullable TensorSpec companion(
      Role role, TensorSpec content, List<TensorSpec> contents, Set<TensorSpec> used) {
    Optional<TensorSpec> found =
        inputs.stream()
            .filter(i -> role(i) == role && !used.contains(i))
            .filter(i -> affinity(i, content) >= 0)
            .filter(i ->
                contents.stream()
                    .filter(other -> affinity(i, other) > affinity(i, content))
                    .findAny()
                    .isEmpty())
            .filter(i -> firstOfEquals(i, content, contents))
            .max(Comparator.comparingInt(i -> affinity(i, content)));
    found.ifPresent(used::add);
    return found.orElse(null);
  }

  /** The lengths that are called after this content rather than after any other. */
  private @Nullable TensorSpec lengths(
      TensorSpec content, List<TensorSpec> contents, Set<TensorSpec> used) {
    Optional<TensorSpec> found =
        inputs.stream()
            .filter(i -> role(i) == Role.LENGTHS && !used.contains(i))
            .filter(i -> countsRowsOf(i, content))
            .filter(i -> {
              TensorSpec first = content;
              for (TensorSpec other : contents.reversed()) {
                first = isCalledAfter(i, other) >= isCalledAfter(i, first) ? other : first;
              }
              return first.equals(content);
            })
            .findFirst();
    found.ifPresent(used::add);
    return found.orElse(null);
  }

  /** Whether an input has a number for each row of a content. */
  private static boolean countsRowsOf(TensorSpec input, TensorSpec content) {
    int rows = tokenAxis(content) == 0 ? 1 : 0;
    return !input.isFixed(0) || input.dims().getFirst().equals(content.dims().get(rows));
  }

  /** How surely lengths are those of a content: {@code target_length} of {@code targets}. */
  private static int isCalledAfter(TensorSpec lengths, TensorSpec content) {
    String own = owner(lengths);
    String of = owner(content);
    return own.equals(of) ? 2 : !own.isEmpty() && of.startsWith(own) ? 1 : 0;
  }

  /** Where two contents fit alike, the first one has it. */
  private static boolean firstOfEquals(
      TensorSpec input, TensorSpec content, List<TensorSpec> contents) {
    for (TensorSpec other : contents) {
      if (affinity(input, other) == affinity(input, content)) {
        return other.equals(content);
      }
    }
    return false;
  }

  /** How surely an input {@code [B, S]} speaks of a content; negative where it cannot. */
  private static int affinity(TensorSpec input, TensorSpec content) {
    int axis = tokenAxis(content);
    int score = 0;
    if (input.isFixed(1) && content.isFixed(axis)) {
      if (!input.dims().get(1).equals(content.dims().get(axis))) {
        return -1;
      }
      score += 3;
    } else if (input.isFixed(1) != content.isFixed(axis)) {
      score -= 0; // a file may fix the one and forget the other
    } else if (!input.dims().get(1).equals("?")
        && input.dims().get(1).equals(content.dims().get(axis))) {
      score += 4;
    }
    return owner(input).equals(owner(content)) ? score + 2 : score;
  }

  /** {@code decoder} of {@code decoder_input_ids}; empty if the name begins with no such word. */
  private static String owner(TensorSpec input) {
    String name = input.name().toLowerCase(Locale.ROOT);
    Matcher stem = STEM.matcher(name);
    String before = stem.find() ? name.substring(0, stem.start()) : name;
    return before.replaceAll("[_.]+$", "");
  }

  private Role role(TensorSpec input) {
    String name = input.name().toLowerCase(Locale.ROOT);
    int rank = input.dims().size();
    boolean past = name.contains("past") || name.contains("cache");
    boolean isWhole = input.isInteger();
    boolean perRow = rank == 1 || (rank == 2 && input.dims().get(1).equals("1"));
    if (isWhole && perRow && LENGTHS.matcher(name).find() && !OTHER_LENGTHS.matcher(name).find()) {
      return Role.LENGTHS;
    }
    if (past || rank < 2) {
      return Role.OTHER;
    }
    boolean global = name.contains("global");
    if (name.contains("mask")) {
      return rank == 2 && !global ? Role.MASK : Role.OTHER;
    }
    if (input.isFloat()) {
      return isSequenceOfVectors(input) ? Role.VECTORS : Role.OTHER;
    }
    if (rank != 2 || !isWhole) {
      return Role.OTHER;
    }
    if (name.contains("position")) {
      return Role.POSITIONS;
    }
    if (name.contains("type_ids") || name.contains("segment")) {
      return Role.TOKEN_TYPES;
    }
    boolean named = name.endsWith("ids") || name.contains("token") || name.equals("input.1");
    boolean read = named || new Tables(graph).rowsLookedUpBy(input.name()).isPresent();
    return read || isOnlyIds(input) ? Role.IDS : Role.OTHER;
  }

  private boolean isSequenceOfVectors(TensorSpec input) {
    int rank = input.dims().size();
    boolean hasRowsWithin =
        tokenAxis(input) > 0 && inputs.stream().anyMatch(other -> isRows(other, input));
    return !hasRowsWithin
        && (rank == 3
            || ((rank == 2 || rank == 4) && !input.isFixed(rank == 2 ? 1 : tokenAxis(input))));
  }

  /** Whether an input looks up a table after arithmetic, and no other input looks up any. */
  private boolean isOnlyIds(TensorSpec input) {
    Tables tables = new Tables(graph);
    return tables.rowsComputedFrom(input.name()).isPresent()
        && inputs.stream()
            .filter(other -> !other.name().equals(input.name()) && !other.isFloat())
            .filter(other -> !other.name().toLowerCase(Locale.ROOT).contains("mask"))
            .noneMatch(other -> tables.rowsComputedFrom(other.name()).isPresent());
  }

  /** Whether the first axis of integers {@code [batch, sequence]} is a later one of the input. */
  private static boolean isRows(TensorSpec integers, TensorSpec input) {
    return !integers.isFloat()
        && integers.dims().size() == 2
        && !integers.isFixed(0)
        && !integers.dims().getFirst().equals("?")
        && input.dims().indexOf(integers.dims().getFirst()) > 0;
  }

  /**
   * The axis that counts tokens: that of no fixed length after the batch, else the first after it;
   * 0 where the names of the axes say that tokens come first.
   */
  static int tokenAxis(TensorSpec content) {
    List<String> dims = content.dims();
    if (dims.size() > 1
        && TOKENS.matcher(dims.getFirst()).find()
        && ROWS.matcher(dims.get(1)).find()) {
      return 0;
    }
    for (int a = 1; a < content.dims().size(); a++) {
      if (!content.isFixed(a)) {
        return a;
      }
    }
    return 1;
  }
}
