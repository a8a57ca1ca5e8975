package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The forms of other systems that are text: what can be copied, and what it means there. */
public enum MaskForm {
  NUMPY(
      "numpy",
      "NumPy",
      "True means may attend. A boolean array, [Lq, Lk], or [B, H, Lq, Lk] where batch rows or"
          + " heads differ."),
  TORCH(
      "torch",
      "PyTorch boolean",
      "True means may attend, as in scaled_dot_product_attention. In nn.MultiheadAttention and in"
          + " key_padding_mask it is the other way: pass ~mask there."),
  TORCH_ADDITIVE(
      "torch-additive",
      "PyTorch additive",
      "0 means may attend, -inf never. A row of -inf alone gives NaN in softmax."),
  FLEX_MOD(
      "flex-mod",
      "FlexAttention mask_mod",
      "mask_mod returns True where a query may attend to a key."),
  FLEX(
      "flex",
      "FlexAttention blocks",
      "kv_indices lists the key blocks with some allowed pairs, full_kv_indices those where all are"
          + " allowed; blocks in neither are skipped. Partial blocks need the mask_mod too."),
  HUGGING_FACE(
      "huggingface",
      "Hugging Face",
      "The function returns True where a query may attend to a key; give it to transformers as"
          + " and_mask_function or or_mask_function."),
  ONNX(
      "onnx",
      "ONNX Attention",
      "Attributes and inputs of the ONNX operator Attention (opset 23 to 25). In attn_mask 1 means"
          + " may attend; nonpad_kv_seqlen counts real keys."),
  ONNX_NODES(
      "onnx-nodes",
      "ONNX nodes",
      "A model that computes the mask for any batch and lengths. True in its output means may"
          + " attend."),
  LENGTHS("lengths", "Lengths", "The number of real tokens of each batch row."),
  CU_SEQLENS(
      "cu-seqlens",
      "cu_seqlens",
      "Cumulative lengths of packed documents, as FlashAttention's varlen functions take them:"
          + " tokens of one document attend to each other."),
  FLASHMASK(
      "flashmask",
      "FlashMask",
      "startend_row_indices of PaddlePaddle's FlashMask: for each key, the rows that are masked"
          + " out; what is not listed may attend."),
  JAVA("java", "Java", "allowed(...) is true where a query may attend to a key.");

  private final String id;
  private final String title;
  private final String polarity;

  MaskForm(String id, String title, String polarity) {
    this.id = id;
    this.title = title;
    this.polarity = polarity;
  }

  /** The name after {@code --to}. */
  public String id() {
    return id;
  }

  /** The name that people read. */
  public String title() {
    return title;
  }

  /** What the values of the form mean. */
  public String polarity() {
    return polarity;
  }

  /** The form of a name. */
  public static Optional<MaskForm> find(String id) {
    return Stream.of(values()).filter(form -> form.id.equals(id)).findFirst();
  }

  /** All names, and others, for a message: "a, b or c". */
  public static String names(String... others) {
    List<String> names =
        Stream.concat(Arrays.stream(others), Stream.of(values()).map(MaskForm::id)).toList();
    return names.subList(0, names.size() - 1).stream().collect(Collectors.joining(", "))
        + " or "
        + names.get(names.size() - 1);
  }

  /**
   * The mask in this form.
   *
   * @param mask the mask and its sizes
   * @param block the block size of {@link #FLEX}
   * @throws IllegalArgumentException if the form cannot hold it; the message says why
   */
  public String text(BoundMask mask, int block) {
    return switch (this) {
      case NUMPY -> new PythonMask(mask).numpy();
      case TORCH -> new PythonMask(mask).torch();
      case TORCH_ADDITIVE -> new PythonMask(mask).additive();
      case FLEX_MOD -> new PythonMask(mask).maskMod();
      case HUGGING_FACE -> new PythonMask(mask).huggingFace();
      case FLEX -> MaskJson.flex(mask, block);
      case ONNX -> MaskJson.onnx(mask);
      case LENGTHS -> MaskJson.lengths(mask);
      case CU_SEQLENS -> MaskJson.cuSeqlens(mask);
      case FLASHMASK -> MaskJson.flashMask(mask);
      case ONNX_NODES -> OnnxNodes.python(mask);
      case JAVA -> JavaMask.of(mask);
    };
  }
}
