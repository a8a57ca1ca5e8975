package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.MaskedGraph.Masking;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.MaskComparison;
import dev.sightline.audit.result.MaskComparison.Relation;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks that are written into a graph are read back from it. */
class ImplementedMaskTest {
  private static final double FILL = -3.4028234663852886e38;

  private static final Masking CAUSAL = (g, s) -> g.hide(s, FILL, g.causal(), g.isReal());

  @ParameterizedTest
  @ValueSource(doubles = {-100, -1e4, -1e9, FILL, Double.NEGATIVE_INFINITY})
  void aFillOfEverySize_forbids(double fill) throws ModelException {
    Model chosen = MaskedGraph.of((g, s) -> g.hide(s, fill, g.causal(), g.isReal()));
    Model added =
        MaskedGraph.of((g, s) -> {
          String allowed = g.node("And", g.causal(), g.isReal());
          String bias = g.node("Where", allowed, g.scalar(0), g.scalar(fill));
          return g.node("Add", s, bias);
        });
    assertThat(ImplementedMask.of(chosen)).hasToString("layer 0: causal & padding");
    assertThat(ImplementedMask.of(added)).hasToString("layer 0: causal & padding");
  }

  @Test
  void aFillThatIsTooWeak_forbidsNothing_andIsNamed() throws ModelException {
    Model weak =
        MaskedGraph.of(
            (g, s) -> g.node("Add", s, g.node("Where", g.isReal(), g.scalar(0), g.scalar(-20))));
    ModelMask mask = ImplementedMask.of(weak).result();
    assertThat(MaskText.line(mask)).isEqualTo("layer 0: full");
    assertThat(mask.notes())
        .containsExactly(
            "layer 0 adds -20.00 to the scores of padded keys, which does not forbid them");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 20, 46})
  void windows_haveTheirSize_layerByLayer(int left) throws ModelException {
    Model gemma =
        MaskedGraph.of(
            (g, s) -> g.hide(s, FILL, g.causal(), g.window(left), g.isReal()),
            (g, s) -> g.hide(s, FILL, g.causal(), g.window(left), g.isReal()),
            CAUSAL);
    ImplementedMask mask = ImplementedMask.of(gemma);
    assertThat(mask)
        .hasToString(
            "layers 0-1: causal & window(%d,0) & padding; layer 2: causal & padding"
                .formatted(left));
    assertThat(mask.layer(1))
        .isEqualTo(Mask.parse("causal & window(%d,0) & padding".formatted(left)));
  }

  @Test
  void aWindowLongerThanTheSamples_isSeenInLongerOnes() throws ModelException {
    Model wide = MaskedGraph.of((g, s) -> g.hide(s, FILL, g.causal(), g.window(60), g.isReal()));
    ModelMask at48 = ImplementedMask.of(wide).result();
    assertThat(MaskText.line(at48)).isEqualTo("layer 0: causal & padding");
    assertThat(MaskText.ties(at48)).contains("48").contains("--length");
    assertThat(ImplementedMask.of(wide, 96))
        .hasToString("layer 0: causal & window(60,0) & padding");
  }

  @Test
  void chunks_areCountedFromTheRowsStart_orByPositionIds() throws ModelException {
    Model rows = MaskedGraph.of((g, s) -> g.hide(s, FILL, g.causal(), g.chunk(8), g.isReal()));
    Model positions =
        MaskedGraph.of((g, s) -> {
          String chunks = g.node("Div", g.positions(), g.longScalar(8));
          String same = g.node("Equal", g.byQuery(chunks), g.byKey(chunks));
          return g.hide(s, FILL, g.causal(), same, g.isReal());
        });
    assertThat(ImplementedMask.of(rows)).hasToString("layer 0: causal & chunk(8) & padding");
    assertThat(ImplementedMask.of(positions))
        .hasToString("layer 0: causal & chunk(8; positions) & padding");
  }

  @Test
  void aPrefixByTokenTypes_isOne() throws ModelException {
    Model paligemma =
        MaskedGraph.of((g, s) -> {
          String prefix = g.node("Equal", g.byKey(g.types()), g.longScalar(0));
          return g.hide(s, FILL, g.node("Or", g.causal(), prefix), g.isReal());
        });
    assertThat(ImplementedMask.of(paligemma))
        .hasToString("layer 0: prefix(token-types=0) & padding");
  }

  @Test
  void packedDocuments_areThoseOfThePositions() throws ModelException {
    Model packed =
        MaskedGraph.of((g, s) -> {
          String begins =
              g.cast(g.node("Equal", g.positions(), g.longScalar(0)), ElementType.INT64);
          String documents = g.node("CumSum", begins, g.longScalar(1));
          String same = g.node("Equal", g.byQuery(documents), g.byKey(documents));
          return g.hide(s, FILL, g.causal(), same, g.isReal());
        });
    assertThat(ImplementedMask.of(packed))
        .hasToString("layer 0: causal & documents(positions) & padding");
  }

  @Test
  void headsWithMasksOfTheirOwn_areNamed() throws ModelException {
    Model heads =
        MaskedGraph.of((g, s) -> {
          String far = g.reshape(g.range(g.longScalar(MaskedGraph.HEADS)), 1, -1, 1, 1);
          String wide = g.node("Equal", far, g.longScalar(1));
          String near = g.node("Or", g.window(2), wide);
          return g.hide(s, FILL, g.causal(), near, g.isReal());
        });
    ImplementedMask mask = ImplementedMask.of(heads);
    assertThat(mask)
        .hasToString("layer 0: head 0: causal & window(2,0) & padding, head 1: causal & padding");
    assertThat(mask.layer(0))
        .isEqualTo(Mask.parse("per-head(causal & window(2,0) & padding; causal & padding)"));
  }

  @Test
  void biasesAndCaps_areNoMask() throws ModelException {
    Masking alibi =
        (g, s) -> {
          String distance = g.node("Sub", g.query(g.rowPositions()), g.key(g.rowPositions()));
          String slope = g.node("Mul", g.cast(distance, ElementType.FLOAT32), g.scalar(-8));
          return g.hide(g.node("Add", s, slope), FILL, g.causal(), g.isReal());
        };
    Masking capped =
        (g, s) -> {
          String cap = g.node("Tanh", g.node("Div", s, g.scalar(30)));
          return g.hide(g.node("Mul", cap, g.scalar(30)), FILL, g.causal(), g.isReal());
        };
    assertThat(ImplementedMask.of(MaskedGraph.of(alibi, capped)))
        .hasToString("layers 0-1: causal & padding");
  }

  @Test
  void whatIsForbiddenAfterTheSoftmax_isForbidden() throws ModelException {
    Model multiplied =
        MaskedGraph.weighted(
            (g, p) -> g.node("Mul", p, g.cast(g.causal(), ElementType.FLOAT32)),
            (g, s) -> g.hide(s, FILL, g.isReal()));
    assertThat(ImplementedMask.of(multiplied)).hasToString("layer 0: causal & padding");
  }

  @Test
  void masks_areComparedCellByCell() throws ModelException {
    ImplementedMask three =
        ImplementedMask.of(
            MaskedGraph.of((g, s) -> g.hide(s, FILL, g.causal(), g.window(3), g.isReal())));
    ImplementedMask four =
        ImplementedMask.of(
            MaskedGraph.of((g, s) -> g.hide(s, FILL, g.causal(), g.window(4), g.isReal())));

    assertThat(three.against(Expectation.parse("window(3,0)")).isEqual()).isTrue();
    assertThat(three.against(Expectation.parse("causal & padding")).layers())
        .singleElement()
        .satisfies(layer -> {
          assertThat(layer.relation()).isEqualTo(Relation.NARROWER);
          assertThat(layer.wider()).isZero();
          assertThat(layer.narrower()).isPositive();
        });
    MaskComparison wider = four.against(three);
    assertThat(wider.layers().getFirst().relation()).isEqualTo(Relation.WIDER);
    assertThat(wider.layers().getFirst().cells().getFirst())
        .isEqualTo(new MaskComparison.DifferentCell(4, 0, 5, 5, true));
    assertThat(three.against(Expectation.parse("window(2,1)")).layers().getFirst().relation())
        .isEqualTo(Relation.OTHER);
    assertThat(three.against(three).isEqual()).isTrue();
    assertThatThrownBy(() -> three.against(Expectation.parse("padding(5,3)")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("padding(5,3)");
  }

  @Test
  void aLayerThatThereIsNot_isRefused() throws ModelException {
    ImplementedMask mask = ImplementedMask.of(MaskedGraph.of(CAUSAL));
    assertThatThrownBy(() -> mask.layer(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no attention 1; the model has 1");
  }
}
