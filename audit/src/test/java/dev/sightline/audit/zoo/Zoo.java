package dev.sightline.audit.zoo;

import static dev.sightline.audit.zoo.Architecture.ATTENTION_OP;
import static dev.sightline.audit.zoo.Architecture.CROSS_FEATURES;
import static dev.sightline.audit.zoo.Architecture.DECODER;
import static dev.sightline.audit.zoo.Architecture.DECODER_NO_POSITIONS;
import static dev.sightline.audit.zoo.Architecture.DECODER_OPT;
import static dev.sightline.audit.zoo.Architecture.DECODER_PAST;
import static dev.sightline.audit.zoo.Architecture.DECODER_RELATIVE;
import static dev.sightline.audit.zoo.Architecture.DECODER_ROTARY;
import static dev.sightline.audit.zoo.Architecture.ENCODER;
import static dev.sightline.audit.zoo.Architecture.ENCODER_DECODER;
import static dev.sightline.audit.zoo.Architecture.ENCODER_ROBERTA;
import static dev.sightline.audit.zoo.Architecture.FP16;
import static dev.sightline.audit.zoo.Architecture.GQA;
import static dev.sightline.audit.zoo.Architecture.GROUP_QUERY;
import static dev.sightline.audit.zoo.Architecture.IF_BRANCH;
import static dev.sightline.audit.zoo.Architecture.IF_CONSTANT;
import static dev.sightline.audit.zoo.Architecture.MS_ATTENTION;
import static dev.sightline.audit.zoo.Architecture.MULTI_HEAD;
import static dev.sightline.audit.zoo.Architecture.PREFIX_LM;
import static dev.sightline.audit.zoo.Architecture.QUANTISED;
import static dev.sightline.audit.zoo.Architecture.RELATIVE;
import static dev.sightline.audit.zoo.Architecture.SEQ_IMAGE;
import static dev.sightline.audit.zoo.Architecture.SINKS;
import static dev.sightline.audit.zoo.Architecture.THREE_D;
import static dev.sightline.audit.zoo.Architecture.VISION;
import static dev.sightline.audit.zoo.Architecture.WINDOW;
import static dev.sightline.audit.zoo.Bug.BATCH_LEAK;
import static dev.sightline.audit.zoo.Bug.CAUSAL_MISSING_HEAD;
import static dev.sightline.audit.zoo.Bug.CAUSAL_MISSING_LAYER;
import static dev.sightline.audit.zoo.Bug.CAUSAL_OFF_BY_ONE;
import static dev.sightline.audit.zoo.Bug.ENCODER_MASK_IGNORED;
import static dev.sightline.audit.zoo.Bug.ENCODER_MASK_IGNORED_LAYER;
import static dev.sightline.audit.zoo.Bug.LEAK_OUTSIDE;
import static dev.sightline.audit.zoo.Bug.LENGTHS_INSTEAD_OF_MASK;
import static dev.sightline.audit.zoo.Bug.MASK_CUT_ALL;
import static dev.sightline.audit.zoo.Bug.MASK_CUT_LAYER;
import static dev.sightline.audit.zoo.Bug.MASK_INVERTED;
import static dev.sightline.audit.zoo.Bug.MASK_QUERY_AXIS;
import static dev.sightline.audit.zoo.Bug.MASK_SHAPE_ONLY;
import static dev.sightline.audit.zoo.Bug.NAN_ROW;
import static dev.sightline.audit.zoo.Bug.NONE;
import static dev.sightline.audit.zoo.Bug.PAD_ID_IS_REAL;
import static dev.sightline.audit.zoo.Bug.POOL_DIVIDED_BY_L;
import static dev.sightline.audit.zoo.Bug.POOL_FIRST_POSITION;
import static dev.sightline.audit.zoo.Bug.POOL_LAST_POSITION;
import static dev.sightline.audit.zoo.Bug.POOL_MEAN_ALL_POSITIONS;
import static dev.sightline.audit.zoo.Bug.POOL_SUM_MINUS_ONE;
import static dev.sightline.audit.zoo.Bug.POSITIONS_IGNORED;
import static dev.sightline.audit.zoo.Bug.SWAPPED_AXES;
import static dev.sightline.audit.zoo.Bug.WEAK_FILL_10;
import static dev.sightline.audit.zoo.Bug.WEAK_FILL_5;
import static dev.sightline.audit.zoo.Bug.WRONG_STRIDE;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Small transformers as ONNX files: right ones, and copies with one bug each. All have four heads
 * and random weights so sharp that a wrong mask shows; right ones obey their mask exactly.
 */
public final class Zoo {
  private Zoo() {}

  /** Every architecture without a bug, and right poolings. */
  public static Stream<ZooModel> correct() {
    return Stream.concat(
        Arrays.stream(Architecture.values()).map(a -> ZooModel.of(a, NONE)),
        Stream.of(
            pooled(ENCODER, Pooling.MEAN),
            pooled(RELATIVE, Pooling.MEAN),
            pooled(RELATIVE, Pooling.FIRST_REAL),
            pooled(DECODER, Pooling.LAST_REAL),
            pooled(FP16, Pooling.MEAN)));
  }

  /** Models that must be found out. */
  public static Stream<ZooModel> bugs() {
    return Stream.of(
            each(ENCODER, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(ENCODER, MASK_QUERY_AXIS, WEAK_FILL_5, WEAK_FILL_10, LENGTHS_INSTEAD_OF_MASK),
            each(ENCODER, NAN_ROW, PAD_ID_IS_REAL, WRONG_STRIDE, LEAK_OUTSIDE, BATCH_LEAK),
            each(ENCODER, SWAPPED_AXES),
            each(ENCODER, POOL_LAST_POSITION, POOL_MEAN_ALL_POSITIONS, POOL_DIVIDED_BY_L),
            each(ENCODER_ROBERTA, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WEAK_FILL_5),
            each(ENCODER_ROBERTA, LENGTHS_INSTEAD_OF_MASK),
            each(ENCODER_ROBERTA, MASK_SHAPE_ONLY, MASK_QUERY_AXIS),
            each(DECODER_OPT, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(DECODER_OPT, MASK_QUERY_AXIS, WEAK_FILL_5, CAUSAL_MISSING_LAYER),
            each(DECODER_ROTARY, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_QUERY_AXIS),
            each(DECODER_ROTARY, WEAK_FILL_5, CAUSAL_MISSING_HEAD, LEAK_OUTSIDE),
            each(DECODER_RELATIVE, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY),
            each(DECODER_RELATIVE, MASK_QUERY_AXIS, WEAK_FILL_5, CAUSAL_MISSING_LAYER),
            each(GQA, MASK_SHAPE_ONLY, MASK_QUERY_AXIS),
            each(DECODER, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(DECODER, MASK_QUERY_AXIS, WEAK_FILL_5, WEAK_FILL_10, LENGTHS_INSTEAD_OF_MASK),
            each(DECODER, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(DECODER, NAN_ROW, PAD_ID_IS_REAL, WRONG_STRIDE, LEAK_OUTSIDE, BATCH_LEAK),
            each(DECODER, SWAPPED_AXES),
            each(DECODER, POOL_LAST_POSITION, POOL_SUM_MINUS_ONE, POSITIONS_IGNORED),
            each(DECODER_NO_POSITIONS, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD),
            each(DECODER_NO_POSITIONS, CAUSAL_OFF_BY_ONE),
            each(DECODER_PAST, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WEAK_FILL_5),
            each(DECODER_PAST, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(DECODER_PAST, POSITIONS_IGNORED),
            each(GQA, MASK_CUT_ALL, MASK_CUT_LAYER, WEAK_FILL_5, LENGTHS_INSTEAD_OF_MASK),
            each(GQA, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(WINDOW, MASK_CUT_ALL, MASK_CUT_LAYER),
            each(WINDOW, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(PREFIX_LM, MASK_CUT_ALL, MASK_CUT_LAYER),
            each(PREFIX_LM, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(ENCODER_DECODER, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WEAK_FILL_5),
            each(ENCODER_DECODER, ENCODER_MASK_IGNORED, ENCODER_MASK_IGNORED_LAYER, LEAK_OUTSIDE),
            each(ENCODER_DECODER, CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE),
            each(RELATIVE, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, NAN_ROW),
            each(RELATIVE, LENGTHS_INSTEAD_OF_MASK, LEAK_OUTSIDE),
            each(RELATIVE, POOL_LAST_POSITION),
            each(ATTENTION_OP, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(ATTENTION_OP, LENGTHS_INSTEAD_OF_MASK, PAD_ID_IS_REAL, WRONG_STRIDE),
            each(MULTI_HEAD, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(MULTI_HEAD, LENGTHS_INSTEAD_OF_MASK, PAD_ID_IS_REAL, WRONG_STRIDE),
            each(MS_ATTENTION, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_SHAPE_ONLY, MASK_INVERTED),
            each(MS_ATTENTION, LENGTHS_INSTEAD_OF_MASK, PAD_ID_IS_REAL, WRONG_STRIDE),
            each(QUANTISED, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED),
            each(FP16, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WEAK_FILL_5, NAN_ROW),
            each(SINKS, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WEAK_FILL_5),
            each(THREE_D, MASK_CUT_ALL, MASK_CUT_LAYER, MASK_INVERTED, WRONG_STRIDE),
            each(IF_BRANCH, MASK_CUT_ALL, MASK_CUT_LAYER),
            each(IF_CONSTANT, MASK_CUT_ALL, MASK_CUT_LAYER),
            each(CROSS_FEATURES, ENCODER_MASK_IGNORED, ENCODER_MASK_IGNORED_LAYER),
            each(CROSS_FEATURES, MASK_INVERTED, WEAK_FILL_5))
        .flatMap(models -> models);
  }

  /**
   * Models that look wrong and must not be flagged: right ones with odd habits, and ones whose bug
   * does no harm under the only padding that they take, which deserves a word at most.
   */
  public static Stream<ZooModel> tricky() {
    return Stream.concat(
        List.of(
                ENCODER_ROBERTA,
                DECODER_NO_POSITIONS,
                WINDOW,
                PREFIX_LM,
                RELATIVE,
                GROUP_QUERY,
                QUANTISED,
                SINKS,
                VISION,
                SEQ_IMAGE)
            .stream()
            .map(a -> ZooModel.of(a, NONE)),
        harmless());
  }

  /**
   * Of {@link #tricky()}, those whose bug shows under left padding only, which they do not take.
   */
  public static Stream<ZooModel> harmless() {
    return Stream.of(
            each(DECODER_NO_POSITIONS, MASK_CUT_ALL, MASK_SHAPE_ONLY, POOL_SUM_MINUS_ONE),
            each(GROUP_QUERY, MASK_SHAPE_ONLY),
            each(RELATIVE, POOL_FIRST_POSITION, POOL_SUM_MINUS_ONE),
            each(ENCODER, POOL_FIRST_POSITION, POOL_SUM_MINUS_ONE))
        .flatMap(models -> models);
  }

  /** Any model, listed or not. */
  public static ZooModel model(Architecture architecture, Bug bug) {
    return ZooModel.of(architecture, bug);
  }

  /** A right model with a pooled output. */
  public static ZooModel pooled(Architecture architecture, Pooling pooling) {
    return new ZooModel(architecture, NONE, pooling);
  }

  private static Stream<ZooModel> each(Architecture architecture, Bug... bugs) {
    return Arrays.stream(bugs).map(bug -> ZooModel.of(architecture, bug));
  }
}
