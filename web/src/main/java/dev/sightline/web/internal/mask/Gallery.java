package dev.sightline.web.internal.mask;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Masks of known models. */
final class Gallery {
  /**
   * One mask.
   *
   * @param name what it is called
   * @param mask the text form
   * @param queries the number of queries it is shown with, where the mask names none
   * @param text two sentences
   * @param source where the rule is from
   */
  record Entry(String name, String mask, OptionalInt queries, String text, String source) {}

  static final List<Entry> ENTRIES =
      List.of(
          of(
              "pi0",
              "pi0(images=12, language=6, actions=8)",
              "Images and language see each other, the state token sees them, and the actions see"
                  + " all and each other. The prefix never sees state or actions, so its keys and"
                  + " values can be cached.",
              "openpi: embed_prefix, embed_suffix, make_attn_mask"),
          of(
              "pi0.5 with a subtask",
              "pi05-subtask(images=12, language=6, subtask=5, actions=8)",
              "The model first writes a subtask, token after token, behind the prompt. The actions"
                  + " see the prompt and each other, but not the subtask tokens.",
              "pi0.5 paper; openpi's blocks, and a rule that keeps actions from the subtask"),
          new Entry(
              "GR00T N1.5, text layer",
              "groot-alternate(future=8, actions=8;"
                  + " image=000011111111111100000000; real=111111111111111111110000; sees=text)",
              OptionalInt.of(17),
              "Cross-attention layers of the action head take turns: this one sees the text tokens"
                  + " of the vision-language model, the next one the image tokens. Neither sees the"
                  + " padding.",
              "Isaac-GR00T: AlternateVLDiT"),
          new Entry(
              "Gemma 3, local layer",
              "causal & window(1023,0)",
              OptionalInt.of(4096),
              "Five of six layers see the last 1,024 tokens alone, the query included. The sixth"
                  + " layer is plainly causal.",
              "Gemma 3 report; transformers: sliding_window = 1024"),
          new Entry(
              "Llama 4, chunked layer",
              "causal & chunk(8192)",
              OptionalInt.of(32768),
              "A query sees the earlier tokens of its own chunk of 8,192 tokens. Every fourth layer"
                  + " sees all earlier tokens, without positions.",
              "Llama 4: attention_chunk_size = 8192, NoPE layers"),
          new Entry(
              "PaliGemma",
              "prefix(264)",
              OptionalInt.of(300),
              "The 256 image tokens and the prompt see each other in both directions. The answer"
                  + " that follows is causal.",
              "PaliGemma report: prefix-LM masking"),
          of(
              "Packed documents",
              "causal & documents(300,120,512,92)",
              "Several documents share a row of a training batch. A token sees the earlier tokens"
                  + " of its own document, and nothing of its neighbours.",
              "FlashAttention: flash_attn_varlen_func, cu_seqlens"),
          of(
              "Tree of drafts",
              "tree(-1,0,1,1,2,2,3,3,4,4,5,6)",
              "Speculative decoding checks several drafts in one pass, as a tree. A token sees"
                  + " itself and its ancestors, and no other branch.",
              "SpecInfer, Medusa: tree attention"),
          new Entry(
              "BERT with padding",
              "key-padding(9,12,5)",
              OptionalInt.of(12),
              "An encoder sees in both directions, but no padding: here three texts of 9, 12 and 5"
                  + " tokens are a batch. Choose the batch row beside the sizes.",
              "BERT; attention_mask of transformers"),
          of(
              "Image inside a causal text",
              "causal | islands(0,0,0,1,1,1,1,1,1,0,0,0,2,2,2,2,0,0)",
              "Text is causal, and the tokens of one picture see each other in both directions."
                  + " Later text sees the picture.",
              "Gemma 3 and Qwen-VL style multimodal decoders"));

  private Gallery() {}

  private static Entry of(String name, String mask, String text, String source) {
    return new Entry(name, mask, OptionalInt.empty(), text, source);
  }

  static Map<String, Object> json() {
    return Map.of("entries", ENTRIES.stream().map(Gallery::json).toList());
  }

  private static Map<String, Object> json(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", entry.name());
    json.put("mask", entry.mask());
    entry.queries().ifPresent(queries -> json.put("q", queries));
    json.put("text", entry.text());
    json.put("source", entry.source());
    return json;
  }
}
