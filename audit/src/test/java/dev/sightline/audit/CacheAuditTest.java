package dev.sightline.audit;

import static dev.sightline.audit.zoo.KindAudit.failures;
import static dev.sightline.audit.zoo.KindAudit.words;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.CacheZoo;
import dev.sightline.audit.zoo.CachedModel;
import dev.sightline.audit.zoo.CachedModel.Fault;
import dev.sightline.audit.zoo.CachedModel.Kind;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooDocs;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoders with a cache of every layout are run in steps, right ones and ones with a fault. */
@TestInstance(Lifecycle.PER_CLASS)
class CacheAuditTest {
  private final Map<CachedModel, AuditResult> audited = new HashMap<>();

  static Stream<CachedModel> correct() {
    return CacheZoo.correct();
  }

  static Stream<CachedModel> faults() {
    return CacheZoo.faults();
  }

  @ParameterizedTest
  @MethodSource("correct")
  void rightCache_isNotAccused(CachedModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result)).as(words(result)).isEmpty();
    assertThat(result.finding(Probe.CACHE).verdict().outcome())
        .as(words(result))
        .isIn(Outcome.PASS, Outcome.ROUNDING);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultOfSteps_isFound_onceAndByTheCache(CachedModel model) throws IOException {
    AuditResult result = audit(model);

    assertThat(failures(result))
        .extracting(Finding::probe)
        .as(words(result))
        .containsExactly(Probe.CACHE);
    Fail fail = (Fail) result.finding(Probe.CACHE).verdict();
    boolean ofMask = model.fault().name().contains("MASK");
    assertThat(VerdictText.of(Probe.CACHE, fail)).contains(ofMask ? "mask over the past" : "step");
    if (model.fault() == Fault.MASK_ONLY_AT_PREFILL_LAYER) {
      assertThat(fail.leak())
          .isNotNull()
          .extracting(leak -> leak.layer())
          .isEqualTo(OptionalInt.of(1));
    }
  }

  /** One fault is told once: where it shows without a cache, the cache is its consequence. */
  @ParameterizedTest
  @EnumSource(
      value = Bug.class,
      names = {"MASK_CUT_ALL", "MASK_CUT_LAYER", "WEAK_FILL_5", "CAUSAL_MISSING_LAYER"})
  void faultWithoutCache_isNotToldAgainOfSteps(Bug bug) throws IOException {
    ZooModel zoo = Zoo.model(Architecture.DECODER_PAST, bug);
    AuditResult result = audit(Model.parse(zoo.bytes(), zoo.name()));

    assertThat(failures(result)).as(words(result)).isNotEmpty();
    Finding steps = result.finding(Probe.CACHE);
    assertThat(steps.verdict().outcome()).as(words(result)).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(VerdictText.of(steps)).contains("the fault that shows without a cache");
  }

  @Test
  void stepsThatCannotRun_areSaidAtTheTop_andNobodyIsToldToBatch() throws IOException {
    CachedModel model = new CachedModel(Kind.HEADS_FIRST, Fault.STEPS_REFUSED);
    AuditResult result = audit(model);

    assertThat(result.finding(Probe.CACHE).verdict().outcome()).isEqualTo(Outcome.NO_DATA);
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(Answer.of(result).headline()).contains("steps with a cache were not tried");
    assertThat(Answer.of(result).fix())
        .contains("compare steps with a cache")
        .doesNotContainIgnoringCase("batch");
  }

  @Test
  void shiftByPaddingInTheCache_isSaid() throws IOException {
    AuditResult result = audit(new CachedModel(Kind.CACHE_POSITIONS, Fault.NONE));

    assertThat(VerdictText.of(result.finding(Probe.CACHE))).contains("shifts the positions");
    assertThat(Answer.of(result).fix()).contains("steps with a cache on texts of one");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"HEADS_FIRST", "TOKENS_OUTERMOST", "STACKED", "TRANSPOSED"})
  void cacheOfAFile_isFedAsItIs(Kind kind) throws IOException {
    Model model = Model.parse(new CachedModel(kind, Fault.NONE).bytes(), "given");
    int rows = 2;
    int past = 3;
    int width = 5;
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    tensors.put("input_ids", longs(rows, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    tensors.put("attention_mask", longs(rows, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0));
    for (TensorSpec input : model.roles().others()) {
      int[] dims = new int[input.dims().size()];
      for (int a = 0; a < dims.length; a++) {
        String name = input.dims().get(a);
        dims[a] =
            input
                .fixed(a)
                .orElse(name.contains("head") ? 4 * rows : name.contains("past") ? past : rows);
      }
      float[] values = new float[Shape.of(dims).size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = i / 100f;
      }
      tensors.put(
          input.name(),
          RawTensor.ofFloats(FloatTensor.of(Shape.of(dims), values), ElementType.FLOAT32));
    }
    List<Sample> samples = SampleFile.of(model, tensors, new RandomTokens(model, 0, 1)).samples();

    Map<String, RawTensor> feed = Batch.of(model.roles(), samples, 0).feed();

    assertThat(feed.get("attention_mask")).isNotNull();
    assertThat(requireNonNull(feed.get("attention_mask")).shape())
        .isEqualTo(Shape.of(rows, past + width));
    assertThat(requireNonNull(feed.get("attention_mask")).toLongs())
        .containsExactly(requireNonNull(tensors.get("attention_mask")).toLongs());
    // Two and three cached tokens are real.
    assertThat(requireNonNull(feed.get("position_ids")).toLongs())
        .containsExactly(2, 3, 4, 5, 6, 3, 4, 5, 6, 6);
    for (TensorSpec input : model.roles().others()) {
      RawTensor given = requireNonNull(tensors.get(input.name()));
      RawTensor fed = requireNonNull(feed.get(input.name()));
      assertThat(fed.shape()).isEqualTo(given.shape());
      assertThat(fed.toFloats().data()).containsExactly(given.toFloats().data());
    }
    AuditResult result = Audit.of(model).padId(0).samples(samples).run();
    assertThat(failures(result)).as(words(result)).isEmpty();
    assertThat(result.finding(Probe.CACHE).verdict().outcome()).isEqualTo(Outcome.PASS);
  }

  private static RawTensor longs(int rows, long... values) {
    return RawTensor.of(
        ElementType.INT64, Shape.of(rows, values.length / rows), TensorBytes.of(values));
  }

  @Test
  void table_isTheOneInTheDocs() throws IOException {
    StringBuilder table = new StringBuilder();
    table.append(
        """
        ## Steps with a cache

        Made and checked by `CacheAuditTest`: decoders that are run in steps, with the keys and values of the tokens
        before, in every layout of a cache that exporters write. Each fault shows in steps alone, and is found by the
        probe `cache` alone.

        | fault | models | found |
        | --- | --- | --- |
        """);
    for (Fault fault : Fault.values()) {
      List<CachedModel> models = faults().filter(model -> model.fault() == fault).toList();
      if (!models.isEmpty()) {
        int found = 0;
        for (CachedModel model : models) {
          found += failures(audit(model)).isEmpty() ? 0 : 1;
        }
        table.append("| %s | %d | %d |%n".formatted(written(fault), models.size(), found));
      }
    }
    table.append("\n| right model | cache | what is said besides |\n| --- | --- | --- |\n");
    for (CachedModel model : correct().toList()) {
      AuditResult result = audit(model);
      table.append(
          "| %s | %s | %s |%n"
              .formatted(
                  written(model.kind()),
                  // How 8 bits round is a matter of the machine's arithmetic.
                  model.kind() == Kind.QUANTISED
                      ? "PASS or ROUNDING"
                      : result.finding(Probe.CACHE).verdict().outcome(),
                  ZooAuditTest.besides(result)));
    }
    ZooDocs.requireSections(ZooDocs.STEPS, ZooDocs.REPAIRS, table.toString());
  }

  private static String written(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private AuditResult audit(CachedModel cached) throws IOException {
    AuditResult known = audited.get(cached);
    if (known == null) {
      known = audit(Model.parse(cached.bytes(), cached.name()));
      audited.put(cached, known);
    }
    return known;
  }

  private static AuditResult audit(Model model) throws IOException {
    return Audit.of(model).padId(0).samples(new RandomTokens(model, 0, 1).samples(4)).run();
  }
}
