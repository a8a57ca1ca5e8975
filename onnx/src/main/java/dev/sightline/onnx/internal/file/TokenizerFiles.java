package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the tokenizer.json of a model: under the model's own name, beside it, and in the folder
 * above; inside a .jar the only one there is.
 *
 * @param bytes of the file; null if there is none
 * @param name how messages name it; empty if there is none
 * @param searched the paths that were tried
 * @param others tokenizer files of other formats that were met, each with what it is
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
public record TokenizerFiles(
    byte @Nullable [] bytes, String name, List<String> searched, List<String> others) {
  /** Hugging Face's largest known file is about 35 MB (the vocabulary of a multilingual model). */
  public static final long LARGEST = 256L << 20;

  private static final String USUAL_NAME = "tokenizer.json";

  private static final Map<String, String> OTHER_FORMATS =
      Map.of(
          "vocab.txt", "a WordPiece vocabulary",
          "spiece.model", "a SentencePiece model",
          "tokenizer.model", "a SentencePiece model",
          "sentencepiece.bpe.model", "a SentencePiece model",
          "spm.model", "a SentencePiece model",
          "vocab.json", "a BPE vocabulary");

  public TokenizerFiles {
    searched = List.copyOf(searched);
    others = List.copyOf(others);
  }

  /** Looks for the tokenizer of a model. */
  public static TokenizerFiles of(ModelFiles model) throws ModelException {
    Set<String> searched = new LinkedHashSet<>();
    List<String> others = new ArrayList<>();
    FilePlace place = model.place();
    for (int level = 0; level < 2 && place != null; level++) {
      for (String name : namesFor(model.file())) {
        searched.add(place.path(name));
        Optional<byte[]> bytes = place.read(name, LARGEST);
        if (bytes.isPresent()) {
          return new TokenizerFiles(bytes.get(), place.path(name), List.of(), List.of());
        }
      }
      for (var other : new TreeMap<>(OTHER_FORMATS).entrySet()) {
        if (place.has(other.getKey())) {
          others.add(describe(place.path(other.getKey()), other.getValue()));
        }
      }
      place = place.above().orElse(null);
    }
    if (model.place() instanceof ZipFolder zip) {
      List<String> all =
          zip.entries().stream().filter(entry -> entry.endsWith(USUAL_NAME)).toList();
      if (all.size() == 1) {
        ZipFolder root = new ZipFolder(zip.zip(), "", zip.entries());
        byte[] bytes = root.read(all.getFirst(), LARGEST).orElseThrow();
        return new TokenizerFiles(bytes, root.path(all.getFirst()), List.of(), List.of());
      }
    }
    return new TokenizerFiles(null, "", List.copyOf(searched), others);
  }

  /** {@code X-tokenizer.json} of {@code X.onnx}, then tokenizer.json. */
  private static List<String> namesFor(String model) {
    int dot = model.lastIndexOf('.');
    String stem = dot > 0 ? model.substring(0, dot) : model;
    return List.of(
        stem + "-" + USUAL_NAME, stem + "_" + USUAL_NAME, stem + "." + USUAL_NAME, USUAL_NAME);
  }

  /** Returns what a file of another format is; empty if its name does not tell. */
  public static Optional<String> otherFormat(String name) {
    return Optional.ofNullable(OTHER_FORMATS.get(name.toLowerCase(Locale.ROOT)));
  }

  /** Returns what a file of another format is and what to do with it, as a sentence. */
  public static String describe(String name, String format) {
    return "'"
        + name
        + "' is "
        + format
        + ", not a tokenizer.json: convert it with"
        + " AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of Python's transformers";
  }
}
