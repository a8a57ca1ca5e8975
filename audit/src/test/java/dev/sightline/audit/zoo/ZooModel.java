package dev.sightline.audit.zoo;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One model of the zoo and what is known about it.
 *
 * @param bug what is wrong with it, or {@link Bug#NONE}
 * @param pooling how {@code sentence_embedding [B, D]} is made; without pooling there is none
 */
public record ZooModel(Architecture architecture, Bug bug, Pooling pooling) {
  static ZooModel of(Architecture architecture, Bug bug) {
    return new ZooModel(architecture, bug, bug.pooling());
  }

  /** Such as {@code encoder/mask-cut-layer} or {@code decoder+last-real}. */
  public String name() {
    StringBuilder name = new StringBuilder(lower(architecture));
    if (bug != Bug.NONE) {
      name.append('/').append(lower(bug));
    } else if (pooling != Pooling.NONE) {
      name.append('+').append(lower(pooling));
    }
    return name.toString();
  }

  /** The model as an ONNX file, the same at every call. */
  public byte[] bytes() {
    return switch (architecture) {
      case ENCODER_DECODER -> EncoderDecoder.build(bug);
      case VISION -> FeatureModels.vision();
      case SEQ_IMAGE -> FeatureModels.lineOfText();
      case CROSS_FEATURES -> FeatureModels.crossFeatures(bug);
      default -> TokenModel.build(architecture, bug, pooling);
    };
  }

  /** Layers of each stack. An encoder-decoder has two stacks. */
  public int layers() {
    return switch (architecture) {
      case ENCODER_DECODER -> EncoderDecoder.LAYERS;
      case VISION, SEQ_IMAGE, CROSS_FEATURES -> FeatureModels.LAYERS;
      default -> TokenModel.LAYERS;
    };
  }

  /** Attentions in all, one for each layer of self-attention or of cross-attention. */
  public int attentions() {
    return switch (architecture) {
      case ENCODER_DECODER -> 3 * layers();
      case CROSS_FEATURES, IF_BRANCH, IF_CONSTANT -> 2 * layers();
      default -> layers();
    };
  }

  public int heads() {
    return Products.HEADS;
  }

  /** Ids are below this; 0 is padding. */
  public int vocabulary() {
    return TokenModel.VOCABULARY;
  }

  public boolean correct() {
    return bug == Bug.NONE;
  }

  /** By which its bug is sure to show, or null for none; others may show it too. */
  public @Nullable Symptom symptom() {
    boolean seesPaddingBeforeOnly =
        architecture.causal() && architecture != Architecture.ENCODER_DECODER;
    return switch (bug) {
      case NONE -> null;
      case MASK_CUT_ALL,
          MASK_CUT_LAYER,
          MASK_SHAPE_ONLY,
          MASK_QUERY_AXIS,
          WEAK_FILL_5,
          WEAK_FILL_10,
          PAD_ID_IS_REAL ->
          seesPaddingBeforeOnly ? Symptom.PADDING_BEFORE : Symptom.PADDING_AFTER;
      case LENGTHS_INSTEAD_OF_MASK ->
          architecture.ignoresPaddingBefore() ? Symptom.PADDING_BEFORE : Symptom.SIDE;
      case POOL_SUM_MINUS_ONE, POOL_FIRST_POSITION -> Symptom.PADDING_BEFORE;
      case MASK_INVERTED,
          WRONG_STRIDE,
          LEAK_OUTSIDE,
          ENCODER_MASK_IGNORED,
          ENCODER_MASK_IGNORED_LAYER,
          POOL_LAST_POSITION,
          POOL_MEAN_ALL_POSITIONS ->
          Symptom.PADDING_AFTER;
      case POOL_DIVIDED_BY_L -> Symptom.WIDTH;
      case CAUSAL_MISSING_LAYER, CAUSAL_MISSING_HEAD, CAUSAL_OFF_BY_ONE -> Symptom.FUTURE;
      case POSITIONS_IGNORED -> Symptom.SIDE;
      case NAN_ROW -> Symptom.NOT_FINITE;
      case BATCH_LEAK, SWAPPED_AXES -> Symptom.NEIGHBOUR;
      case ONE_ROW -> null;
    };
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return name();
  }
}
