package dev.sightline.audit;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.cache.CacheObservations;
import dev.sightline.audit.internal.cache.CacheProbe;
import dev.sightline.audit.internal.probe.Batches;
import dev.sightline.audit.internal.probe.RowCheck;
import dev.sightline.audit.internal.probe.RunOutputs;
import dev.sightline.audit.internal.probe.Runner;
import dev.sightline.audit.internal.probe.SessionOpening;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of an audit: gives the batches to all probes, and their observations to the judges. */
final class AuditRun {
  /** Why rows were passed over, in the message that none is left. */
  private static final int MOST_REASONS = 3;

  private final Model model;
  private final ModelInputs inputs;
  private final AuditSettings options;
  private final LongConsumer progress;
  private final Collection<String> sampleNotes;
  private final @Nullable DeclaredMask declared;

  private final Notes notes = new Notes();
  private final SampleCounts counts = new SampleCounts();
  private boolean isFirst = true;
  private String whyNotInside = "";

  /**
   * A run that has not begun.
   *
   * @param progress told the number of samples done, batch by batch
   * @param furtherNotes read when the run ends
   */
  AuditRun(
      Model model,
      AuditSettings options,
      @Nullable DeclaredMask declared,
      LongConsumer progress,
      Collection<String> furtherNotes) {
    this.model = model;
    this.inputs = model.roles();
    this.options = options;
    this.declared = declared;
    this.progress = progress;
    this.sampleNotes = furtherNotes;
  }

  /** Adds a remark for the result's conditions: what was left out or cut, and why. */
  void note(String note) {
    notes.add(note);
  }

  /**
   * Runs all probes over all samples.
   *
   * @throws ModelException if the model cannot run them, or there is none
   * @throws IOException if the source cannot be read
   */
  AuditResult run(SampleSource source) throws IOException {
    long started = System.nanoTime();
    for (TokenStream stream : inputs.streams()) {
      if (stream.paddingIsOne() && stream.mask() != null) {
        notes.add("'" + stream.mask().name() + "' is 1 at padding and 0 at real tokens");
      }
    }
    Iterator<Sample> samples = source.samples().iterator();
    List<Sample> ahead = readAhead(samples);
    Batches batches = new Batches(joined(ahead, samples), model, options.padId());
    List<Sample> first = batches.next(options.mostProbed());
    if (first.isEmpty()) {
      throw new ModelException(
          "there is no text to audit with; expected at least one"
              + sampleNotes.stream()
                  .limit(MOST_REASONS)
                  .map(note -> "; " + note)
                  .collect(Collectors.joining()));
    }
    ModelMask mask = null;
    Conformance conformance = null;
    if (declared != null) { // it can fail to fit, and has sessions of its own
      mask = mask(first);
      conformance = conformance(declared, ahead, mask);
    }
    try (Sessions sessions = Sessions.open(model)) {
      if (declared == null) {
        mask = mask(first);
      }
      RandomTokens draws = options.randomTokens(model);
      ModelSession plain = sessions.plain().session();
      Batch baseline = batches.baseline(first);
      Pooling pooling = options.pooling().orElse(Pooling.MEAN);
      RowCheck rows = RowCheck.of(model, plain, baseline, draws, pooling, options.padId());
      RowCheck.Together together = rows.oneRow() ? null : rows.together();
      if (rows.oneRow()) {
        batches.oneRow(first);
        first = batches.next(1);
        baseline = batches.baseline(first);
      }
      Runner runner =
          together != null
              ? together.runner()
              : Runner.of(model, plain, baseline, pooling, rows.oneRow());
      ModelProbes probes =
          new ModelProbes(
              model, runner, draws, rows, options.padId(), notes, sessions.singleNodes());
      CacheObservations cache =
          CacheProbe.run(
              model,
              plain,
              runner.outputs(),
              first,
              new CacheProbe.Settings(
                  options.padId(),
                  options.sides().map(asked -> asked == Sides.RIGHT).orElse(false),
                  options.seed()));
      TappedModel inside = lookInside(sessions.tapped(), runner, first, batches);
      Batch known = baseline;
      for (List<Sample> batch = first; !batch.isEmpty(); batch = nextOrEnd(batches)) {
        feed(batch, known, batches, probes, inside);
        known = null;
        progress.accept(batch.getLast().number());
      }
      sampleNotes.forEach(notes::add);
      return new ResultBuilder(model, options, source.origin(), notes, counts, started)
          .build(probes, inside, whyNotInside, cache, conformance, mask);
    }
  }

  /** Null if no attention can be read; {@code whyNotInside} then says why. */
  private @Nullable TappedModel lookInside(
      SessionOpening<ModelSession> opening, Runner runner, List<Sample> first, Batches batches) {
    try {
      Batch shown = batches.baseline(Pictures.shortened(inputs, first));
      return TappedModel.at(model, opening.session(), runner, shown);
    } catch (ModelException e) {
      whyNotInside = String.valueOf(e.getMessage());
      return null;
    }
  }

  /**
   * A batch that the model refuses is passed over, unless it is the first: the others count.
   *
   * @param known the padded batch, if it was made before
   */
  private void feed(
      List<Sample> batch,
      @Nullable Batch known,
      Batches batches,
      ModelProbes probes,
      @Nullable TappedModel inside)
      throws ModelException {
    boolean all = counts.samples() < options.mostProbed();
    counts.add(batch);
    try {
      Batch baseline = known != null ? known : batches.baseline(batch);
      if (all) {
        probe(baseline, probes, inside);
        counts.allProbed();
      } else {
        probes.compareAlone(baseline);
      }
    } catch (ModelException e) {
      if (isFirst) {
        throw e;
      }
      notes.add(
          "texts "
              + batch.getFirst().number()
              + " to "
              + batch.getLast().number()
              + " were passed over: "
              + e.getMessage());
    }
  }

  private void probe(Batch baseline, ModelProbes probes, @Nullable TappedModel inside)
      throws ModelException {
    RunOutputs base = probes.probe(baseline);
    if (inside != null) {
      inside.probe(base, leftPadded(base.batch()));
    }
    isFirst = false;
  }

  private Batch leftPadded(Batch batch) {
    Batch left = batch;
    for (int stream : inputs.maskedStreams()) {
      if (inputs.streams().get(stream).lengths() != null) {
        continue; // they count from the start of a row
      }
      left = left.withPadding(stream, Padding.LEFT, batch.width(stream));
    }
    return left;
  }

  /** A source that breaks ends the audit; what was observed before it is kept. */
  private List<Sample> nextOrEnd(Batches batches) {
    try {
      long left = options.mostProbed() - counts.samples();
      return batches.next(left > 0 ? left : Integer.MAX_VALUE);
    } catch (IOException e) {
      notes.add("the audit ended after text " + counts.samples() + ": " + e.getMessage());
      return List.of();
    }
  }

  /** The samples that a declared mask is compared with; none if nothing is declared. */
  private List<Sample> readAhead(Iterator<Sample> source) throws IOException {
    List<Sample> ahead = new ArrayList<>();
    try {
      while (declared != null && ahead.size() < DeclaredMask.MAX_SAMPLES && source.hasNext()) {
        ahead.add(source.next());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return ahead;
  }

  private static Iterator<Sample> joined(List<Sample> ahead, Iterator<Sample> rest) {
    Iterator<Sample> first = ahead.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return first.hasNext() || rest.hasNext();
      }

      @Override
      public Sample next() {
        return first.hasNext() ? first.next() : rest.next();
      }
    };
  }

  /** The masks that the model implements; null if they could not be read, which a note says. */
  private @Nullable ModelMask mask(List<Sample> samples) {
    if (model.attention().found().isEmpty()) {
      return null;
    }
    try {
      return ImplementedMask.of(model, options.randomTokens(model), options.padId(), 0).result();
    } catch (ModelException e) {
      try {
        return ImplementedMask.of(model, samples, options.padId()).result();
      } catch (ModelException again) {
        notes.add("the mask was not read back: " + again.getMessage());
        return null;
      }
    }
  }

  private Conformance conformance(
      DeclaredMask expected, List<Sample> samples, @Nullable ModelMask mask) throws ModelException {
    Conformance conformance = expected.compare(model, options, samples, mask);
    conformance.notes().forEach(notes::add);
    return conformance;
  }
}
