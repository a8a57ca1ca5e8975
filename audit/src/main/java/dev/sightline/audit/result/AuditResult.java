package dev.sightline.audit.result;

import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.TensorSpec;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * All that an audit found, as plain values: nothing in it is open or needs closing.
 *
 * @param model what was audited
 * @param conditions what it was audited with
 * @param conclusion the whole in short
 * @param findings by stream of tokens and probe
 * @param noiseFloor what changes although nothing that matters did; null if it was not measured
 * @param batchRule how further texts of the model in a batch are judged
 * @param attention the model's attentions and how the mask reaches them
 * @param paddingMass attention on padding for each layer and head, on the side of the texts where
 *     there is more of it; null if it could not be read
 * @param unmaskedWeight mean share of attention that padding after a text gets under a mask of
 *     ones, over layers and heads, 0..1; empty if it could not be read
 * @param paddingNorms how long padding's vectors are where attentions read them
 * @param picture the attention over one short text; null if it could not be read
 * @param conformance what was declared against what the model does; null if nothing was declared
 * @param mask the masks that the model implements; null if they could not be read
 * @param trial what the mask is worth on these samples; null if that was not asked for
 * @param counterfactual what becomes of the failed findings with the mask that the model should
 *     have; null if none failed that a mask could be the reason of
 */
public record AuditResult(
    ModelFacts model,
    Conditions conditions,
    Conclusion conclusion,
    List<Finding> findings,
    @Nullable NoiseFloor noiseFloor,
    BatchRule batchRule,
    AttentionSites attention,
    @Nullable PaddingMass paddingMass,
    OptionalDouble unmaskedWeight,
    List<PaddingNorms> paddingNorms,
    @Nullable AttentionPicture picture,
    @Nullable Conformance conformance,
    @Nullable ModelMask mask,
    @Nullable MaskTrial trial,
    @Nullable Counterfactual counterfactual) {
  /** Copies the lists. */
  public AuditResult {
    findings = List.copyOf(findings);
    paddingNorms = List.copyOf(paddingNorms);
  }

  /**
   * What was audited.
   *
   * @param name the catalog's name or the file
   * @param producer the exporter that wrote it
   * @param opset version of the standard operators
   * @param fileBytes size of the model file, bytes
   * @param sha256 of the model file and its external weights, in hexadecimal digits
   * @param quantizesDynamically whether it quantises tensors at run time by their largest value
   * @param inputs as declared
   * @param outputs as declared
   * @param compared names of the outputs that were compared
   */
  public record ModelFacts(
      String name,
      String producer,
      long opset,
      long fileBytes,
      String sha256,
      boolean quantizesDynamically,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      List<String> compared) {
    /** Copies the lists. */
    public ModelFacts {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      compared = List.copyOf(compared);
    }
  }

  /**
   * What it was audited with.
   *
   * @param origin where the texts are from
   * @param texts how many texts
   * @param probed how many of them, the first ones, went through all probes; the others were only
   *     compared alone against in a batch
   * @param tokens how many real tokens in them, special tokens included
   * @param longest the longest text, tokens
   * @param shortest the shortest text, tokens
   * @param notes what was left out or cut, and why, for a person; at most 20 and then a count
   * @param seed of the random token ids
   * @param runtime the runtime and its version
   * @param finished when the audit ended
   * @param seconds how long the audit took
   * @param forwardPassSeconds how long one plain inference of the same texts takes; empty if none
   *     was timed
   */
  public record Conditions(
      SampleOrigin origin,
      long texts,
      long probed,
      long tokens,
      int longest,
      int shortest,
      List<String> notes,
      long seed,
      String runtime,
      Instant finished,
      double seconds,
      OptionalDouble forwardPassSeconds) {
    /** Copies the list. */
    public Conditions {
      notes = List.copyOf(notes);
    }
  }

  /**
   * The whole in short.
   *
   * @param outcome the worst verdict that matters
   * @param summary what all findings mean together
   */
  public record Conclusion(Outcome outcome, Summary summary) {}

  /**
   * What changes in this model, in this session, when the text stays and only full-length
   * neighbours without any padding come and go: each text runs alone and beside 3 to 32 others of
   * the same length.
   *
   * @param difference the largest absolute difference of an output value
   * @param compared how many pairs of tokens were compared, at least 1
   */
  public record NoiseFloor(double difference, long compared) {}

  /**
   * {@return the same with the trial of the mask}
   *
   * @param trial what the mask is worth on these samples
   */
  public AuditResult with(MaskTrial trial) {
    return of(model, conditions, trial);
  }

  /**
   * {@return the same with other conditions}
   *
   * @param others such as the number of texts where some were compared by other processes
   */
  public AuditResult with(Conditions others) {
    return of(model, others, trial);
  }

  /**
   * {@return the same of a model that has another name now}
   *
   * @param name the name, such as the file that it was moved to
   */
  public AuditResult named(String name) {
    ModelFacts named =
        new ModelFacts(
            name,
            model.producer(),
            model.opset(),
            model.fileBytes(),
            model.sha256(),
            model.quantizesDynamically(),
            model.inputs(),
            model.outputs(),
            model.compared());
    return of(named, conditions, trial);
  }

  private AuditResult of(ModelFacts model, Conditions conditions, @Nullable MaskTrial trial) {
    return new AuditResult(
        model,
        conditions,
        conclusion,
        findings,
        noiseFloor,
        batchRule,
        attention,
        paddingMass,
        unmaskedWeight,
        paddingNorms,
        picture,
        conformance,
        mask,
        trial,
        counterfactual);
  }

  /** {@return what is wrong, one for each cause; empty if nothing failed} */
  public List<Fault> faults() {
    return Fault.of(findings, counterfactual == null ? List.of() : counterfactual.cured());
  }

  /**
   * {@return the first finding of a probe}
   *
   * @param probe the probe
   */
  public Finding finding(Probe probe) {
    return findings.stream()
        .filter(f -> f.probe() == probe)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no finding for " + probe.id()));
  }
}
