package dev.sightline.heads.internal.run;

import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.GivenInputs;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Makes samples of rows that give a value for every input of a model. Owned by one thread. */
final class GivenRows {
  private final Model model;
  private final @Nullable Tokenizer tokenizer;
  private final TokenAggregation aggregation;

  /**
   * A maker of samples.
   *
   * @param tokenizer knows special tokens; null if there is none
   */
  GivenRows(Model model, @Nullable Tokenizer tokenizer, TokenAggregation aggregation) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.aggregation = aggregation;
  }

  /** Returns what rows must have, for the message about those that do not. */
  String expected() throws ModelException {
    return InputFields.of(model).map(InputFields::expected).orElse("");
  }

  Taken sample(Row.Inputs row) throws ModelException {
    String name = RowEncoder.name(row, row.id());
    Sample sample;
    try {
      sample = GivenInputs.sample(model, row.line(), name, row.values());
    } catch (IllegalArgumentException e) {
      return new Taken.Passed(
          name, "its inputs do not fit each other", String.valueOf(e.getMessage()));
    }
    List<Tokens> streams = new ArrayList<>();
    for (int s = 0; s < sample.streams().size(); s++) {
      TokenStream stream = model.roles().streams().get(s);
      Tokens tokens = sample.streams().get(s);
      int width = sample.placements().get(s).orElseThrow().width();
      if (width == 0) {
        return new Taken.Passed(name, "its '" + stream + "' is empty", "");
      }
      OptionalInt most = model.maxTokens(stream);
      if (most.isPresent() && width > most.getAsInt()) {
        return new Taken.Passed(
            name,
            "its '" + stream + "' is longer than the model takes",
            width + " of " + most.getAsInt() + " tokens");
      }
      if (tokens instanceof TokenizedText text) {
        OptionalInt unknown = SampleEncoder.firstUnknown(model, stream, text);
        if (unknown.isPresent()) {
          return new Taken.Passed(
              name,
              "its '" + stream + "' has an id that the model does not know",
              Long.toString(text.id(unknown.getAsInt())));
        }
        streams.add(tokenizer == null ? text : tokenizer.withSpecial(text));
      } else {
        streams.add(tokens);
      }
    }
    if (aggregation == TokenAggregation.SPAN) {
      return new Taken.Passed(name, "a row of inputs has no span", "");
    }
    int tokens = streams.stream().mapToInt(Tokens::length).sum();
    if (tokens == 0 && !streams.isEmpty()) {
      return new Taken.Passed(name, "it has no real token", "");
    }
    int read = Math.max(1, tokens);
    return new Taken.Usable(
        new HeadSample(
            row.id(),
            name,
            new Sample(row.line(), name, streams, sample.placements(), sample.others()),
            new HeadSample.Given(row.values(), aggregation),
            new TokenChoice.Read(aggregation == TokenAggregation.LAST ? read - 1 : 0, read),
            row.weight(),
            List.of()));
  }
}
