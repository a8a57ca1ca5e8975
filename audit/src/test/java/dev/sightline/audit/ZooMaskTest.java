package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The masks of the zoo are those that its builder writes, and its bugs are read as what they are.
 */
class ZooMaskTest {
  /** The bodies of an If have no attention that can be read. */
  private static boolean isRead(ZooModel model) {
    return model.architecture() != Architecture.IF_BRANCH
        && model.architecture() != Architecture.IF_CONSTANT;
  }

  static Stream<ZooModel> correct() {
    return Zoo.correct().filter(ZooMaskTest::isRead);
  }

  @ParameterizedTest
  @MethodSource("correct")
  void aRightModel_hasTheMaskOfItsAuthor(ZooModel model) throws ModelException {
    assertThat(read(model)).isEqualTo(all(model, ofArchitecture(model.architecture())));
  }

  static Stream<ZooModel> bugs() {
    // These are no faults of a mask, or listed one by one below.
    return Stream.concat(Zoo.bugs(), Zoo.harmless())
        .filter(ZooMaskTest::isRead)
        .filter(model -> model.architecture() != Architecture.ENCODER_DECODER)
        .filter(model -> model.architecture() != Architecture.CROSS_FEATURES);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void aBug_isReadAsWhatItIs(ZooModel model) throws ModelException {
    String right = ofArchitecture(model.architecture());
    String unpadded = right.replace(" & padding", "").replace("padding", "full");
    String expected = withBug(model, right, bare(unpadded));
    if (expected.isEmpty()) {
      assertThat(read(model)).contains("cells that no short expression gives");
    } else {
      assertThat(read(model)).isEqualTo(expected);
    }
  }

  /** Empty if no expression gives it. */
  private static String withBug(ZooModel model, String right, String unpadded) {
    return switch (model.bug()) {
      case MASK_CUT_ALL, MASK_SHAPE_ONLY, WEAK_FILL_5, WEAK_FILL_10 -> all(model, unpadded);
      case MASK_CUT_LAYER -> "layers 0, 2: " + right + "; layer 1: " + unpadded;
      case MASK_INVERTED ->
          all(model, model.architecture().causal() ? "causal - key-padding" : "!key-padding");
      case MASK_QUERY_AXIS ->
          all(model, model.architecture().causal() ? "causal & query-padding" : "query-padding");
      case LENGTHS_INSTEAD_OF_MASK ->
          all(model, (model.architecture().causal() ? "causal & " : "") + "key-padding(by-length)");
      case CAUSAL_MISSING_LAYER -> "layers 0, 2: " + right + "; layer 1: padding";
      case CAUSAL_MISSING_HEAD ->
          "layers 0, 2: " + right + "; layer 1: heads 0-1, 3: " + right + ", head 2: padding";
      case CAUSAL_OFF_BY_ONE ->
          all(
              model,
              switch (model.architecture()) {
                case WINDOW -> "window(2,1) & padding";
                case PREFIX_LM -> "(window(inf,1) | islands(token-types)) & padding";
                default -> "causal(offset=1) & padding";
              });
      case WRONG_STRIDE -> "";
      case SWAPPED_AXES ->
          "layers 0, 2: "
              + right
              + "; layer 1: not read (its number of heads changes with the length, so its axes"
              + " are not tokens)";
      default -> all(model, right);
    };
  }

  static Stream<ZooModel> cross() {
    return Zoo.bugs()
        .filter(model -> model.architecture() == Architecture.ENCODER_DECODER)
        .filter(model ->
            model.bug() == Bug.ENCODER_MASK_IGNORED
                || model.bug() == Bug.ENCODER_MASK_IGNORED_LAYER);
  }

  @ParameterizedTest
  @MethodSource("cross")
  void aCrossAttentionThatIgnoresTheEncodersMask_isFull(ZooModel model) throws ModelException {
    String cross =
        model.bug() == Bug.ENCODER_MASK_IGNORED
            ? "layers 3, 5 (cross): full"
            : "layer 3 (cross): key-padding; layer 5 (cross): full";
    assertThat(read(model)).isEqualTo("layers 0-1: padding; layers 2, 4: causal; " + cross);
  }

  private static String bare(String mask) {
    boolean wrapped = mask.startsWith("(") && mask.endsWith(")");
    return wrapped ? mask.substring(1, mask.length() - 1) : mask;
  }

  private static String ofArchitecture(Architecture architecture) {
    return switch (architecture) {
      case WINDOW -> "causal & window(2,0) & padding";
      case PREFIX_LM -> "(causal | islands(token-types)) & padding";
      // The operator takes lengths, so it is right where the padding is on the right.
      case GROUP_QUERY -> "causal & key-padding(by-length)";
      case VISION, SEQ_IMAGE -> "full";
      default -> architecture.causal() ? "causal & padding" : "padding";
    };
  }

  private static String all(ZooModel model, String mask) {
    return switch (model.architecture()) {
      case ENCODER_DECODER ->
          "layers 0-1: padding; layers 2, 4: causal; layers 3, 5 (cross): key-padding";
      case CROSS_FEATURES -> "layers 0, 2: full; layers 1, 3 (cross): key-padding";
      case GROUP_QUERY -> "layers 0-2: " + (model.bug() == Bug.NONE ? mask : "causal");
      default -> "layers 0-" + (model.attentions() - 1) + ": " + mask;
    };
  }

  private static String read(ZooModel model) throws ModelException {
    return ImplementedMask.of(Model.parse(model.bytes(), model.name())).toString();
  }
}
