package dev.sightline.attention.onnx;

import dev.sightline.attention.AttentionShape;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of an ONNX Attention node's inputs, checked against each other.
 *
 * @param attention the sizes; the past is part of the keys
 * @param past the number of keys in the past
 * @param threeAxes whether Q, K and V have three axes
 * @param nonpad the number of real keys of each batch row; empty if it is not given
 */
record InputShapes(AttentionShape attention, int past, boolean threeAxes, List<Integer> nonpad) {
  InputShapes {
    nonpad = List.copyOf(nonpad);
  }

  static InputShapes of(AttentionInputs in, AttentionAttributes attributes) {
    floats("Q", in.q());
    floats("K", in.k());
    floats("V", in.v());
    sameType("K", in.k(), "Q", in.q());
    int rank = in.q().shape().rank();
    if (rank != in.k().shape().rank()
        || rank != in.v().shape().rank()
        || (rank != 3 && rank != 4)) {
      throw new IllegalArgumentException(
          "Q, K and V must have three axes or four, all the same, but are "
              + three(in)
              + "; expected [B, L, H * D] or [B, H, L, D]");
    }
    Shape q = four("Q", in.q(), attributes.queryHeads(), "q_num_heads");
    Shape k = four("K", in.k(), attributes.keyHeads(), "kv_num_heads");
    Shape v = four("V", in.v(), attributes.keyHeads(), "kv_num_heads");
    if (k.dim(0) != q.dim(0) || v.dim(0) != q.dim(0)) {
      throw new IllegalArgumentException("Q, K and V differ in the batch: " + three(in));
    }
    if (k.dim(3) != q.dim(3)) {
      throw new IllegalArgumentException(
          "Q and K differ in the head size, " + q.dim(3) + " and " + k.dim(3) + ": " + three(in));
    }
    if (v.dim(1) != k.dim(1) || v.dim(2) != k.dim(2)) {
      throw new IllegalArgumentException(
          "K and V differ in heads or length, " + k + " and " + v + " as [B, H, L, D]");
    }
    int past = past(in, k, v);
    long keys = (long) past + k.dim(2);
    if (keys > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "past_key and K have " + keys + " keys together; at most 2^31 - 1 are supported");
    }
    AttentionShape attention =
        new AttentionShape(q.dim(0), q.dim(1), k.dim(1), q.dim(2), (int) keys, q.dim(3), v.dim(3));
    return new InputShapes(attention, past, rank == 3, nonpad(in, q.dim(0), (int) keys));
  }

  private static String three(AttentionInputs in) {
    return in.q().shape() + ", " + in.k().shape() + " and " + in.v().shape();
  }

  private static void floats(String name, RawTensor x) {
    switch (x.type()) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> {}
      default ->
          throw new IllegalArgumentException(
              name + " is " + x + "; expected float16, bfloat16, float32 or float64");
    }
  }

  private static void sameType(String name, RawTensor x, String otherName, RawTensor other) {
    if (x.type() != other.type()) {
      throw new IllegalArgumentException(
          name
              + " is "
              + x.type()
              + ", but "
              + otherName
              + " is "
              + other.type()
              + "; they must have one type");
    }
  }

  /** The shape as {@code [B, H, L, D]}. */
  private static Shape four(String name, RawTensor x, int heads, String attribute) {
    Shape s = x.shape();
    if (s.rank() == 4) {
      if (heads != 0 && heads != s.dim(1)) {
        throw new IllegalArgumentException(
            name + " has shape " + s + ", but " + attribute + " is " + heads);
      }
      return s;
    }
    if (heads == 0) {
      throw new IllegalArgumentException(
          name + " has three axes, " + s + ", and " + attribute + ", which they need, is not set");
    }
    if (s.dim(2) % heads != 0) {
      throw new IllegalArgumentException(
          "the last axis of "
              + name
              + " "
              + s
              + " must be a multiple of "
              + attribute
              + ", but that is "
              + heads);
    }
    return Shape.of(s.dim(0), heads, s.dim(1), s.dim(2) / heads);
  }

  private static int past(AttentionInputs in, Shape k, Shape v) {
    RawTensor pastKey = in.pastKey();
    RawTensor pastValue = in.pastValue();
    if (pastKey == null && pastValue == null) {
      return 0;
    }
    if (pastKey == null || pastValue == null) {
      throw new IllegalArgumentException(
          "past_key and past_value go together, but only "
              + (pastKey == null ? "past_value" : "past_key")
              + " is given");
    }
    if (in.nonpadKvSeqlen() != null) {
      throw new IllegalArgumentException(
          "nonpad_kv_seqlen says how much of a whole cache is real, and a past is a cache of its"
              + " own: expected one of them");
    }
    sameType("past_key", pastKey, "K", in.k());
    sameType("past_value", pastValue, "V", in.v());
    checkPast("past_key", pastKey, k);
    checkPast("past_value", pastValue, v);
    if (pastKey.shape().dim(2) != pastValue.shape().dim(2)) {
      throw new IllegalArgumentException(
          "past_key and past_value differ in length: "
              + pastKey.shape()
              + " and "
              + pastValue.shape());
    }
    return pastKey.shape().dim(2);
  }

  private static void checkPast(String name, RawTensor past, Shape now) {
    Shape s = past.shape();
    if (s.rank() != 4
        || s.dim(0) != now.dim(0)
        || s.dim(1) != now.dim(1)
        || s.dim(3) != now.dim(3)) {
      throw new IllegalArgumentException(
          name
              + " has shape "
              + s
              + "; expected ["
              + now.dim(0)
              + ", "
              + now.dim(1)
              + ", past length, "
              + now.dim(3)
              + "]");
    }
  }

  private static List<Integer> nonpad(AttentionInputs in, int batch, int keys) {
    RawTensor tensor = in.nonpadKvSeqlen();
    if (tensor == null) {
      return List.of();
    }
    if ((tensor.type() != ElementType.INT64 && tensor.type() != ElementType.INT32)
        || !tensor.shape().equals(Shape.of(batch))) {
      throw new IllegalArgumentException(
          "nonpad_kv_seqlen is " + tensor + "; expected int64 [" + batch + "], one for each row");
    }
    List<Integer> nonpad = new ArrayList<>();
    for (long length : tensor.toLongs()) {
      if (length < 0 || length > keys) {
        throw new IllegalArgumentException(
            "nonpad_kv_seqlen holds "
                + length
                + "; expected 0 to "
                + keys
                + ", the keys there are");
      }
      nonpad.add((int) length);
    }
    return nonpad;
  }
}
